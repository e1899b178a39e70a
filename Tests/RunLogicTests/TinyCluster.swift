@testable import RunLogic
import Testing

/// A cluster in small, with nodes that join, leave and fail, containers that are restarted, and a watch that is late
/// or broken: what a run says of it is compared with what is true.
@Suite("A cluster in small") struct TinyClusterTests {
    @Test("A result is the log of the container that ran the task, and success means that every task was done",
        arguments: 0..<10)
    func truth(block: Int) {
        for seed in block * 8..<(block + 1) * 8 {
            var cluster = TinyCluster(seed: seed)
            while cluster.verdict == nil, cluster.now < 400 { cluster.step() }
            #expect(cluster.verdict != nil, "seed \(seed) does not end")
            for lie in cluster.lies { Issue.record("seed \(seed): \(lie)") }
        }
    }

    @Test("These clusters lead to success, to failures, to lost results and to timeouts")
    func allKinds() {
        var verdicts: [String: Int] = [:]
        var states: Set<NodeState> = []
        for seed in 0..<60 {
            var cluster = TinyCluster(seed: seed)
            while cluster.verdict == nil, cluster.now < 400 { cluster.step() }
            verdicts[cluster.verdict?.name ?? "none", default: 0] += 1
            states.formUnion(cluster.run.summary.map(\.state))
        }
        #expect(verdicts["done", default: 0] > 20 && verdicts["failed", default: 0] > 20, "\(verdicts)")
        #expect(verdicts["timed-out", default: 0] > 0 && verdicts["refused"] == nil, "\(verdicts)")
        #expect(states.isSuperset(of: [.done, .failed, .unfetched, .gone, .waiting]), "\(states)")
    }
}

/// A pod and its task container, as only its kubelet knows them.
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
    /// What came of the task, once it has ended.
    var exitCode: Int?
    /// The task never ends.
    var hangs = false
    /// It waits for its turn.
    var isGated = false
    /// When it got its node, where it waited for its turn.
    var scheduled: Seconds?
    /// It is being deleted.
    var isLeaving = false

    var isReady: Bool { state == .running && exitCode == 0 }

    /// What the API shows.
    var seen: Pod {
        whole.with { pod in
            if isPending { pod.status.phase = "Pending" }
            if isGated { pod.spec.schedulingGates = [Pod.SchedulingGate(name: "run-once/turn")] }
            pod.status.conditions = scheduled.map {
                [Pod.Condition(type: "PodScheduled", status: "True", lastTransitionTime: noon(plus: $0))]
            }
            if isLeaving { pod.metadata.deletionTimestamp = noon }
        }
    }

    /// No container of it has started.
    var isPending: Bool { state == .creating && container == 0 }

    private var whole: Pod {
        let before = last.map { end($0.code, "code \($0.code)", reason: $0.hadStarted ? "Error" : "StartError",
            startedAt: $0.hadStarted ? noon : never) }
        switch state {
        case .creating: return pod(node, uid: uid, waits("ContainerCreating", restarts: container, after: before))
        case .running: return pod(node, uid: uid, runs(ready: isReady, restarts: container, after: before))
        case .ended(let code):
            let hadStarted = ranTask != nil
            let now = end(code, "code \(code)", reason: hadStarted ? "Error" : "StartError",
                startedAt: hadStarted ? noon : never)
            return pod(node, uid: uid, ended(now, restarts: container, after: before))
        case .backOff: return pod(node, uid: uid, waits("CrashLoopBackOff", restarts: container, after: before))
        }
    }

    /// The container whose log kubelet gives, nil where it has none.
    func log(previous: Bool) -> Int? {
        if case .backOff = state { return container }
        if previous { return last == nil ? nil : container - 1 }
        return state == .creating ? nil : container
    }

    /// A moment passes.
    mutating func live(_ chance: inout Chance, isFragile: Bool, isWayward: Bool) {
        switch state {
        case .creating: if chance.oneIn(2) { start(&chance, isFragile, isWayward) }
        case .running:
            if exitCode == nil {
                guard !hangs, chance.oneIn(4) else { return }
                exitCode = chance.oneIn(isFragile ? 3 : 200) ? 3 : 0
                if let exitCode, exitCode != 0 { state = .ended(exitCode) }
            } else if isFragile, chance.oneIn(12) {
                state = .ended(137)
            }
        case .ended(let code):
            guard chance.oneIn(2) else { return }
            last = (code, ranTask != nil)
            state = .backOff(code)
            if chance.oneIn(2) { restart(&chance, isFragile, isWayward) }
        case .backOff: if chance.oneIn(3) { restart(&chance, isFragile, isWayward) }
        }
    }

    private mutating func restart(_ chance: inout Chance, _ isFragile: Bool, _ isWayward: Bool) {
        container += 1
        start(&chance, isFragile, isWayward)
    }

    private mutating func start(_ chance: inout Chance, _ isFragile: Bool, _ isWayward: Bool) {
        if ranTask == nil, isWayward, chance.oneIn(2) {
            state = .ended(128)
        } else {
            state = .running
            ranTask = ranTask ?? container
        }
    }
}

