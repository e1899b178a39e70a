@testable import RunLogic
import Testing

/// Events in an order that no cluster would send them in, and what holds all the same.
@Suite("Events in any order") struct RandomEvents {
    @Test("Whatever happens, in whatever order: one state a node, nothing taken back, nothing twice, and an end",
        arguments: 0..<10)
    func anything(block: Int) {
        for seed in block * 8..<(block + 1) * 8 { expectOrder(in: World(seed: seed), until: World.timeout + 30) }
    }

    @Test("The same holds in a run with a pace", arguments: 0..<8)
    func paced(seed: Int) {
        let pace = seed % 2 == 0 ? Pace(window: .number(3)) : Pace(window: .percent(100), budget: .number(1))
        // Of what is told here, five nodes are meant at most: two rounds.
        expectOrder(in: World(seed: seed, pace), until: 2 * World.timeout + 60 + 30)
    }

    private func expectOrder(in world: World, until end: Seconds) {
        var world = world
        while world.verdict == nil, world.now < end + 10 {
            world.step()
            if let broken = world.broken {
                Issue.record("seed \(world.seed), at \(world.now) s: \(broken)")
                return
            }
        }
        #expect(world.verdict != nil && world.now <= end, "seed \(world.seed)")
    }

    @Test("The same holds for who only looks, whenever that begins", arguments: 0..<4)
    func looking(block: Int) {
        for seed in block * 8..<(block + 1) * 8 {
            let since: Seconds = [5, 59, 61, 400][seed % 4]
            let limit = max(World.timeout, since + 120) + 30
            var world = World(seed: seed, lookingFrom: since)
            while world.verdict == nil, world.now < limit + 10 {
                world.step()
                if let broken = world.broken {
                    Issue.record("seed \(seed), at \(world.now) s: \(broken)")
                    return
                }
            }
            #expect(world.verdict != nil && world.now <= limit, "seed \(seed)")
        }
    }

    /// The verdicts that the seeds above lead to: a property that no run comes near protects nothing.
    @Test("These orders lead to every verdict, and to nodes in every state")
    func allKinds() {
        var verdicts: Set<String> = []
        var states: Set<NodeState> = []
        for seed in 0..<60 {
            var world = World(seed: seed)
            while world.verdict == nil, world.now < World.timeout + 40 { world.step() }
            verdicts.insert(world.verdict?.name ?? "none")
            states.formUnion(world.states)
        }
        #expect(verdicts == ["done", "failed", "refused", "timed-out", "stopped"])
        #expect(states == Set(NodeState.allCases))
    }
}

private struct World {
    static let timeout: Seconds = 60

    var run: Run
    var now: Seconds = 0
    var verdict: Verdict?
    /// What does not hold.
    var broken: String?
    /// The states in which nodes were seen.
    var states: Set<NodeState> = []
    private var chance: Chance
    private let nodes: [String]
    private var underway: [LogRequest]?
    private var isAskedForPending = false
    private var ends: [String: NodeSummary] = [:]
    private var here: Set<String> = []
    private var announced: [String] = []
    private var wereDone: Set<String> = []
    /// How odd this world is: one event of so many is odd.
    private let oddness: Int
    /// A node on which nothing ends.
    private let slow: String?

    let seed: Int
    private let isPaced: Bool

    init(seed: Int, _ pace: Pace? = nil, lookingFrom since: Seconds? = nil) {
        self.seed = seed
        isPaced = pace != nil
        chance = Chance(seed: seed)
        var plan = Run.Plan(
            task: TaskContainer(name: "task"), timeout: World.timeout, daemonSetName: "task",
            daemonSetUID: Story.daemonSetUID)
        plan.failFast = chance.oneIn(5)
        plan.pace = pace
        plan.keepsEveryLog = chance.oneIn(2)
        if chance.oneIn(3) { plan.agent = ("install-run-once", "image") }
        if let since {
            plan.onlyLook(began: Timestamp(noon)!, since: since)
            now = since
        }
        run = Run(plan)
        nodes = ["a", "b", "c", "d"].prefix(chance.one(of: [1, 2, 3, 4])).map { $0 }
        oddness = chance.one(of: [2, 6, 40])
        slow = chance.oneIn(2) ? "a" : nil
    }

    mutating func step() {
        if let requests = underway, chance.oneIn(3) {
            let outcomes: [Fetched.Outcome] = [.complete, .complete, .complete, .failed("no route"), .lost("gone")]
            take(.fetched(requests.filter { _ in !chance.oneIn(20) }.map { Fetched($0, chance.one(of: outcomes)) }))
            underway = nil
            take(.fetchEnded(requests))
        } else if isAskedForPending, chance.oneIn(3) {
            isAskedForPending = false
            let node = chance.one(of: nodes)
            take(.pendingListed(chance.one(of: [nil, [], [], [starting(node)], [stuck(node, "ErrImagePull")]])))
        } else if chance.oneIn(3) {
            now = (now + chance.one(of: [0.1, 0.5, 1])).rounded(.toNearestOrEven, to: 10)
            take(.clock)
        } else {
            take(event())
        }
    }

