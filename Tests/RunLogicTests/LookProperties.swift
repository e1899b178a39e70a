@testable import RunLogic
import Testing

/// Who attaches to a run with a pace ends as the run does.
@Suite("Looking at a cluster in small") struct LookProperties {
    @Test("Who looks on from the beginning, or from before the first node was given up, has the exit status of the run",
        arguments: 0..<15)
    func truth(block: Int) {
        for seed in block * 2..<(block + 1) * 2 {
            for since: Seconds in [0, 20, 45] {
                guard let (own, seen) = verdicts(seed: seed, since: since) else { continue }
                #expect(seen == own, "seed \(seed), from \(since) s on")
            }
        }
    }

    @Test("These clusters lead to all ends")
    func allKinds() {
        var ends: [String: Int] = [:]
        for seed in 0..<40 {
            guard let (own, _) = verdicts(seed: seed, since: 20) else { continue }
            ends[own.name, default: 0] += 1
        }
        for end in ["done", "failed", "timed-out"] { #expect(ends[end, default: 0] >= 2, "\(ends)") }
    }

    /// - Returns: how the run ended, and the look; nil where that can't be known.
    private func verdicts(seed: Int, since: Seconds) -> (own: Verdict, seen: Verdict?)? {
        var cluster = TinyCluster(seed: seed, isPaced: true, isCalm: true)
        while cluster.verdict == nil, cluster.now < 3000 {
            if cluster.onlooker == nil, cluster.now >= since, cluster.isWatching {
                // Of a node that was given up the pod is gone, or soon will be.
                guard cluster.run.turns.farewells.isEmpty else { return nil }
                // A task that was done, and whose container ended after all, is done for those alone who saw it.
                guard cluster.pods.allSatisfy({ $0.exitCode != 0 || $0.isReady }) else { return nil }
                cluster.onlooker = Onlooker(cluster)
            }
            cluster.step()
        }
        guard let own = cluster.verdict, var onlooker = cluster.onlooker else { return nil }
        onlooker.seeTheEnd(of: cluster)
        // A log that was lost to the one may have come to the other.
        let all = cluster.run.summary + onlooker.run.summary
        guard !all.contains(where: { $0.state == .unfetched }) else { return nil }
        return (own, onlooker.verdict)
    }
}

/// Somebody who attached to the run of a cluster in small.
struct Onlooker {
    private(set) var run: Run
    private(set) var verdict: Verdict?
    private var notReady: Set<String> = []

    init(_ cluster: TinyCluster) {
        var plan = cluster.run.plan
        plan.onlyLook(began: Timestamp(noon)!, since: cluster.now)
        run = Run(plan)
        see(.podsListed(cluster.pods.map(\.seen)), at: cluster.now, notReady: cluster.pacing!.dead)
        see(.daemonSet(cluster.status), at: cluster.now, notReady: cluster.pacing!.dead)
    }

    /// What the run hears of its own requests is not for others.
    mutating func see(_ event: Event, at time: Seconds, notReady: Set<String>) {
        self.notReady = notReady
        switch event {
        case .fetched, .released, .deleted, .nodesNotReady: return
        default: handle(event, at: time)
        }
    }

    /// The run deletes all it created.
    mutating func seeTheEnd(of cluster: TinyCluster) {
        handle(.daemonSetRemoved, at: cluster.now)
        for pod in cluster.pods {
            handle(.pod(pod.seen.leaving), at: cluster.now)
            if !notReady.contains(pod.node) { handle(.podRemoved(pod.seen.leaving), at: cluster.now) }
        }
        for second in 1...120 { handle(.clock, at: cluster.now + Seconds(second)) }
    }

    private mutating func handle(_ event: Event, at time: Seconds) {
        for action in run.handle(event, at: time) {
            switch action {
            case .release, .delete: Issue.record("who only looks changes something: \(action)")
            case .askAboutNodes: handle(.nodesNotReady(notReady), at: time)
            case .fetch(let requests): handle(.fetched(requests.map { Fetched($0, .complete) }), at: time)
            case .end(let how): verdict = how
            default: break
            }
        }
    }
}
