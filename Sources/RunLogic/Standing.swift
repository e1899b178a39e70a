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
    public let previous: Bool
    /// How often the container had been restarted when this was true.
    public let restarts: Int

    public init(previous: Bool = false, restarts: Int = 0) {
        self.previous = previous
        self.restarts = restarts
    }
}

/// What a pod shows about its node.
public enum Standing: Equatable, Sendable {
    /// It is held back by a scheduling gate.
    case queued
    /// The task has not started. Where there is a reason, somebody tries again.
    case waiting(Reason?)
    /// The task has not started, for a reason that no waiting mends.
    case hopeless(Reason)
    /// The cluster turned the pod down before the task started: another pod will come.
    case rejected(Reason)
    /// The task runs.
    case working
    case done(LogSource)
    /// The log is nil where it can't be told yet, or not any more, which one it is.
    case failed(exitCode: Int?, Reason, LogSource?)
    /// The pod is being deleted, or was, before the task was done.
    case gone

    /// - Parameters:
    ///   - pod: as the cluster shows it.
    ///   - task: which of its containers holds the task.
    ///   - hadStarted: the task was seen to have started in this pod: what evicts a pod may take that from its status.
    ///   - isRemoved: the pod is no longer there; this is how it was last.
    public init(of pod: Pod, task: TaskContainer, hadStarted: Bool = false, isRemoved: Bool = false) {
        self = Standing.verdict(on: pod, task) ?? .working
        let isOver = pod.isBeingDeleted || isRemoved
        switch self {
        case .done, .failed: return
        case _ where isOver: self = .gone
        case _ where pod.status.phase == "Failed": self = Standing.failure(of: pod, task, hadStarted)
        case _ where pod.spec.schedulingGates?.isEmpty == false: self = .queued
        case _ where Standing.isRunning(pod, task): self = .working
        default: self = Standing.delay(of: pod)
        }
    }

    /// What the task's container says for good, nil where it says nothing yet.
    private static func verdict(on pod: Pod, _ task: TaskContainer) -> Standing? {
        guard let container = pod.status(of: task.name) else { return nil }
        let restarts = container.restartCount
        let current = container.state?.terminated
        let last = container.lastState?.terminated
        if task.isInitContainer {
            // Its first end counts, and later ones are runs that nobody asked for.
            if let last, last.hadStarted {
                let log = restarts == 1 ? LogSource(previous: true, restarts: 1) : nil
                return last.exitCode == 0 ? .done(log ?? LogSource(restarts: restarts)) : failed(last, log)
            }
            guard let current, current.hadStarted else { return nil }
            let log = LogSource(restarts: restarts)
            return current.exitCode == 0 ? .done(log) : failed(current, log)
        }
        if container.ready {
            // One that was restarted is ready only where its task was done before.
            let wasDoneBefore = last?.hadStarted == true
            return .done(LogSource(previous: wasDoneBefore, restarts: restarts))
        }
        if let last, last.hadStarted {
            return failed(last, restarts == 1 ? LogSource(previous: true, restarts: 1) : nil)
        }
        // What ends while its pod is deleted was told to; what ends for good has its log where it was.
        guard let current, current.hadStarted, !pod.isBeingDeleted, pod.status.phase != "Failed" else { return nil }
        return failed(current, nil)
    }

    private static func failed(_ end: Pod.Terminated, _ log: LogSource?) -> Standing {
        guard end.exitCode == 0 else { return .failed(exitCode: end.exitCode, Reason(end.reason, end.message), log) }
        let breach = "its container ended, but must stay alive when its task is done; `run-once` does that"
        return .failed(exitCode: 0, Reason(breach), log)
    }

    /// A pod that failed as a whole: was the task part of it?
    private static func failure(of pod: Pod, _ task: TaskContainer, _ hadStarted: Bool) -> Standing {
        let container = pod.status(of: task.name)
        let end = container?.state?.terminated
        let why = Reason(pod.status.reason, pod.status.message)
        guard hadStarted || end?.hadStarted == true || container?.state?.running != nil else { return .rejected(why) }
        let log = LogSource(restarts: container?.restartCount ?? 0)
        let reason = why.isEmpty ? Reason(end?.reason, end?.message) : why
        return .failed(exitCode: end.flatMap { $0.hadStarted ? $0.exitCode : nil }, reason, log)
    }

    private static func isRunning(_ pod: Pod, _ task: TaskContainer) -> Bool {
        pod.status(of: task.name)?.state?.running != nil
    }

    /// Why the task does not start, as far as the pod says.
    private static func delay(of pod: Pod) -> Standing {
        for container in pod.allContainers {
            if let waiting = container.state?.waiting, let word = waiting.reason, neverMends.contains(word) {
                return .hopeless(Reason(word, waiting.message))
            }
        }
        for container in pod.allContainers {
            if let reason = delay(of: container) { return .waiting(reason) }
        }
        let scheduled = pod.status.conditions?.first { $0.type == "PodScheduled" && $0.status == "False" }
        return .waiting(scheduled.map { Reason($0.reason, $0.message) })
    }

    private static func delay(of container: Pod.ContainerStatus) -> Reason? {
        let ends = [container.state?.terminated, container.lastState?.terminated].compactMap { $0 }
        if let end = ends.first(where: { $0.exitCode != 0 }), container.state?.running == nil {
            let how = "container \(container.name) ended with exit code \(end.exitCode)"
            return Reason(end.reason == "Error" ? how : "\(how), \(end.reason ?? "")", end.message)
        }
        guard let waiting = container.state?.waiting, let word = waiting.reason, !isOrdinary.contains(word) else {
            return nil
        }
        return Reason(word, waiting.message)
    }

    private static let neverMends: Set = ["InvalidImageName", "ErrImageNeverPull"]
    private static let isOrdinary: Set = ["ContainerCreating", "PodInitializing"]
}
