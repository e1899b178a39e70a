/// How a run ended.
public enum Verdict: Equatable, Sendable {
    /// Every node is done, and its result is here.
    case done
    /// A node failed, was not reached, or its result is lost.
    case failed
    /// The cluster refused, can't be reached, or has no node that is meant.
    case refused
    case timedOut
    /// A signal stopped it.
    case stopped(Int32)

    /// The exit status of the program.
    public var exitStatus: Int32 {
        switch self {
        case .done: 0
        case .failed: 1
        case .refused: 3
        case .timedOut: 124
        case .stopped(let signal): 128 + signal
        }
    }

    public var isStopped: Bool {
        if case .stopped = self { true } else { false }
    }

    /// A word for programs.
    public var name: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .refused: "refused"
        case .timedOut: "timed-out"
        case .stopped: "stopped"
        }
    }

    /// - Parameter name: the word; nil for what is none, or for what ended since a signal came.
    init?(named name: String?) {
        let nameable: [Verdict] = [.done, .failed, .refused, .timedOut]
        guard let verdict = nameable.first(where: { $0.name == name }) else { return nil }
        self = verdict
    }
}
