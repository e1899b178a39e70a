/// What came of a result.
enum Result: Equatable, Sendable {
    /// All of it is here; with its proof, where it is sealed.
    case whole(Proof?)
    /// All is here of a log without a seal that begins long after its container was started: if kubelet rotated it,
    /// what came before is missing.
    case late
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
        case .late, .part, .lost: nil
        }
    }

    /// Why it is not the node's whole result; nil where it is.
    var flaw: String? {
        switch self {
        case .whole, .late: nil
        case .part: "its seal did not come"
        case .cut(let proof): "only \(proof.bytes) of \(proof.written) bytes of it were kept on the node"
        case .lost(let why): why
        }
    }
}
