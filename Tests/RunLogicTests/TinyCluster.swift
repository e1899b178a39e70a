@testable import RunLogic

/// A cluster in small: nodes that join, leave, go down and fail; containers that are restarted; kubelets that lie; a
/// watch that is late or broken, and logs that are ahead of it; a client that stands still. What a run says of it is
/// compared with what is true.
struct TinyCluster {
    /// What may happen in it.
    struct Kind {
        var isSealed = true, isPaced = false, isFragile = false, isWayward = false, isRestless = false
        var losesNews = false, jumps = false, lies = false, reboots = false, hasTwoSets = false
        var losesAnswers = false, hasDeaths = false, hasDuds = false

        init(_ chance: inout Chance, isPaced: Bool) {
            self.isPaced = isPaced
            isSealed = !chance.oneIn(3)
            isFragile = chance.oneIn(2)
            isWayward = chance.oneIn(3)
            isRestless = chance.oneIn(2)
            losesNews = chance.oneIn(3)
            jumps = chance.oneIn(4)
            lies = chance.oneIn(3)
            reboots = chance.oneIn(3)
            hasTwoSets = chance.oneIn(3)
            losesAnswers = chance.oneIn(3)
            hasDeaths = chance.oneIn(3)
            hasDuds = isPaced && chance.oneIn(3)
        }
    }

    var run: Run
    var now: Seconds = 0
    var outcome: Outcome?
    /// What the run says or does that is not right.
    var lies: [String] = []
    /// What happened.
    var seen: Set<String> = []
    let kind: Kind

    private var chance: Chance
    private var nodes: [String] = ["a", "b", "c"]
    private var joined: [String: Seconds] = [:]
    private var pods: [TruePod] = []
    private var every: [String: TruePod] = [:]
    private var podsMade = 0
    /// Nodes on which nothing happens.
    private var dead: Set<String> = []
    /// Pods that were to go while their node was dead: nobody knows of them any more.
    private var lost: Set<String> = []
    private var patches: [PodID] = []
    private var released: Set<String> = []
    /// Requests for results that are underway.
    private var transfers: [(request: LogRequest, isFromNode: Bool)] = []
    /// What is in the nodes' files.
    private var files: [String: (uid: String, container: Int?, output: TruePod.Output)] = [:]
    private var answers: [Event] = []
    /// What is on its way to the run.
    private var news: [Event] = []
    private var isWatching = true
    private var statuses: [DaemonSetStatus]
    private var ends: [String: NodeSummary] = [:]

    init(seed: Int, isPaced: Bool = false) {
        chance = Chance(seed: seed)
        kind = Kind(&chance, isPaced: isPaced)
        let sets = (0..<(kind.hasTwoSets ? 2 : 1)).map { Run.Plan.DaemonSet(name: "task-\($0)", uid: "set-\($0)") }
        statuses = sets.map { _ in DaemonSetStatus(isObserved: false, wanted: 0) }
        var plan = Run.Plan(
            task: TaskContainer(name: "task"), timeout: isPaced ? chance.one(of: [40, 90]) : 120, daemonSets: sets)
        plan.keepsEveryLog = chance.oneIn(2)
        plan.isSealed = kind.isSealed
        if isPaced {
            var pace = Pace(window: chance.one(of: [.number(1), .number(2), .number(3), .percent(30), .percent(100)]))
            plan.budget = chance.one(of: [nil, nil, .number(0), .number(1), .percent(20)])
            pace.grace = 5
            plan.pace = pace
            nodes += (0..<chance.one(of: [0, 2, 5])).map { "other-\($0)" }
        }
        run = Run(plan)
    }

    /// Lets it live until the run ends.
    mutating func live(until end: Seconds) {
        while outcome == nil, now < end {
            if kind.jumps, chance.oneIn(60) {
                seen.insert("jump")
                for _ in 0..<chance.one(of: [15, 60, 300]) { pass() }
            }
            pass()
            deliver()
            take(.clock)
            check()
        }
    }

    // MARK: The cluster

    private mutating func pass() {
        now += 0.5
        if kind.isRestless, now < 40 { changeNodes() }
        if kind.hasDeaths, now < 60 {
            if chance.oneIn(40), let node = nodes.first { dead.insert(node) }
            if chance.oneIn(60) { dead = [] }
        }
        control()
        for pod in pods where pod.isLeaving {
            if dead.contains(pod.node) { lost.insert(pod.uid) } else if chance.oneIn(8) { delete(pod) }
        }
        for patch in patches where chance.oneIn(3) { make(patch) }
        for index in pods.indices where !pods[index].isGated && !pods[index].isDud && !dead.contains(pods[index].node) {
            pods[index].live(&chance, at: now, kind)
            pods[index].judge(at: now)
            every[pods[index].uid] = pods[index]
            // kubelet tells it soon.
            if chance.oneIn(2) || now.truncatingRemainder(dividingBy: 1.5) == 0 { show(index) }
        }
        answerTransfers()
    }

