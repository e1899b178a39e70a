/// What happens to a run. Times come beside it, in seconds since the run began.
public enum Event: Sendable {
    /// A pod of the run, as it is now.
    case pod(Pod)
    /// A pod of the run that is no longer there, as it was last.
    case podRemoved(Pod)
    /// All pods of the run, or all that have started where `Plan.followsPending` is false: those that it does not hold
    /// are no longer there.
    case podsListed([Pod])
    /// All pods of the run that have not started; nil where the cluster did not say.
    case pendingListed([Pod]?)
    /// The pods of an `Action.look` as they are now, those that could be seen.
    case looked([Pod], at: [PodID])
    /// All pods of the run, or all that have started, as they are now, for an `Action.lookAtAll`; nil where the cluster
    /// did not say. Of others that were made or deleted meanwhile the watch tells.
    case lookedAtAll([Pod]?)
    /// What the controller says of one of the run's DaemonSets.
    case daemonSet(uid: String, DaemonSetStatus)
    /// Somebody else deleted one of the DaemonSets.
    case daemonSetRemoved(uid: String)
    /// What the one who started the run noted on it.
    case note(Note)
    /// Some requests of an `Action.fetch` or an `Action.collect` have ended: as many at once, and in whichever order,
    /// as they end. Each is told once.
    case fetched([Fetched])
    /// All requests of one `Action.fetch` or one `Action.collect` have ended. No answer came to those that were not
    /// told of before.
    case fetchEnded([LogRequest])
    /// All requests of one `Action.release` have ended.
    case released([PodAnswer])
    /// All requests of one `Action.delete` have ended.
    case deleted([PodAnswer])
    /// All requests of one `Action.replaceImage` have ended: by node what became of its pod's image; none where the
    /// node has no other, or the cluster refused.
    case imagesReplaced([String: ImageChange])
    /// The nodes of the cluster that are not ready.
    case nodesNotReady(Set<String>)
    /// What nodes that are not ready say of why, by name: some of them.
    case nodesSay([String: String])
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
    /// Whether the controller has seen the DaemonSet as it is now: `observedGeneration` is the newest.
    public let isObserved: Bool
    /// How many nodes it wants: `desiredNumberScheduled`.
    public let wanted: Int
    /// How many of these have a pod: `currentNumberScheduled`.
    public let scheduled: Int
    /// Counts the changes of what it asks for: `metadata.generation`, 1 for what was created.
    public let generation: Int

    /// - Parameter scheduled: where nobody says it, as many as are wanted.
    public init(isObserved: Bool, wanted: Int, scheduled: Int? = nil, generation: Int = 1) {
        self.isObserved = isObserved
        self.wanted = wanted
        self.scheduled = scheduled ?? wanted
        self.generation = generation
    }
}

/// A warning of the cluster about an object.
public struct Warning: Equatable, Sendable {
    /// Of the DaemonSet or the pod that it is about.
    public let uid: String
    /// Kubernetes' word, such as `FailedMount`.
    public let reason: String
    public let message: String

    public init(uid: String, reason: String, message: String) {
        self.uid = uid
        self.reason = reason
        self.message = message
    }

    /// The image that is being pulled, as `Pulling image "busybox:stable"` tells; nil where it is about something else.
    var pull: Reason? {
        guard reason == "Pulling" else { return nil }
        let image = message.split(separator: "\"").dropFirst().first.map(String.init) ?? ""
        return Reason(nil, "\(Reason.pulling)\(image)")
    }

    /// Whether it tells of something that did not work, such as `FailedMount` or `NetworkNotReady`.
    var isFailure: Bool { reason.hasPrefix("Failed") && !isBare || reason.hasSuffix("NotReady") }

    /// Whether it only repeats the word that the pod's own status shows with its cause, as `Error: ErrImagePull` does.
    private var isBare: Bool { message.hasPrefix("Error: ") && !message.dropFirst(7).contains(" ") }
}

/// An image that a pod could not get, and the one that it has now.
public struct ImageChange: Hashable, Sendable {
    public let from, to: String

    public init(from: String, to: String) {
        (self.from, self.to) = (from, to)
    }

    var text: String { "\(from) can't be had there: tries \(to), which is there" }
}

/// What came of the request for a node's result.
public struct Fetched: Equatable, Sendable {
    public enum Outcome: Equatable, Sendable {
        /// A run without seals: the log is here, as whole as the cluster can tell. Its bytes are the node's result.
        case complete
        /// This pod's seal came, and the result fits it: the result, and nothing else, is here.
        case proved(Proof)
        /// This pod's seal came, and the bytes beside it do not fit. What came is kept until something better does.
        case sealed(Proof)
        /// A run with seals: an answer came whole, and this pod's seal is not in it. What came is here.
        case unsealed
        /// It did not come, and may come later.
        case failed(String)
        /// It can't come any more, or not in this way.
        case lost(String)
    }

    public let request: LogRequest
    public let outcome: Outcome
    /// A log without a seal: how long after its container it begins.
    public let delay: Seconds?

    public init(_ request: LogRequest, _ outcome: Outcome, delay: Seconds? = nil) {
        self.request = request
        self.outcome = outcome
        self.delay = delay
    }
}

/// What a seal says of a task and of its result.
public struct Proof: Equatable, Sendable {
    /// Where the bytes came from that fit it.
    public enum Origin: String, Sendable {
        /// The container's log.
        case log
        /// The node, where the agent keeps the result.
        case node
    }

    public let exitStatus: Int
    /// Of the result that was kept.
    public let bytes: Int
    /// Of these bytes, in hexadecimal digits.
    public let sha256: String
    /// How many bytes the task wrote: more than were kept where there was no room for them.
    public let written: Int

    public let origin: Origin

    public init(exitStatus: Int, bytes: Int, sha256: String, written: Int? = nil, from origin: Origin = .log) {
        self.exitStatus = exitStatus
        self.bytes = bytes
        self.sha256 = sha256
        self.written = written ?? bytes
        self.origin = origin
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
