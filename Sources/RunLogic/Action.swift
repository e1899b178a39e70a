/// What a run wants done.
public enum Action: Equatable, Sendable {
    /// Fetch these logs. Bring `Event.fetched` for each request as soon as it has ended, for several together or one by
    /// one, and one `Event.fetchEnded` with all of them when none is underway any more. The run asks for other nodes'
    /// meanwhile, and for the same node's not before its request has ended.
    case fetch([LogRequest])
    /// Take these results from the nodes themselves, which the logs did not prove: as `fetch`, with the same events.
    /// The requests' `source` says nothing here.
    case collect([LogRequest])
    /// Let these pods start, and bring one `Event.released`.
    case release([PodID])
    /// Delete these pods, and bring one `Event.deleted`.
    case delete([PodID])
    /// Ask for the pods that have not started, and bring one `Event.pendingListed`.
    case askForPending
    /// Ask which nodes are not ready.
    case askAboutNodes
    /// Ask how many nodes have what the DaemonSet selects.
    case countMatchingNodes
    /// Ask for the warnings about the DaemonSet and its pods.
    case askForWarnings
    /// The results of these nodes, by name, are here: the nodes are done. Comes once for each.
    case results([String])
    /// Say this to the user.
    case tell(String)
    /// Say to the user that something failed.
    case tellFailure(String)
    /// Show how far the run is.
    case progress(Progress)
    /// The run is over: nothing else counts any more.
    case end(Verdict)
}

/// The log of a node's task.
public struct LogRequest: Equatable, Sendable {
    public let node: String
    public let pod: String
    public let podUID: String
    public let source: LogSource

    public init(node: String, pod: String, podUID: String, source: LogSource) {
        self.node = node
        self.pod = pod
        self.podUID = podUID
        self.source = source
    }
}

/// A pod and its node.
public struct PodID: Equatable, Sendable {
    public let node: String
    public let name: String
    public let uid: String

    public init(node: String, name: String, uid: String) {
        self.node = node
        self.name = name
        self.uid = uid
    }
}

/// How far a run is.
public struct Progress: Equatable, Sendable, CustomStringConvertible {
    public let done: Int
    public let failed: Int
    public let total: Int
    /// How many are at work; nil where all are that are not done.
    public let atWork: Int?
    /// How many were given up in their turn.
    public let notReached: Int

    public init(done: Int, failed: Int, total: Int, atWork: Int? = nil, notReached: Int = 0) {
        self.done = done
        self.failed = failed
        self.total = total
        self.atWork = atWork
        self.notReached = notReached
    }

    public var description: String {
        if total == 0 { return "waiting for the first pod" }
        let ended = "nodes: \(done) of \(total) done, \(failed) failed"
        guard let atWork else { return "\(ended), \(total - done - failed) to go" }
        let lost = notReached > 0 ? ", \(notReached) not reached" : ""
        return "\(ended)\(lost), \(atWork) at work, \(total - done - failed - notReached - atWork) queued"
    }
}

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
}