    private mutating func show(_ index: Int) {
        let before = pods[index].shown
        pods[index].show(at: now)
        if pods[index].shown != before { tell(index) }
    }

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

    private mutating func delete(_ pod: TruePod) {
        pods.removeAll { $0.uid == pod.uid }
        guard !pod.isPending || kind.isPaced else { return }
        tell(.pod(pod.shown.leaving))
        tell(.podRemoved(pod.shown.leaving))
    }

    private func set(of node: String) -> Int { (Int(node.utf8.last ?? 0)) % statuses.count }

    /// What the DaemonSets' controller does, when it gets round to it.
    private mutating func control() {
        guard chance.oneIn(3) else { return }
        for node in nodes where !pods.contains(where: { $0.node == node }) && chance.oneIn(2) {
            podsMade += 1
            var pod = TruePod(node, "uid-\(podsMade)", isGated: kind.isPaced)
            pod.hangs = chance.oneIn(60)
            pods.append(pod)
            every[pod.uid] = pod
            tell(pods.count - 1)
        }
        for set in statuses.indices {
            let own = nodes.filter { self.set(of: $0) == set }
            let covered = own.filter { node in pods.contains { $0.node == node } }.count
            let new = DaemonSetStatus(isObserved: true, wanted: own.count, scheduled: covered)
            if new != statuses[set] { tell(.daemonSet(uid: "set-\(set)", new)) }
            statuses[set] = new
        }
    }

    // MARK: What the run gets of it

    /// Pods that have not started are not followed, where none waits for its turn.
    private mutating func tell(_ index: Int) {
        if !pods[index].isPending || kind.isPaced { tell(.pod(pods[index].shown)) }
    }

    private mutating func tell(_ event: Event) {
        if isWatching { news.append(event) }
    }

    private mutating func deliver() {
        if kind.losesNews, now < 40, chance.oneIn(isWatching ? 20 : 6) {
            isWatching.toggle()
            news.append(isWatching ? .reachable : .outage("Unauthorized"))
            if isWatching {
                news.append(.podsListed(pods.filter { !$0.isPending || kind.isPaced }.map(\.shown)))
                news += statuses.indices.map { .daemonSet(uid: "set-\($0)", statuses[$0]) }
            }
        }
        // Answers are ahead of the watch as often as not; lists may be behind it.
        let answered = answers
        answers = []
        for event in answered {
            if event.isList, chance.oneIn(3) { answers.append(event) } else { take(event) }
        }
        guard chance.oneIn(2) else { return }
        let arrived = news
        news = []
        arrived.forEach { take($0) }
    }

    private mutating func take(_ event: Event) {
        for action in run.handle(event, at: now) {
            switch action {
            case .fetch(let requests): transfers += requests.map { ($0, false) }
            case .collect(let requests): transfers += requests.map { ($0, true) }
            case .look(let asked):
                let uids = Set(asked.map(\.uid))
                let there = isWatching ? pods.filter { uids.contains($0.uid) }.map(\.shown) : []
                answers.append(.looked(there, at: asked))
            case .lookAtAll: answers.append(.lookedAtAll(isWatching ? pods.map(\.shown) : nil))
            case .release(let pods): release(pods)
            case .delete(let pods): dismiss(pods)
            case .countMatchingNodes: answers.append(.matchingNodes(isWatching ? nodes.count : nil))
            case .askAboutNodes: if isWatching { answers.append(.nodesNotReady(dead)) }
            case .askForPending:
                answers.append(.pendingListed(isWatching ? pods.filter(\.isPending).map(\.shown) : nil))
            case .end(let outcome):
                self.outcome = outcome
                compare(outcome)
            default: break
            }
        }
    }

    /// Logs come one by one, as they are at that moment.
    private mutating func answerTransfers() {
        var left: [(request: LogRequest, isFromNode: Bool)] = []
        for transfer in transfers {
            if chance.oneIn(3) {
                answers.append(.fetched([Fetched(transfer.request, answer(transfer))]))
            } else if chance.oneIn(40) {
                answers.append(.fetchEnded([transfer.request]))
            } else {
                left.append(transfer)
            }
        }
        transfers = left
    }

    private mutating func answer(_ transfer: (request: LogRequest, isFromNode: Bool)) -> Fetched.Outcome {
        let request = transfer.request
        if !isWatching || kind.losesAnswers && chance.oneIn(4) { return .failed("Unauthorized") }
        guard let pod = pods.first(where: { $0.uid == request.podUID }) else { return .lost("not found") }
        if dead.contains(pod.node) { return .failed("no route to host") }
        if transfer.isFromNode {
            guard pod.state == .running else { return .lost("container not found") }
            files[request.node] = (pod.uid, nil, pod.exitCode == nil ? .part : .whole)
            seen.insert("collected")
            return pod.exitCode.map { .proved(proof($0)) } ?? .unsealed
        }
        guard let container = pod.log(previous: request.source.previous) else {
            return .lost("previous terminated container not found")
        }
        let isLate = kind.isSealed && now < (pod.endedAt ?? now) + chance.one(of: [0, 1, 3])
        let output = pod.output(in: container, isSealed: kind.isSealed, isLate: isLate)
        files[request.node] = (pod.uid, container, output)
        guard kind.isSealed else { return .complete }
        guard output == .whole, let code = pod.exitCode else { return .unsealed }
        if chance.oneIn(10) {
            files[request.node] = (pod.uid, container, .part)
            return .sealed(proof(code))
        }
        return .proved(proof(code))
    }

