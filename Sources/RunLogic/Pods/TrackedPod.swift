/// What is known of one pod of the run, from its creation to its end.
struct TrackedPod: Sendable {
    /// What it shows, as `Standing` has it, and what was made of that.
    enum Phase: Equatable, Sendable {
        case queued
        case waiting(Reason?)
        case hopeless(Reason)
        case rejected(Reason)
        case started
        /// It says that its task is done; nothing has proved that yet.
        case ready
        /// Its container was killed; a seal may yet tell that the task had ended before.
        case killed(exitCode: Int, Reason)
        case gone
        case done
        case failed(exitCode: Int?, Reason)
    }

    let id: PodID
    private(set) var phase = Phase.waiting(nil)
    /// Which of its versions was seen last.
    private(set) var version: UInt64?
    private(set) var hadStarted = false
    /// The cluster still has it.
    private(set) var isThere = true
    /// The task's container runs now.
    private(set) var isRunning = false
    /// None of its containers has started, as far as the cluster said last.
    private(set) var isPending = false
    /// Its node has taken it, as far as the cluster said: one that turns it down says nothing of its containers.
    private(set) var isAdmitted = false
    /// How many containers of the task were seen to have ended before the one that is there, or that comes next.
    private(set) var ends = 0
    /// Which log holds what the task wrote; nil where that can't be told yet, or where it is lost.
    private(set) var log: LogSource?
    /// What tells its container from one that comes after it.
    private(set) var mark: Mark?
    /// When it was done or failed.
    private(set) var ended: Seconds?
    /// The last list of those that have not started did not hold it.
    var isMissed = false
    /// The run let it start. The watch may show the gate for a while after that.
    private(set) var isReleased = false
    private(set) var showsEnd = false
    /// Its task had ended when somebody first looked at the run: nobody knows when.
    private var isOld = false
    /// Why the run deletes it: so its node has failed when it is gone.
    var dismissed: Reason?
    /// What the cluster warned of, or what is missing, where the pod itself does not say why it is not done.
    var remark: Reason?

    init(_ id: PodID) { self.id = id }

    /// Whether nothing changes any more what became of its task.
    var isFinal: Bool {
        switch phase {
        case .done, .failed: true
        default: false
        }
    }

    /// Whether its task may still come to an end.
    var isLive: Bool {
        switch phase {
        case .done, .failed, .gone: false
        case .rejected: isThere
        default: true
        }
    }

    /// Its task may be at work, whatever was made of it.
    var goesOn: Bool { isThere && !showsEnd }

    /// Its node turned it down, since it is in trouble.
    var isTurnedDown: Bool {
        if case .rejected(let why) = phase { why.isOfNodeInTrouble } else { false }
    }

    /// Whether its task has ended, though it is not known how.
    var isProving: Bool {
        switch phase {
        case .ready, .killed: true
        default: false
        }
    }

    /// Why it is not done: the same words for all nodes, where it has not failed.
    var whyNot: Reason? {
        if case .failed(_, let reason) = phase { return reason }
        return why?.without(pod: id.name, uid: id.uid)
    }

    private var why: Reason? {
        switch phase {
        case .waiting(let reason): reason ?? remark
        case .hopeless(let reason), .rejected(let reason), .failed(_, let reason): reason
        case .ready: remark
        case .killed(let code, let reason): Reason("its container ended with exit code \(code)", reason.text)
        case .gone: Reason("its pod was deleted before its task was done")
        case .queued, .started, .done: nil
        }
    }

