/// A result that is wanted, and how far that is.
struct Want: Sendable {
    enum Aim: Sendable {
        /// It is to prove how the task ended.
        case proof
        /// The task has failed, and this is what it wrote.
        case failure
        /// The task has not ended, and this is what it wrote until now.
        case part
    }

    enum Way: Sendable {
        case log
        /// From the node itself: the log did not prove it.
        case node
    }

    enum Step: Equatable, Sendable {
        case wanted
        /// Its request is underway; so its container was shown when that was made.
        case underway(LogRequest, Mark?)
        /// Its log is here; at this time it is to be looked at whether it is ready still, with the same container.
        case shown(Mark?, at: Seconds)
        case looking(Mark?)
    }

    let pod: PodID
    var log: LogSource
    var aim: Aim
    let since: Seconds
    var way = Way.log
    var step = Step.wanted
    /// How many answers came without its seal.
    var unsealed = 0
    /// Its request was made before the task had ended.
    var isStale = false
    /// When it is to be looked at; at once where that is over.
    var lookDue: Seconds {
        if case .shown(_, let time) = step { time } else { -.infinity }
    }
}

/// What came of a result.
enum Result: Equatable, Sendable {
    /// All of it is here; with its proof, where it is sealed.
    case whole(Proof?)
    /// What is here goes as far as the log did, and proves nothing.
    case part
    /// It is here as its seal says, and the task wrote more than was kept.
    case cut(Proof)
    case lost(String)

    var isHere: Bool {
        if case .lost = self { false } else { true }
    }

    var proof: Proof? {
        switch self {
        case .whole(let proof): proof
        case .cut(let proof): proof
        case .part, .lost: nil
        }
    }

    /// Why it is not the node's whole result; nil where it is.
    var flaw: String? {
        switch self {
        case .whole: nil
        case .part: "its seal did not come"
        case .cut(let proof): "only \(proof.bytes) of \(proof.written) bytes of it were kept on the node"
        case .lost(let why): why
        }
    }
}