struct TinyCluster {
    var run: Run
    var now: Seconds = 0
    var verdict: Verdict?
    /// What the run says that is not true.
    var lies: [String] = []

    var chance: Chance
    private(set) var nodes: [String]
    private var joined: [String: Seconds] = [:]
    var pods: [TruePod] = []
    /// What there is only in a run with a pace.
    var pacing: Pacing?
    /// Somebody who attached to the run.
    var onlooker: Onlooker?
    private var podsMade = 0
    var answers: [Event] = []
    /// What is on its way to the run.
    private var news: [Event] = []
    private(set) var isWatching = true
    private(set) var status = DaemonSetStatus(isObserved: false, wanted: 0, scheduled: 0)
    /// Which container's log is here, by the pod's node and UID.
    private var logs: [String: (uid: String, container: Int)] = [:]
    private var every: [String: TruePod] = [:]

    private let isFragile: Bool
    private let isWayward: Bool
    private let isRestless: Bool
    private let losesNews: Bool

    /// - Parameter isCalm: nobody else deletes pods, no node joins or leaves, and no patch is lost.
    init(seed: Int, isPaced: Bool = false, isCalm: Bool = false) {
        chance = Chance(seed: seed)
        var plan = Run.Plan(
            task: TaskContainer(name: "task"), timeout: 120, daemonSetName: "task", daemonSetUID: Story.daemonSetUID)
        plan.keepsEveryLog = chance.oneIn(2)
        nodes = ["a", "b", "c"]
        isFragile = chance.oneIn(2)
        isWayward = chance.oneIn(3)
        isRestless = chance.oneIn(2) && !isCalm
        losesNews = chance.oneIn(3)
        if isPaced {
            pacing = Pacing(&chance)
            if isCalm { pacing!.losesPatches = false }
            plan.pace = pacing!.pace
            plan.timeout = pacing!.timeout
            nodes += (0..<chance.one(of: [0, 2, 5])).map { "other-\($0)" }
        }
        run = Run(plan)
    }

    mutating func step() {
        now += 0.5
        if isRestless, now < 40 { changeNodes() }
        control()
        pace()
        for index in pods.indices {
            let before = pods[index].seen
            guard isAlive(pods[index]) else { continue }
            pods[index].live(&chance, isFragile: isFragile, isWayward: isWayward)
            every[pods[index].uid] = pods[index]
            if pods[index].seen != before { tell(pods[index]) }
        }
        watch()
        take(.clock)
        checkPace()
    }

    // MARK: The cluster

    private mutating func changeNodes() {
        if chance.oneIn(20) {
            nodes.append("node-\(now)")
            joined[nodes.last!] = now
        }
        if nodes.count > 1, chance.oneIn(30) {
            let node = nodes.remove(at: chance.one(of: Array(nodes.indices)))
            for pod in pods where pod.node == node { delete(pod) }
        } else if chance.oneIn(30), let pod = pods.first {
            delete(pod)
        }
    }