    /// Takes in what the cluster shows of it.
    ///
    /// - Parameters:
    ///   - isLast: the run's end is decided; only why it has not started still counts.
    ///   - now: nil where nobody knows since when it is so.
    mutating func see(
        _ pod: Pod, task: TaskContainer, isSealed: Bool, isRemoved: Bool, isLast: Bool, at now: Seconds?
    ) {
        let standing = Standing(of: pod, task: task, hadStarted: hadStarted, isRemoved: isRemoved)
        version = pod.version ?? version
        // What held it up is over.
        if standing.hasStarted, !hadStarted { remark = nil }
        hadStarted = hadStarted || standing.hasStarted
        isThere = !isRemoved
        isPending = pod.status.phase == "Pending"
        isMissed = false
        isAdmitted = isAdmitted || !pod.allContainers.isEmpty
        isRunning = isThere && pod.status(of: task.name)?.state?.running != nil
        ends = max(ends, pod.status(of: task.name)?.ends ?? 0)
        mark = Mark(of: pod, task)
        switch standing {
        case .ready(let log): self.log = log
        case .failed(_, _, let log), .killed(_, _, let log): (self.log, showsEnd) = (log, true)
        default: showsEnd = pod.status.phase == "Failed" || pod.status.phase == "Succeeded"
        }
        guard !isFinal else { return }
        if isLast {
            switch (standing, phase) {
            case (.waiting, .waiting), (.hopeless, .waiting): break
            default: return
            }
        }
        isOld = (isOld || now == nil) && standing.hasStarted && standing != .working
        move(to: standing, isSealed, at: now ?? 0)
    }

    private mutating func move(to standing: Standing, _ isSealed: Bool, at now: Seconds) {
        switch standing {
        case .queued: phase = isReleased ? .waiting(nil) : .queued
        case .waiting(let reason): phase = .waiting(telling(reason))
        case .hopeless(let reason): phase = .hopeless(reason)
        case .rejected(let reason): phase = .rejected(reason)
        case .working: phase = .started
        case .ready: phase = .ready
        case .killed(let exitCode, let reason, _) where isSealed: phase = .killed(exitCode: exitCode, reason)
        case .killed(let exitCode, let reason, _): end(as: .failed(exitCode: exitCode, reason), at: now)
        case .failed(let exitCode, let reason, _): end(as: .failed(exitCode: exitCode, reason), at: now)
        case .gone: leave(at: now)
        }
    }

    /// That kubelet pauses before it tries again says less than why the try before failed.
    private func telling(_ reason: Reason?) -> Reason? {
        guard let reason, case .waiting(let before?) = phase, reason.text.hasPrefix("ImagePullBackOff: ") else {
            return reason
        }
        return before.text.hasPrefix("ErrImagePull: ") ? before : reason
    }

    /// It is being deleted, or no longer there. What the run itself deletes counts until it is gone.
    private mutating func leave(at now: Seconds) {
        if let dismissed {
            if !isThere { end(as: .failed(exitCode: nil, dismissed), at: now) }
        } else if case .rejected = phase {
            // Why the cluster turned it down says more than that it is gone.
        } else {
            phase = .gone
        }
    }

    /// A list that should hold it does not. One that was let start may have, while nobody could see it.
    mutating func miss(at now: Seconds) {
        isThere = false
        hadStarted = hadStarted || isReleased
        if !isFinal { leave(at: now) }
    }

    mutating func release() {
        isReleased = true
        if phase == .queued { phase = .waiting(nil) }
    }

    /// Nobody can stop it where it is: it is not gone.
    mutating func stay() {
        if phase == .gone { phase = hadStarted ? .started : .waiting(nil) }
    }

    /// It is done, or has failed: once and for all.
    mutating func end(as phase: Phase, at now: Seconds) {
        guard !isFinal else { return }
        self.phase = phase
        ended = isOld ? nil : now
    }
}

/// What tells a container from one that comes after it, and a pod that is ready from one that was not for a while.
struct Mark: Equatable, Sendable {
    private let restarts: Int
    private let container: String?
    private let readySince: String?
    /// When the container was started, where it runs.
    let startedAt: String?

    init?(of pod: Pod, _ task: TaskContainer) {
        guard let status = pod.status(of: task.name) else { return nil }
        restarts = status.restartCount
        container = status.containerID
        startedAt = status.state?.running?.startedAt
        // Of an init container the condition says nothing: it is that of those that come after it.
        readySince =
            task.isInitContainer
            ? nil : pod.status.conditions?.first { $0.type == "Ready" }?.lastTransitionTime
    }
}
