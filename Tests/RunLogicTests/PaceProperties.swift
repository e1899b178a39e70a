@testable import RunLogic
import Testing

/// What holds in a run with a pace whatever happens: seen from the cluster, not from the run.
@Suite("Some nodes at a time, in a cluster in small") struct PaceProperties {
    @Test("Never more at work than may be, each node ends once, nothing starts when too many failed, and it ends",
        arguments: 0..<15)
    func truth(block: Int) {
        for seed in block * 6..<(block + 1) * 6 {
            var cluster = TinyCluster(seed: seed, isPaced: true)
            while cluster.verdict == nil, cluster.now < 3000 { cluster.step() }
            #expect(cluster.verdict != nil && cluster.now <= cluster.pacing!.deadline, "seed \(seed), \(cluster.now) s")
            for lie in cluster.lies { Issue.record("seed \(seed): \(lie)") }
        }
    }

    /// A property that no run comes near protects nothing.
    @Test("These clusters lead to all ends, to full windows, lost answers, lost nodes and pods that do not start")
    func allKinds() {
        var seen: [String: Int] = [:]
        for seed in 0..<80 {
            var cluster = TinyCluster(seed: seed, isPaced: true)
            while cluster.verdict == nil, cluster.now < 3000 { cluster.step() }
            var kinds: Set = ["\(cluster.verdict?.name ?? "none")"]
            kinds.formUnion(cluster.run.summary.map { "node \($0.state)" })
            kinds.formUnion(cluster.run.summary.map { "\($0.reason.prefix(11))" })
            kinds.formUnion(cluster.pacing!.kinds)
            if cluster.run.turns.areOver { kinds.insert("budget spent") }
            if !cluster.run.turns.givenUp.isEmpty { kinds.insert("given up") }
            for kind in kinds { seen[kind, default: 0] += 1 }
        }
        let wanted = [
            "done", "failed", "timed-out", "node queued", "node done", "node failed", "node unreachable", "timed out a",
            "not started", "full", "patch lost", "patch made, answer lost", "budget spent", "given up", "successor",
            "node gone",
        ]
        for kind in wanted { #expect(seen[kind, default: 0] >= 2, "\(kind): \(seen)") }
    }
}

/// What there is in a cluster of a run with a pace only.
struct Pacing {
    let pace: Pace
    /// How many nodes are wanted, as the run was told last.
    var wanted = 0
    /// When the run must have ended.
    var deadline: Seconds = 0
    /// Nodes on which nothing happens.
    var dead: Set<String> = []
    /// Pods that never start.
    var duds: Set<String> = []
    /// Patches on their way.
    var patches: [PodID] = []
    /// Pods that the run asked to be patched.
    var released: Set<String> = []
    /// Pods that were to go while their node was dead: nobody knows of them any more.
    var lost: Set<String> = []
    /// What nodes ended as.
    var ends: [String: NodeSummary] = [:]
    /// What happened.
    var kinds: Set<String> = []
    /// How odd this cluster is.
    let hasDeaths: Bool, hasDuds: Bool
    var losesPatches: Bool
    let timeout: Seconds

    init(_ chance: inout Chance) {
        var pace = Pace(window: chance.one(of: [.number(1), .number(2), .number(3), .percent(30), .percent(100)]))
        pace.budget = chance.one(of: [nil, nil, .number(0), .number(1), .percent(20)])
        pace.grace = 5
        self.pace = pace
        hasDeaths = chance.oneIn(3)
        losesPatches = chance.oneIn(2)
        hasDuds = chance.oneIn(3)
        timeout = chance.one(of: [40, 90])
    }
}

extension TinyCluster {
    func isAlive(_ pod: TruePod) -> Bool {
        guard let pacing else { return true }
        return !pod.isGated && !pacing.dead.contains(pod.node) && !pacing.duds.contains(pod.uid)
    }

    /// Whether a pod may be running its task, or about to.
    private func isAtWork(_ pod: TruePod) -> Bool {
        !pod.isGated && pod.exitCode == nil && pacing?.lost.contains(pod.uid) == false
    }

    /// What happens in the cluster.
    mutating func pace() {
        guard pacing != nil else { return }
        if pacing!.hasDeaths, now < 60 {
            if chance.oneIn(40) { pacing!.dead.insert(chance.one(of: nodes)) }
            if chance.oneIn(80) { pacing!.dead = [] }
        }
        for pod in pods where pod.isLeaving {
            if pacing!.dead.contains(pod.node) { pacing!.lost.insert(pod.uid) } else if chance.oneIn(8) { delete(pod) }
        }
        for patch in pacing!.patches where chance.oneIn(3) {
            pacing!.patches.removeAll { $0 == patch }
            make(patch)
        }
    }

