@testable import RunLogic
import Testing

/// Events in an order that no cluster would send them in, and what holds all the same.
@Suite("Events in any order") struct RandomEvents {
    enum Kind: CaseIterable { case plain, unsealed, paced, budget, looking }

    @Test("Whatever happens, in whatever order: each node is counted once, what is final stays, and there is an end")
    func anything() {
        var verdicts: Set<String> = []
        var states: Set<NodeState> = []
        for seed in 0..<60 {
            let kind = Kind.allCases[seed % Kind.allCases.count]
            var world = World(seed: seed, kind)
            while world.outcome == nil, world.run.now < 600, world.broken == nil { world.step() }
            #expect(world.broken == nil, "seed \(seed), \(kind), at \(world.now) s")
            #expect(world.outcome != nil, "seed \(seed), \(kind), does not end")
            verdicts.insert(world.outcome?.verdict.name ?? "none")
            states.formUnion(world.states)
        }
        // A property that no run comes near protects nothing.
        #expect(verdicts == ["done", "failed", "refused", "timed-out", "stopped"])
        #expect(states.isSuperset(of: [.queued, .waiting, .unreachable, .gone, .done, .failed, .unfetched]))
    }
}

private struct World {
    var run: Run
    var now: Seconds = 0
    var outcome: Outcome?
    /// What does not hold.
    var broken: String?
    /// The states in which nodes were seen.
    var states: Set<NodeState> = []
    private var chance: Chance
    private let nodes: [String]
    private var underway: [LogRequest] = []
    private var ends: [String: NodeSummary] = [:]
    private var announced: [String] = []
    private var announcedFailures: [String] = []
    /// How odd this world is: one event of so many is odd.
    private let oddness: Int

    init(seed: Int, _ kind: RandomEvents.Kind) {
        chance = Chance(seed: seed)
        var plan = Story.plan(timeout: 60)
        plan.failFast = chance.oneIn(5)
        plan.budget = chance.one(of: [nil, nil, nil, .number(0), .percent(50)])
        plan.keepsEveryLog = chance.oneIn(2)
        if chance.oneIn(3) { plan.agent = chance.one(of: [("install-run-once", "image"), ("task", "image")]) }
        plan.mayReplaceImage = plan.agent?.container == "task" && kind != .looking
        switch kind {
        case .plain: break
        case .unsealed: plan.isSealed = false
        case .paced: (plan.pace, plan.budget) = (Pace(window: .number(3)), nil)
        case .budget: (plan.pace, plan.budget) = (Pace(window: .percent(100)), .number(1))
        case .looking:
            now = chance.one(of: [5, 59, 400])
            plan.lookBegins = now
        }
        run = Run(plan)
        nodes = Array(["a", "b", "c", "d"].prefix(chance.one(of: [1, 2, 3, 4])))
        oddness = chance.one(of: [2, 6, 40])
    }

    mutating func step() {
        if chance.oneIn(3) {
            now += chance.one(of: [0.25, 0.5, 1, 1, 1, 1, 1, 20])
            take(.clock)
        } else if !underway.isEmpty, chance.oneIn(2) {
            let request = underway.removeFirst()
            let outcomes: [Fetched.Outcome] = [
                .proved(proof()), .proved(proof(3)), .sealed(proof()), .unsealed, .complete, .failed("no"),
                .lost("gone"),
            ]
            take(chance.oneIn(9) ? .fetchEnded([request]) : .fetched([Fetched(request, chance.one(of: outcomes))]))
        } else {
            take(event())
        }
    }

