/// What is known of a node.
struct Node {
    /// The pod that counts.
    let pod: String
    let podUID: String
    /// When it was made, as Kubernetes writes it.
    let created: String?
    /// How many containers of the task were seen to have ended before the one that is there, or that comes next.
    var ends = 0
    /// The task was seen to have started in this pod.
    var hadStarted = false
    /// The pod has not started, as far as the cluster said last.
    var isPending = false
    /// The last list of those that have not started did not hold it.
    var isMissed = false
    /// The cluster turned the pod down.
    var isRejected = false
    /// It failed because its time was up: its task had not ended.
    var isCutOff = false

    var state: NodeState
    /// Why it waits, as its pod says, or why it failed.
    var reason: Reason?
    /// What the cluster warned of, where its pod does not say why it waits.
    var warning: Reason?
    var exitCode: Int?
    /// When it was done or failed.
    var ended: Seconds?
    var log = LogState.none
    /// When the log was asked for first.
    var logWanted: Seconds?

    init(_ pod: Pod, _ state: NodeState = .waiting) {
        self.pod = pod.metadata.name
        podUID = pod.metadata.uid
        created = pod.metadata.creationTimestamp
        self.state = state
    }

    /// Whether nothing changes it any more.
    var isFinal: Bool { state == .done || state == .failed }

    /// Whether the next pod counts.
    var isReplaceable: Bool { state == .gone || isRejected }

    /// Why it is not done.
    var whyNot: Reason? { state == .unreachable ? Reason("the node is not ready") : reason }
}

/// What a node is.
public enum NodeState: String, Sendable, CaseIterable {
    /// It waits for its turn.
    case queued
    /// Its task has not ended.
    case waiting
    /// It is not ready, and its task has not ended.
    case unreachable
    /// Its pod was deleted before its task was done.
    case gone
    case done
    case failed
    /// It is done, but its result is lost.
    case unfetched
}

/// Where the log of a node's task is.
enum LogState: Equatable {
    /// Nobody wants it.
    case none
    /// It is to be fetched, at this time at the earliest.
    case wanted(LogSource, from: Seconds)
    case underway
    case here
    case lost(String)
}

/// What became of a node, for the summary.
public struct NodeSummary: Equatable, Sendable {
    public let node: String
    public let state: NodeState
    public let exitCode: Int?
    public let reason: String
    /// When it was done or failed, in seconds since the run began; nil where it did not end.
    public let seconds: Int?
    /// Its log is here, but its task had not ended when it was fetched.
    public let partial: Bool

    public init(
        node: String, state: NodeState, exitCode: Int? = nil, reason: String = "", seconds: Int? = nil,
        partial: Bool = false
    ) {
        self.node = node
        self.state = state
        self.exitCode = exitCode
        self.reason = reason
        self.seconds = seconds
        self.partial = partial
    }
}
