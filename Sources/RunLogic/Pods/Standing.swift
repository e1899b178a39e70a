/// The container that holds the task.
public struct TaskContainer: Equatable, Sendable {
    public let name: String
    /// An init container, whose task is done when it has ended with 0; other containers are done when they are ready.
    public let isInitContainer: Bool

    public init(name: String, isInitContainer: Bool = false) {
        self.name = name
        self.isInitContainer = isInitContainer
    }
}

/// Which log of a pod holds what the task wrote.
public struct LogSource: Equatable, Sendable {
    /// The log is that of the container before the one that is there now.
    public var previous = false
    /// How often the container had been restarted when this was true.
    public var restarts = 0
}

/// What a pod shows about its node.
enum Standing: Equatable, Sendable {
    /// It is held back until it is the node's turn.
    case queued
    /// The task has not started. Where there is a reason, somebody tries again.
    case waiting(Reason?)
    /// The task has not started, for a reason that no waiting mends.
    case hopeless(Reason)
    /// The cluster turned the pod down before the task started: another pod will come.
    case rejected(Reason)
    /// The task runs.
    case working
    /// Its container says that the task is done. The log is nil where it is lost.
    case ready(LogSource?)
    /// The task failed. The log is nil where it can't be told yet, or not any more, which one it is.
    case failed(exitCode: Int?, Reason, LogSource?)
    /// The container ended as one does that was killed, or told to end: the task may have been done before that.
    case killed(exitCode: Int, Reason, LogSource?)
    /// The pod is being deleted, or was, before the task was done.
    case gone

    /// - Parameters:
    ///   - hadStarted: the task was seen to have started in this pod: what evicts a pod may take that from its status.
    ///   - isRemoved: the pod is no longer there; this is how it was last.
    init(of pod: Pod, task: TaskContainer, hadStarted: Bool = false, isRemoved: Bool = false) {
        let isLeaving = pod.isBeingDeleted || isRemoved
        if let container = pod.status(of: task.name), let verdict = Standing.verdict(on: container, task, pod) {
            self = verdict
        } else if let failure = Standing.failure(of: pod, task, hadStarted, isLeaving) {
            self = failure
        } else if isLeaving {
            self = .gone
        } else if pod.isHeldBack {
            self = .queued
        } else if pod.status(of: task.name)?.state?.running != nil {
            self = .working
        } else {
            self = Standing.delay(of: pod, task)
        }
    }

    var hasStarted: Bool {
        switch self {
        case .working, .ready, .failed, .killed: true
        case .queued, .waiting, .hopeless, .rejected, .gone: false
        }
    }

    /// What the task's container says for good, nil where it says nothing yet.
    private static func verdict(on container: Pod.ContainerStatus, _ task: TaskContainer, _ pod: Pod) -> Standing? {
        if container.ready, !task.isInitContainer {
            // One that was restarted is ready only where its task was done before.
            let couldNotStart = container.lastState?.terminated != nil && container.endBefore == nil
            let isFirst = container.restartCount == 0 || couldNotStart
            return .ready(isFirst ? LogSource(restarts: container.ends) : container.firstLog)
        }
        // Its first end counts: what comes after it are runs that nobody asked for.
        if let end = container.endBefore {
            let isDone = task.isInitContainer && end.exitCode == 0
            return isDone ? .ready(container.firstLog) : ended(end, container.firstLog)
        }
        guard let end = container.end else { return nil }
        if task.isInitContainer, end.exitCode == 0 { return .ready(LogSource(restarts: container.ends)) }
        // What ends while its pod is deleted was told to.
        return pod.isBeingDeleted || pod.status.phase == "Failed" ? nil : ended(end, nil)
    }

    /// A task's own status is 1 to 128. Others are those of a signal, of a container that kubelet lost sight of, as
    /// when its node is rebooted, and of an agent that was told to end when its task was done.
    private static func ended(_ end: Pod.Terminated, _ log: LogSource?) -> Standing {
        let breach = "it must stay alive when it is done; `run-once` does that"
        let said = end.exitCode == 0 ? Reason(breach) : Reason(end.reason, end.lastWords)
        let reason = said.isOfNoExecution ? said.withImageInstead : said
        return (1...128).contains(end.exitCode) && !end.isUnknown
            ? .failed(exitCode: end.exitCode, reason, log) : .killed(exitCode: end.exitCode, reason, log)
    }

    /// What a pod shows that failed as a whole, nil where it did not: was the task part of it?
    private static func failure(
        of pod: Pod, _ task: TaskContainer, _ hadStarted: Bool, _ isLeaving: Bool
    ) -> Standing? {
        let why = Reason(pod.status.reason, pod.status.message)
        // A pod that is deleted may fail by that alone, and has no reason then.
        guard pod.status.phase == "Failed", !isLeaving || !why.isEmpty else { return nil }
        let container = pod.status(of: task.name)
        let end = container?.end
        // Nobody says anything: so the cluster marks the pods of a node that left, before it deletes them.
        if why.isEmpty, end == nil { return .gone }
        guard hadStarted || end != nil || container?.state?.running != nil else {
            return isLeaving ? .gone : .rejected(why.isOfNodeInTrouble ? why.withWayOut : why)
        }
        let reason = why.isEmpty ? Reason(end?.reason, end?.lastWords) : why
        let exitCode = end.flatMap { $0.exitCode == 0 ? nil : $0.exitCode }
        return .failed(exitCode: exitCode, reason, LogSource(restarts: container?.ends ?? 0))
    }
}
