/// What happens to a run. Times come beside it, in seconds since the run began.
public enum Event: Sendable {
    /// A pod of the run, as it is now.
    case pod(Pod)
    /// A pod of the run that is no longer there, as it was last.
    case podRemoved(Pod)
    /// All pods of the run that have started: those that it does not hold are no longer there.
    case podsListed([Pod])
    /// All pods of the run that have not started; nil where the cluster did not say.
    case pendingListed([Pod]?)
    /// What the DaemonSet's controller says.
    case daemonSet(DaemonSetStatus)
    /// Somebody else deleted the DaemonSet.
    case daemonSetRemoved
    /// All requests of one `Action.fetch` have ended.
    case fetched([Fetched])
    /// All requests of one `Action.release` have ended.
    case released([PodAnswer])
    /// All requests of one `Action.delete` have ended.
    case deleted([PodAnswer])
    /// The nodes of the cluster that are not ready.
    case nodesNotReady(Set<String>)
    /// The user may not list nodes, as the cluster says.
    case nodesForbidden
    /// How many nodes have what the DaemonSet selects; nil where that can't be known.
    case matchingNodes(Int?)
    /// Warnings about the DaemonSet and its pods.
    case warnings([Warning])
    /// The cluster can't be reached, or does not answer as it should.
    case outage(String)
    /// The cluster answers again.
    case reachable
    /// The user may not look at the pods or at the DaemonSet.
    case forbidden(String)
    /// The user or the system wants the run to stop.
    case signal(Int32)
    /// Time has passed. Comes at least once a second.
    case clock
}

/// What the DaemonSet's controller says of it.
public struct DaemonSetStatus: Equatable, Sendable {
    /// Whether the controller has seen the DaemonSet as it is now.
    public let isObserved: Bool
    /// How many nodes it wants.
    public let wanted: Int
    /// How many of these have a pod.
    public let scheduled: Int

    /// - Parameters:
    ///   - isObserved: whether `observedGeneration` is the newest.
    ///   - wanted: `desiredNumberScheduled`.
    ///   - scheduled: `currentNumberScheduled`; where nobody says it, as many as are wanted.
    public init(isObserved: Bool, wanted: Int, scheduled: Int? = nil) {
        self.isObserved = isObserved
        self.wanted = wanted
        self.scheduled = scheduled ?? wanted
    }
}

/// A warning of the cluster about an object.
public struct Warning: Equatable, Sendable {
    public let uid: String
    public let reason: String
    public let message: String

    /// - Parameters:
    ///   - uid: of the DaemonSet or the pod that it is about.
    ///   - reason: Kubernetes' word, such as `FailedMount`.
    ///   - message: what the cluster says.
    public init(uid: String, reason: String, message: String) {
        self.uid = uid
        self.reason = reason
        self.message = message
    }

    /// Whether it tells of something that did not work, such as `FailedMount` or `NetworkNotReady`.
    var isFailure: Bool { reason.hasPrefix("Failed") || reason.hasSuffix("NotReady") }
}

/// What came of the request for a log.
public struct Fetched: Equatable, Sendable {
    public enum Outcome: Equatable, Sendable {
        /// It is here.
        case complete
        /// It did not come, and may come later.
        case failed(String)
        /// It is no longer there.
        case lost(String)
    }

    public let request: LogRequest
    public let outcome: Outcome

    public init(_ request: LogRequest, _ outcome: Outcome) {
        self.request = request
        self.outcome = outcome
    }
}

/// What came of a request about a pod.
public struct PodAnswer: Equatable, Sendable {
    public enum Outcome: Equatable, Sendable {
        /// The cluster did it, or has begun to.
        case taken
        /// The cluster says no: an HTTP status, and why.
        case refused(Int, String)
        /// Nobody knows what it did.
        case unclear(String)
    }

    public let pod: PodID
    public let outcome: Outcome

    public init(_ pod: PodID, _ outcome: Outcome) {
        self.pod = pod
        self.outcome = outcome
    }
}