    private mutating func event() -> Event {
        let node = chance.one(of: nodes)
        guard chance.oneIn(oddness) else {
            return chance.one(of: [
                .pod(starting(node)), .pod(running(node)), .pod(node == slow ? running(node) : done(node)),
                .wants(nodes.count), .reachable,
            ])
        }
        let uid = chance.oneIn(2) ? "uid-of-\(node)" : "uid-of-new-\(node)"
        let pod = chance.one(of: [
            starting(node, uid: uid), running(node, uid: uid), done(node, uid: uid), done(node, uid: uid, restarts: 1),
            done(node, uid: uid, restarts: 2), failed(node, 3, "no", uid: uid), stuck(node, "ErrImagePull", uid: uid),
            stuck(node, "InvalidImageName", uid: uid), evicted(node, uid: uid), rejected(node, uid: uid),
            unscheduled(node, gate: "run-once/turn"), failing(node, 3), RunLogicTests.pod(node, uid: uid,
                waits("PodInitializing"), initContainers: [waits("ErrImagePull", nil, "install-run-once")]),
        ])
        if isPaced, chance.oneIn(6) { return chance.one(of: [.released([answer(pod)]), .deleted([answer(pod)])]) }
        return chance.one(of: [
            .pod(pod), .pod(pod), .pod(pod.leaving), .podRemoved(pod), .podRemoved(pod.leaving), .podsListed([pod]),
            .podsListed(nodes.map { running($0) }), .podsListed([]), .wants(chance.one(of: [0, 1, 5])), .notObserved,
            .wants(nodes.count, has: 0), .nodesNotReady([node]), .nodesNotReady([]), .nodesForbidden,
            .matchingNodes(chance.one(of: [nil, 0, 3])), .outage("refused"), .reachable, .reachable,
            .warning(about: Story.daemonSetUID, "FailedCreate", "quota"), .warning(about: uid, "FailedMount", "no"),
            .fetched([]), chance.oneIn(30) ? .daemonSetRemoved : .clock, chance.oneIn(30) ? .forbidden("no") : .clock,
            chance.oneIn(30) ? .signal(2) : .clock,
        ])
    }

    private mutating func answer(_ pod: Pod) -> PodAnswer {
        PodAnswer(PodID(node: pod.node ?? "", name: pod.metadata.name, uid: pod.metadata.uid), chance.one(of: [
            .taken, .taken, .refused(404, "not found"), .refused(409, "conflict"), .unclear("lost"),
        ]))
    }

    private mutating func take(_ event: Event) {
        // The loop brings one answer for each request for logs.
        if case .fetched([]) = event { return }
        let answered = if case .fetched(let batch) = event {
            Set(batch.filter { $0.outcome == .complete }.map(\.request.node))
        } else { Set<String>() }
        for action in run.handle(event, at: now) {
            if verdict != nil { broken = "something comes after the end: \(action)" }
            switch action {
            case .end(let how): verdict = how
            case .fetch(let requests): note(requests)
            case .askForPending: isAskedForPending = true
            case .results(let nodes): announced += nodes
            default: break
            }
        }
        check(answered)
    }

    private mutating func note(_ requests: [LogRequest]) {
        if underway != nil { broken = "logs are asked for while others are underway" }
        underway = requests
        let names = requests.map(\.node)
        if Set(names).count < names.count { broken = "a log is asked for twice at once" }
        let again = here.intersection(names)
        if !again.isEmpty { broken = "a log that is here is asked for again: \(again)" }
    }

    private mutating func check(_ answered: Set<String>) {
        let summary = run.summary
        var recounted: [NodeState: Int] = [:]
        for node in run.nodes.values { recounted[node.state, default: 0] += 1 }
        for state in NodeState.allCases where run.count(state) != recounted[state, default: 0] {
            broken = "\(run.count(state)) nodes are counted as \(state)"
        }
        let arrived = Set(run.nodesWithLogs).subtracting(here)
        if !arrived.isSubset(of: answered) { broken = "a log is here that did not come: \(arrived)" }
        if !here.isSubset(of: run.nodesWithLogs) { broken = "a log that was here is not" }
        here.formUnion(arrived)

        for node in summary {
            states.insert(node.state)
            let isDone = node.state == .done || node.state == .unfetched
            if let end = ends[node.node] {
                let wasDone = wereDone.contains(node.node)
                if isDone != wasDone || (!wasDone && (node.state != .failed || node.reason != end.reason))
                    || node.exitCode != end.exitCode || node.seconds != end.seconds {
                    broken = "what was final is not: \(end), now \(node)"
                }
            } else if isDone || node.state == .failed {
                ends[node.node] = node
                if isDone { wereDone.insert(node.node) }
            }
            if node.state == .done, !here.contains(node.node) { broken = "\(node.node) is done without its log" }
        }
        let results = summary.filter { $0.state == .done }.map(\.node)
        if announced.sorted() != results { broken = "announced are \(announced), here are \(results)" }
        if verdict == .done {
            if summary.isEmpty || summary.contains(where: { $0.state != .done }) { broken = "no success: \(summary)" }
            if Set(summary.map(\.node)) != here { broken = "success without all results" }
        }
    }
}

extension Double {
    /// Without the dust that adding up leaves.
    fileprivate func rounded(_ rule: FloatingPointRoundingRule, to parts: Double) -> Double {
        (self * parts).rounded(rule) / parts
    }
}
