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
    /// Give each of these pods, which can't get the image of their container, another one that its node has, and bring
    /// one `Event.imagesReplaced`.
    case replaceImage([PodID])
    /// Look at these pods once more, and bring one `Event.looked`.
    case look([PodID])
    /// Look at all pods of the run, or all that have started, of which nothing is known for a while, and bring one
    /// `Event.lookedAtAll`.
    case lookAtAll
    /// Ask for the pods that have not started, and bring one `Event.pendingListed`.
    case askForPending
    /// Ask which nodes are not ready, and bring `Event.nodesNotReady`, and `Event.nodesSay` where they say
    /// why; or `Event.nodesForbidden`, or nothing.
    case askAboutNodes
    /// Ask how many nodes have what the DaemonSets select, and bring one `Event.matchingNodes`.
    case countMatchingNodes
    /// Ask for the warnings about the DaemonSets and their pods, and bring `Event.warnings`, or nothing.
    case askForWarnings
    /// These nodes are done, and their results are here; or they have failed, and what they wrote is here or does not
    /// come. Comes once for each.
    case ended([NodeSummary])
    /// The task of this pod has started: what it writes can be followed. Comes once for each.
    case started(PodID)
    /// Say this to the user.
    case tell(String)
    /// Say this to the user, unless he wants to hear of nothing that goes well.
    case mention(String)
    /// Say to the user that something failed.
    case tellFailure(String)
    /// Show how far the run is.
    case progress(String)
    /// Note this on the DaemonSets, for those who only look.
    case note(Note)
    /// The run is over: nothing else counts any more.
    case end(Outcome)
}

/// The result of a node's task: which pod's it is, and which of its logs has it.
public struct LogRequest: Equatable, Sendable {
    public let node: String
    public let pod: String
    public let podUID: String
    public let source: LogSource
    /// Tells it from an earlier request for the same.
    public var number = 0
    /// When the container was started whose log it is, as Kubernetes writes it; nil where nobody knows.
    public var startedAt: String?
    /// The task has not ended: who waits for a result that proves how one ended goes first.
    public var isPart = false
}

/// A pod and its node.
public struct PodID: Equatable, Sendable {
    public let node: String
    public let name: String
    public let uid: String
}