    /// A patch arrives, or is lost on its way.
    private mutating func make(_ patch: PodID) {
        let isLost = !isWatching || pacing!.losesPatches && chance.oneIn(2)
        if isLost, chance.oneIn(2) {
            pacing!.kinds.insert("patch lost")
            return answers.append(.released([PodAnswer(patch, .unclear("lost"))]))
        }
        guard let index = pods.firstIndex(where: { $0.uid == patch.uid }) else {
            return answers.append(.released([PodAnswer(patch, .refused(404, "not found"))]))
        }
        if pods[index].isGated {
            pods[index].isGated = false
            pods[index].scheduled = now
            if pacing!.hasDuds, chance.oneIn(4) { pacing!.duds.insert(patch.uid) }
            tell(pods[index])
        }
        if isLost { pacing!.kinds.insert("patch made, answer lost") }
        answers.append(.released([PodAnswer(patch, isLost ? .unclear("lost") : .taken)]))
    }

    mutating func release(_ asked: [PodID]) {
        let failed = run.summary.count { $0.state == .failed } + run.turns.givenUp.count
        let new = asked.filter { pacing!.released.insert($0.uid).inserted }
        for pod in new {
            if let end = pacing!.ends[pod.node] { lies.append("\(pod.node) is started again, and was \(end.state)") }
        }
        // A patch on its way arrives whatever happens meanwhile; none is sent, for the first time or again, after that.
        for pod in asked {
            if let budget = pacing!.pace.budget, budget.isExceeded(by: failed, of: run.allNodes) {
                lies.append("\(pod.node) is started although \(failed) have failed")
            }
        }
        pacing!.patches += asked.filter { !pacing!.patches.contains($0) }
        // What was let start may be so although nodes have left since.
        guard !new.isEmpty else { return }
        let onTheirWay = pods.count { pod in pod.isGated && pacing!.patches.contains { $0.uid == pod.uid } }
        let atWork = pods.count { isAtWork($0) } + onTheirWay
        let window = pacing!.pace.window.rounded(of: pacing!.wanted)
        if atWork > window { lies.append("\(atWork) are at work at \(now) s, and \(window) may be") }
        if atWork == window { pacing!.kinds.insert("full") }
    }

    mutating func dismiss(_ asked: [PodID]) {
        for pod in asked {
            guard isWatching, !chance.oneIn(4) else {
                answers.append(.deleted([PodAnswer(pod, .unclear("lost"))]))
                continue
            }
            guard let index = pods.firstIndex(where: { $0.uid == pod.uid }) else {
                answers.append(.deleted([PodAnswer(pod, .refused(404, "not found"))]))
                continue
            }
            pods[index].isLeaving = true
            tell(pods[index])
            answers.append(.deleted([PodAnswer(pod, .taken)]))
        }
    }

    mutating func tellAboutNodes() {
        guard pacing != nil, isWatching else { return }
        answers.append(.nodesNotReady(pacing!.dead))
    }

    /// What holds at any time.
    mutating func checkPace() {
        guard pacing != nil else { return }
        if case .number(let most) = pacing!.pace.window {
            let atWork = pods.count { isAtWork($0) }
            if atWork > most { lies.append("\(atWork) are at work at \(now) s, and \(most) may be") }
        }
        for (name, ended) in Dictionary(grouping: pods, by: \.node) where ended.count(where: { !$0.isGated }) > 1 {
            lies.append("two pods of \(name) were started")
        }
        for node in run.summary where [.done, .failed, .unfetched].contains(node.state) {
            if let end = pacing!.ends[node.node] {
                let isSame = end.seconds == node.seconds && (end.state == .failed) == (node.state == .failed)
                if !isSame { lies.append("\(node.node) ended twice: \(end), \(node)") }
                if pods.contains(where: { $0.node == node.node && $0.isGated }) { pacing!.kinds.insert("successor") }
            } else {
                pacing!.ends[node.node] = node
            }
        }
        let window = max(1, pacing!.pace.window.rounded(of: run.allNodes))
        let rounds = (run.allNodes + window - 1) / window
        let round = max(pacing!.timeout, 60) + 5 + 30
        pacing!.deadline = max(pacing!.deadline, round * Seconds(max(rounds, 1)) + 60 + 31)
        let progress = run.progress
        let queued = progress.total - progress.done - progress.failed - progress.notReached - progress.atWork!
        if progress.atWork! < 0 || queued < 0 { lies.append("at \(now) s it shows \(progress)") }
    }
}