    private mutating func event() -> Event {
        let node = chance.one(of: nodes)
        guard chance.oneIn(oddness) else {
            return chance.one(of: [
                .pod(starting(node)), .pod(running(node)), .pod(done(node)), .wants(nodes.count), .reachable,
                .reachable, .podsListed(nodes.map { running($0) }), .pendingListed([]), .nodesNotReady([]),
            ])
        }
        let uid = chance.oneIn(2) ? "uid-of-\(node)" : "uid-of-new-\(node)"
        let pod = chance.one(of: [
            starting(node, uid: uid), running(node, uid: uid), done(node, uid: uid), done(node, uid: uid, restarts: 1),
            done(node, uid: uid, restarts: 2), failed(node, 3, "no", uid: uid), failed(node, 137, uid: uid),
            stuck(node, "ErrImagePull", uid: uid), stuck(node, "InvalidImageName", uid: uid), evicted(node, uid: uid),
            rejected(node, uid: uid), gated(node, uid: uid), failing(node, 3),
            RunLogicTests.pod(
                node, uid: uid, waits("PodInitializing"),
                initContainers: [waits("ErrImagePull", nil, "install-run-once")]),
        ])
        let id = PodID(node: node, name: pod.metadata.name, uid: uid)
        let change = ImageChange(from: "one", to: "other")
        let answer = PodAnswer(
            id,
            chance.one(of: [
                .taken, .refused(404, "not found"), .refused(409, "conflict"), .refused(403, "no"), .unclear("lost"),
            ]))
        return chance.one(of: [
            .pod(pod), .pod(pod), .pod(pod.leaving), .podRemoved(pod), .podRemoved(pod.leaving), .podsListed([pod]),
            .podsListed([]), .pendingListed(nil), .pendingListed([pod]), .looked([pod], at: [id]), .lookedAtAll([pod]),
            .wants(chance.one(of: [0, 1, 5])), .notObserved, .wants(nodes.count, has: 0), .nodesNotReady([node]),
            .nodesForbidden, .matchingNodes(chance.one(of: [nil, 0, 3])), .outage("refused"), .reachable, .reachable,
            .warning(about: Story.daemonSetUID, "FailedCreate", "quota"), .warning(about: uid, "FailedMount", "no"),
            .released([answer]), .deleted([answer]), .imagesReplaced(chance.oneIn(2) ? [:] : [node: change]),
            chance.oneIn(30) ? .daemonSetGone : .clock,
            chance.oneIn(30) ? .forbidden("no") : .clock, chance.oneIn(30) ? .signal(2) : .clock,
        ])
    }

    private mutating func take(_ event: Event) {
        for action in run.handle(event, at: now) {
            if outcome != nil { broken = "something comes after the end: \(action)" }
            switch action {
            case .end(let outcome): self.outcome = outcome
            case .fetch(let requests), .collect(let requests):
                let busy = Set(underway.map(\.node))
                if requests.contains(where: { busy.contains($0.node) }) { broken = "two requests for one node at once" }
                underway += requests
            case .ended(let nodes):
                announced += nodes.filter { $0.state == .done }.map(\.node)
                announcedFailures += nodes.filter { $0.state != .done }.map(\.node)
            default: break
            }
        }
        check()
    }

    private mutating func check() {
        var counted: [NodeState: Int] = [:]
        for node in run.roster.nodes.values { counted[node.state, default: 0] += 1 }
        for state in NodeState.allCases where run.count(state) != counted[state, default: 0] {
            broken = "\(run.count(state)) nodes are counted as \(state), and \(counted) are"
        }
        let summary = run.roster.nodes.keys.compactMap { run.summary(of: $0) }
        for node in summary {
            states.insert(node.state)
            let isFinal = run.roster.nodes[node.node]?.isFinal == true
            if let end = ends[node.node] {
                let isSame =
                    end.exitCode == node.exitCode && end.seconds == node.seconds
                    && (end.state == .failed) == (node.state == .failed)
                if !isFinal || !isSame { broken = "what was final is not: \(end), now \(node)" }
            } else if isFinal {
                ends[node.node] = node
            }
        }
        let results = summary.filter { $0.state == .done }.map(\.node).sorted()
        if announced.sorted() != results { broken = "announced are \(announced), here are \(results)" }
        // What a failed node wrote comes before it is told of, or not at all; at the end nothing is waited for.
        let failed = summary.filter { node in
            let pod = run.roster.nodes[node.node]?.pod ?? ""
            return node.state == .failed && !run.results.isWanted(pod)
        }.map(\.node).sorted()
        if outcome == nil, announcedFailures.sorted() != failed {
            broken = "failed nodes are told of: \(announcedFailures), and these are settled: \(failed)"
        }
        if outcome?.verdict == .done, results.count < max(1, summary.count) { broken = "no success: \(summary)" }
    }
}
