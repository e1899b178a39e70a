/// How long a run waits for what, in seconds: one value, so that nobody who tests it waits as long.
///
/// The defaults are the product's, and there is no option for them. A test names others in `$RUN_ONCE_LIMITS`.
public struct Limits: Codable, Equatable, Sendable {
    // MARK: Nodes

    /// Nothing new for so long: nodes are late.
    public var late: Seconds = 3
    /// Nodes are late after so long, whatever happens.
    public var lateAnyway: Seconds = 20
    /// After so long it is shown what the last few nodes wait for.
    public var waitShown: Seconds = 10
    /// Between two questions about late nodes while nothing happens, about nodes whose deleted pods do not go, for a
    /// result whose seal does not come, and between two looks at all pods after a jump of the clock.
    public var ask: Seconds = 10
    /// Between two questions about late nodes while nodes keep ending; after a jump of the clock, until what is known
    /// has to do.
    public var askSeldom: Seconds = 60
    /// An image name that no waiting mends, such as `InvalidImageName`.
    public var hopeless: Seconds = 10
    /// The agent's image, on no node.
    public var agentImage: Seconds = 15
    /// That the cluster rejects all pods that are missing.
    public var rejection: Seconds = 10
    /// That no node is wanted, until it is told.
    public var noNodeTold: Seconds = 15
    /// That no node is wanted, until it is believed where nodes may not be listed, or the list says otherwise.
    public var noNode: Seconds = 60
    /// A node that is not ready and had not started, after all others have ended.
    public var unreachable: Seconds = 30
    /// A container that failed, until it is restarted: its log moves then.
    public var restart: Seconds = 10

    // MARK: Results

    /// A result that does not come, counted from when it was wanted and, without turns, all other nodes had ended, with
    /// `unreachable` on top where it is to prove how the task ended; and the last results at the end of the run.
    public var result: Seconds = 30
    /// Between two requests for the same result after one failed.
    public var resultPause: Seconds = 3

    /// What comes after a signal asked for the end.
    public var interruption: Seconds = 5

    /// Without a seal: from when a pod is ready until its log is asked for, and from when that is here until the pod is
    /// looked at once more, ready still and with the same container. A kubelet that starts again calls what runs ready,
    /// and takes that back within a second; with 110 pods its limit of 50 requests a second makes it some three.
    public var secondLook: Seconds = 2
    /// Without a seal: from a container's start to the first line of its log, where that is told. With less each task
    /// that is silent at first would be named; with more a log would not that kubelet rotated, which looks every 10 s.
    public var rotation: Seconds = 10

    // MARK: Turns

    /// A pod that was let start, until one of its containers starts.
    public var start: Seconds = 60
    /// A pod that was deleted, until its node is asked about.
    public var leave: Seconds = 30
    /// The same pod after that, and its grace period: then it is stuck.
    public var linger: Seconds = 30
    /// Free turns are gathered for so long.
    public var gather: Seconds = 0.5
    /// How long the answer is good for to which nodes are ready.
    public var readiness: Seconds = 5
    /// That answer, which each round waits for.
    public var readinessAnswer: Seconds = 10
    /// A request about a pod of which nobody knows what it did, until it is made again.
    public var unclear: Seconds = 2
    /// After an outage, until the pods are listed.
    public var news: Seconds = 10

    /// Without any event: this program stood still, and it is no time that the nodes had.
    public var jump: Seconds = 5

    // MARK: Who only looks

    /// Until the cluster has shown what there is, where the run's time is up already; and at most.
    public var firstLook: Seconds = 5
    public var firstLookAtMost: Seconds = 120
    /// A DaemonSet that is gone, until the last news are here.
    public var lastNews: Seconds = 5
    /// No node is started, and none is at work.
    public var abandoned: Seconds = 30

    // MARK: Requests

    /// An answer of the cluster.
    public var request: Seconds = 30
    /// A page of a list, which may hold 500 objects.
    public var page: Seconds = 60
    /// An answer to a request that is made again where none comes: to look for what was created, or to delete it.
    public var briefRequest: Seconds = 10
    /// The first answer of the cluster, for which somebody may have to log in; and until he is told that it is late.
    public var login: Seconds = 300
    public var loginTold: Seconds = 10
    /// A log of which nothing comes.
    public var standstill: Seconds = 30
    /// A refusal of what was answered before, or would be with credentials that are not out of date.
    public var passing: Seconds = 30
    /// That what was asked for is not there, where no answer came to the request to create it: it may be under way.
    public var arrival: Seconds = 5
    /// Whoever reads standard error, and takes nothing of what is left at the end.
    public var reader: Seconds = 5
    /// Whether what was asked for was created, where no answer came.
    public var creation: Seconds = 30
    /// To create what the cluster says that it can't create just now, as while an admission webhook is away.
    /// Half of what the run's Job has to spare.
    public var admission: Seconds = 60
    /// To delete something besides the DaemonSet, where no answer comes.
    public var deletion: Seconds = 10
    /// To delete the DaemonSet and its pods, where no answer comes.
    public var removal: Seconds = 60
    /// Deleted pods of which none goes. A kubelet takes a minute to let one go where it is busy.
    public var departure: Seconds = 120
    /// Until pods that keep going are given up, all the same.
    public var removalAtMost: Seconds = 900

    public init() {}
}