    mutating func delete(_ pod: TruePod) {
        pods.removeAll { $0.uid == pod.uid }
        guard !pod.isPending || pacing != nil else { return }
        tell(.pod(pod.seen.leaving))
        tell(.podRemoved(pod.seen.leaving))
    }

    /// What the DaemonSet's controller does, when it gets round to it.
    private mutating func control() {
        guard chance.oneIn(3) else { return }
        let missing = nodes.filter { node in !pods.contains { $0.node == node } }
        for node in missing where chance.oneIn(2) {
            podsMade += 1
            pods.append(TruePod(node: node, uid: "uid-\(podsMade)", hangs: chance.oneIn(60)))
            pods[pods.count - 1].isGated = pacing != nil
            every[pods.last!.uid] = pods.last!
            if pacing != nil { tell(pods.last!) }
        }
        let covered = nodes.filter { node in pods.contains { $0.node == node } }.count
        let new = DaemonSetStatus(isObserved: true, wanted: nodes.count, scheduled: covered)
        if new != status { tell(.daemonSet(new)) }
        status = new
    }

    // MARK: What the run gets of it

    /// Pods that have not started are not followed.
    mutating func tell(_ pod: TruePod) {
        if !pod.isPending || pacing != nil { tell(.pod(pod.seen)) }
    }

    private mutating func tell(_ event: Event) {
        if isWatching { news.append(event) }
    }

    private mutating func watch() {
        if losesNews, now < 40, chance.oneIn(isWatching ? 20 : 6) {
            isWatching.toggle()
            news.append(isWatching ? .reachable : .outage("refused"))
            let followed = pods.filter { !$0.isPending || pacing != nil }
            if isWatching { news += [.podsListed(followed.map(\.seen)), .daemonSet(status)] }
        }
        // Logs are never ahead of the watch: what was so when they were read has been told.
        guard chance.oneIn(2) else { return }
        let arrived = news + answers
        (news, answers) = ([], [])
        arrived.forEach { take($0) }
    }

    private mutating func take(_ event: Event) {
        if case .daemonSet(let status) = event { pacing?.wanted = status.wanted }
        onlooker?.see(event, at: now, notReady: pacing?.dead ?? [])
        for action in run.handle(event, at: now) {
            switch action {
            case .fetch(let requests): fetch(requests)
            case .release(let pods): release(pods)
            case .delete(let pods): dismiss(pods)
            case .askAboutNodes: tellAboutNodes()
            case .askForPending: answers.append(.pendingListed(isWatching ? pods.filter(\.isPending).map(\.seen) : nil))
            case .end(let how):
                verdict = how
                compare()
            default: break
            }
        }
    }

    private mutating func fetch(_ requests: [LogRequest]) {
        answers.append(.fetched(requests.map { request in
            guard isWatching, let pod = pods.first(where: { $0.uid == request.podUID }) else {
                return Fetched(request, isWatching ? .lost("not found") : .failed("refused"))
            }
            guard let container = pod.log(previous: request.source.previous) else {
                return Fetched(request, .lost("previous terminated container not found"))
            }
            logs[request.node] = (request.podUID, container)
            return Fetched(request, .complete)
        }))
    }

    // MARK: What is true

    private mutating func compare() {
        for node in run.summary where run.nodesWithLogs.contains(node.node) && !node.partial {
            let log = logs[node.node]!
            if log.container != every[log.uid]!.ranTask {
                lies.append("\(node.node)'s log is that of container \(log.container) of \(every[log.uid]!)")
            }
        }
        for node in run.summary where node.state == .done {
            if every[logs[node.node]!.uid]!.exitCode != 0 { lies.append("\(node.node) is not done") }
        }
        if !losesNews {
            for node in run.summary where node.state == .failed && node.exitCode == 0 {
                lies.append("\(node.node) did not fail")
            }
        }
        guard verdict == .done else { return }
        let done = Set(run.summary.filter { $0.state == .done }.map(\.node))
        // Of a node that joined a moment ago nobody may have told yet.
        for node in nodes where !losesNews && now > (joined[node] ?? 0) + 15 && !done.contains(node) {
            lies.append("success, and \(node) was not done")
        }
    }
}