    // MARK: Turns

    private mutating func make(_ patch: PodID) {
        patches.removeAll { $0 == patch }
        let isLost = !isWatching || kind.losesAnswers && chance.oneIn(2)
        if isLost, chance.oneIn(2) {
            seen.insert("patch lost")
            return answers.append(.released([PodAnswer(patch, .unclear("lost"))]))
        }
        guard let index = pods.firstIndex(where: { $0.uid == patch.uid }) else {
            return answers.append(.released([PodAnswer(patch, .refused(404, "not found"))]))
        }
        if pods[index].isGated {
            pods[index].isGated = false
            pods[index].isDud = kind.hasDuds && chance.oneIn(4)
            every[patch.uid] = pods[index]
            show(index)
        }
        if isLost { seen.insert("patch made, answer lost") }
        answers.append(.released([PodAnswer(patch, isLost ? .unclear("lost") : .taken)]))
    }

    private mutating func release(_ asked: [PodID]) {
        for pod in asked where released.insert(pod.uid).inserted {
            if let end = ends[pod.node] { lies.append("\(pod.node) is started again, and was \(end.state)") }
            // Of a start nobody may have told yet.
            let others = run.roster.nodes[pod.node]?.pods.filter { $0 != pod.uid } ?? []
            if others.contains(where: { run.roster.pod($0)?.hadStarted == true }) {
                lies.append("\(pod.node) is started again, though its task had started")
            }
        }
        if run.plan.pace != nil, let budget = run.plan.budget, budget.isExceeded(by: run.lost, of: run.allNodes) {
            lies.append("\(asked.map(\.node)) are started although \(run.lost) are lost")
        }
        patches += asked.filter { !patches.contains($0) }
    }

    private mutating func dismiss(_ asked: [PodID]) {
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
            show(index)
            answers.append(.deleted([PodAnswer(pod, .taken)]))
        }
    }

    // MARK: What holds

    /// What holds at any time.
    private mutating func check() {
        if case .number(let most)? = run.plan.pace?.window {
            let atWork = pods.count { $0.isAtWork && !lost.contains($0.uid) }
            if atWork > most { lies.append("\(atWork) are at work at \(now) s, and \(most) may be") }
            if atWork == most { seen.insert("full") }
        }
        for node in run.roster.nodes.keys.compactMap({ run.summary(of: $0) }) {
            if let end = ends[node.node] {
                if (end.state == .failed) != (node.state == .failed) || end.seconds != node.seconds {
                    lies.append("\(node.node) ended twice: \(end), \(node)")
                }
            } else if [.done, .failed].contains(run.roster.nodes[node.node]!.state) {
                ends[node.node] = node
            }
        }
        // `1 of 5 nodes done, 2 running`: those that are done and the others are no more than all.
        let counts = run.progress.prefix { $0 != ":" }.split(separator: " ").compactMap { Int($0) }
        if counts.count > 1, counts.reduce(0, +) > 2 * counts[1] { lies.append("at \(now) s it shows \(run.progress)") }
    }

    private mutating func compare(_ outcome: Outcome) {
        seen.insert(outcome.verdict.name)
        for node in outcome.nodes {
            seen.insert("node \(node.state)")
            if outcome.logs.contains(node.node), !node.partial, let file = files[node.node], let pod = every[file.uid] {
                // A task that was interrupted wrote what is in the log of its container.
                let isEnded = kind.isSealed || pod.exitCode != nil
                let isRight = isEnded ? file.output == .whole : file.container == pod.ranTask
                if !isRight { lies.append("\(node.node) is \(node.state), and has \(file) of \(pod)") }
            }
            if node.state == .done, files[node.node].flatMap({ every[$0.uid] })?.exitCode != 0 {
                lies.append("\(node.node) is not done")
            }
            if node.state == .failed, node.exitCode == 0, kind.isSealed, node.reason.isEmpty {
                lies.append("\(node.node) did not fail")
            }
        }
        guard outcome.verdict == .done else { return }
        let done = Set(outcome.nodes.filter { $0.state == .done }.map(\.node))
        // Of a node that joined a moment ago nobody may have told yet.
        for node in nodes where now > (joined[node] ?? 0) + 15 && !done.contains(node) {
            lies.append("success, and \(node) was not done")
        }
    }
}

extension Event {
    /// Whether it says how pods were when somebody asked.
    fileprivate var isList: Bool {
        switch self {
        case .pendingListed, .lookedAtAll, .looked: true
        default: false
        }
    }
}
