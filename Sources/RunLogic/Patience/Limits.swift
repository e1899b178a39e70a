/// How long a run waits for what: one value, so that nobody who tests it waits as long.
public struct Limits: Equatable, Sendable {
    /// Nothing new for so long: nodes are late.
    public var late: Seconds = 3
    /// Nodes are late after so long, whatever happens.
    public var lateAnyway: Seconds = 20
    /// Between two questions about late nodes, while nothing happens; and while nodes keep ending.
    public var ask: Seconds = 10
    public var askSeldom: Seconds = 60
    /// An image name that no waiting mends.
    public var hopeless: Seconds = 10
    /// The agent's image, on no node.
    public var agentImage: Seconds = 15
    /// That the cluster rejects all pods.
    public var rejection: Seconds = 10
    /// That no node is wanted: it is told; and it is believed.
    public var noNodeTold: Seconds = 15
    public var noNode: Seconds = 60
    /// A node that is not ready and had not started, after all others have ended.
    public var unreachable: Seconds = 30
    /// A result that does not come; the last results at the end.
    public var result: Seconds = 30
    /// Between two requests for the same result after one failed.
    public var resultPause: Seconds = 3
    /// A container that failed, until it is restarted: its log moves then.
    public var restart: Seconds = 10
    /// Without a seal a pod that is ready is looked at again after so long.
    public var secondLook: Seconds = 2
    /// A pod that was let start, until one of its containers starts.
    public var start: Seconds = 60
    /// A pod that was deleted, until its node is asked about; and, with its grace period, until it is stuck.
    public var leave: Seconds = 30
    public var linger: Seconds = 30
    /// Free turns are gathered for so long.
    public var gather: Seconds = 0.5
    /// Which nodes are ready: how long an answer is good for, and how long one is waited for.
    public var readiness: Seconds = 5
    public var readinessAnswer: Seconds = 10
    /// A request about a pod of which nobody knows what it did.
    public var unclear: Seconds = 2
    /// After an outage, until the pods are listed.
    public var news: Seconds = 10
    /// Seconds without any event in which this program stood still.
    public var jump: Seconds = 5
    /// For who only looks: until the cluster has shown what there is; and at most.
    public var firstLook: Seconds = 5
    public var firstLookAtMost: Seconds = 120
    /// For who only looks: a DaemonSet that is gone, until the last news are here.
    public var lastNews: Seconds = 5
    /// For who only looks: no node is started, and none is at work.
    public var abandoned: Seconds = 30

    public init() {}
}
