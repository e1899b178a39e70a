@testable import RunLogic

/// A pod and its task, as only its kubelet knows them.
struct TruePod {
    enum State: Equatable { case creating, running, ended(Int), backOff(Int) }

    let node: String
    let uid: String
    var state = State.creating
    /// The number of the container that is there, or that comes next.
    var container = 0
    /// How the container before it ended, and whether that one had started.
    var last: (code: Int, hadStarted: Bool)?
    /// The container that ran the task.
    var ranTask: Int?
    /// What came of the task, once it has ended by itself.
    var exitCode: Int?
    /// When that was.
    var endedAt: Seconds?
    /// The task never ends; nothing of the pod ever starts.
    var hangs = false
    var isDud = false
    /// It waits for its turn.
    var isGated = false
    var isLeaving = false
    /// Until when kubelet, which was restarted, calls it ready though it is not.
    var liesUntil: Seconds = 0
    /// Since when it is shown as ready, or not.
    var readySince: Seconds = 0
    /// What the API shows, which is a little later than what is so.
    var shown = Pod(metadata: Pod.Metadata(name: "", uid: ""))
    private var isReady = false
    private var version = 0

    init(_ node: String, _ uid: String, isGated: Bool) {
        (self.node, self.uid, self.isGated) = (node, uid, isGated)
        show(at: 0)
    }

    /// No container of it has started.
    var isPending: Bool { shown.status.phase == "Pending" }

    /// Its task may be running, or about to.
    var isAtWork: Bool { !isGated && exitCode == nil && (ranTask == nil || ranTask == container && state == .running) }

    /// kubelet notes since when it is ready, or not; the API learns of it later.
    mutating func judge(at now: Seconds) {
        let isNow = state == .running && (exitCode == 0 || now < liesUntil)
        if isNow != isReady { (isReady, readySince) = (isNow, now) }
    }

    /// kubelet tells the API how it is.
    mutating func show(at now: Seconds) {
        judge(at: now)
        let before = last.map {
            end(
                $0.code, "code \($0.code)", reason: $0.hadStarted ? "Error" : "StartError",
                startedAt: $0.hadStarted ? noon : never)
        }
        let status: Container =
            switch state {
            case .creating: waits("ContainerCreating", restarts: container, after: before)
            case .running: runs(ready: isReady, restarts: container, after: before)
            case .ended(let code):
                ended(
                    end(
                        code, "code \(code)", reason: ranTask == nil ? "StartError" : "Error",
                        startedAt: ranTask == nil ? never : noon), restarts: container, after: before)
            case .backOff: waits("CrashLoopBackOff", restarts: container, after: before)
            }
        var new = pod(node, uid: uid, status, phase: state == .creating && container == 0 ? "Pending" : "Running").with
        {
            $0.spec.schedulingGates = isGated ? [Pod.SchedulingGate(name: "run-once/turn")] : nil
            $0.metadata.deletionTimestamp = isLeaving ? noon : nil
            $0.status.conditions = [
                Pod.Condition(
                    type: "Ready", status: isReady ? "True" : "False", lastTransitionTime: "\(readySince)")
            ]
        }
        new.metadata.resourceVersion = shown.metadata.resourceVersion
        guard new != shown else { return }
        version += 1
        new.metadata.resourceVersion = "\(version)"
        shown = new
    }

    /// What a container's log, or the node, holds of the task's output.
    enum Output: Equatable { case nothing, part, whole }

    /// The container whose log kubelet gives, nil where it has none.
    func log(previous: Bool) -> Int? {
        if case .backOff = state { return container }
        if previous { return last == nil ? nil : container - 1 }
        return state == .creating ? nil : container
    }

    /// What is in the log of a container. The agent of a sealed run writes what it has again when it is restarted; logs
    /// come a little late.
    func output(in log: Int, isSealed: Bool, isLate: Bool) -> Output {
        guard let ranTask, log >= ranTask else { return .nothing }
        if log > ranTask, !isSealed { return .nothing }
        return exitCode == nil || isLate ? .part : .whole
    }

    /// A moment passes.
    mutating func live(_ chance: inout Chance, at now: Seconds, _ kind: TinyCluster.Kind) {
        switch state {
        case .creating: if chance.oneIn(2) { start(&chance, kind) }
        case .running:
            if ranTask == container, exitCode == nil {
                // A kubelet that starts lies for a moment, and not again at once.
                if kind.lies, now > liesUntil + 3, chance.oneIn(12) { liesUntil = now + 1 }
                if kind.reboots, chance.oneIn(30) { return state = .ended(chance.one(of: [137, 255])) }
                guard !hangs, chance.oneIn(4) else { return }
                exitCode = chance.oneIn(kind.isFragile ? 3 : 200) ? 3 : 0
                endedAt = now
                if exitCode == 3 { state = .ended(3) }
                // The node goes down before anybody was told.
                if exitCode == 0, kind.reboots, chance.oneIn(3) { state = .ended(chance.one(of: [0, 137, 255])) }
            } else if kind.isFragile, chance.oneIn(12) {
                state = .ended(137)
            }
        case .ended(let code):
            guard chance.oneIn(2) else { return }
            last = (code, ranTask != nil)
            state = .backOff(code)
            if chance.oneIn(2) { restart(&chance, kind) }
        case .backOff: if chance.oneIn(3) { restart(&chance, kind) }
        }
    }

    private mutating func restart(_ chance: inout Chance, _ kind: TinyCluster.Kind) {
        container += 1
        start(&chance, kind)
    }

    private mutating func start(_ chance: inout Chance, _ kind: TinyCluster.Kind) {
        if ranTask == nil, kind.isWayward, chance.oneIn(2) {
            state = .ended(128)
        } else {
            state = .running
            ranTask = ranTask ?? container
        }
    }
}
