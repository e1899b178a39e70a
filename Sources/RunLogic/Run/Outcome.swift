/// What became of a run: who tells of it asks this, and not the run.
public struct Outcome: Equatable, Sendable {
    public let verdict: Verdict
    /// The nodes, by name.
    public let nodes: [NodeSummary]
    /// What is left to tell: what was not done, and why, and which results are lost.
    public private(set) var remarks: [String] = []
    /// Why tasks did not end that ran when the run ended.
    public private(set) var whyUnfinished = ""
    /// The cluster could not be reached for a while.
    public private(set) var wasCutOff = false
    /// A DaemonSet of the run is gone.
    public private(set) var isGone = false
    /// What those who only look at the run are to know of its end.
    public private(set) var note = Note()
    /// It is known how many nodes are meant.
    public private(set) var areCounted = false
    private var onlyLooked = false

    /// Of a run of which no more is known.
    public init(verdict: Verdict, nodes: [NodeSummary] = []) {
        (self.verdict, self.nodes) = (verdict, nodes)
    }

    init(of run: Run, _ verdict: Verdict) {
        let why = "no pod was made for it: \(run.plan.selection)"
        // Who only looks knows nothing of a node when what he looked at was gone before he had seen all.
        let isKnown = !run.plan.onlyLooks || run.hasSeen && (run.isGoneSince == nil || run.missing == 0)
        let named = (isKnown ? run.plan.named : []).map { ($0, why) }
        // Whoever started the run has seen nodes that are not there any more.
        let givenUp = run.plan.onlyLooks ? run.note.gaveUp : [:]
        let unmet = run.plan.unmet.merging(named) { own, _ in own }.merging(givenUp) { $1 }
            .filter { run.roster.nodes[$0.key] == nil }
        let seen = run.roster.nodes.keys.compactMap { run.summary(of: $0) }
        nodes = (seen + unmet.map { NodeSummary(node: $0, state: .unmet, reason: $1) }).sorted { $0.node < $1.node }
        // Where something is missing a success is none.
        let isShort = run.note.isBudgetSpent && run.missing > 0
        let isSuccess = !nodes.isEmpty && nodes.allSatisfy { $0.state == .done } && !isShort
        self.verdict = verdict == .done && !isSuccess ? .failed : verdict
        remarks = run.unfinished(nodes)
        whyUnfinished =
            switch verdict {
            case .timedOut: "timed out after \(Int(run.deadline)) s"
            case _ where run.plan.onlyLooks: "still running"
            default: "stopped"
            }
        wasCutOff = run.outage.happened
        isGone = run.isGoneSince != nil
        areCounted = run.wanted.isObserved
        onlyLooked = run.plan.onlyLooks
        note = run.note
        note.count(done: run.count(.done), lost: run.lost, of: run.allNodes)
        note.verdict = self.verdict.name
    }

    /// The nodes whose output is here, whole or as far as it went.
    public var logs: Set<String> { Set(nodes.filter(\.hasOutput).map(\.node)) }

    /// The nodes on which it may be worth to run it again, by name: those that are there, and not done with a result.
    ///
    /// - Parameter goesOn: whether the tasks that run go on: run there again they would run twice at once.
    public func notDone(goesOn: Bool = false) -> [String] {
        nodes.filter { node in
            let isRunning = goesOn && node.state == .waiting && node.hasStarted
            // Whoever runs it has the result.
            let isElsewhere = onlyLooked && isGone && node.state == .unfetched
            return node.state != .done && node.state != .gone && node.state != .unmet && !isRunning && !isElsewhere
        }.map(\.node)
    }

    /// What became of the nodes, in one line that says what is not zero: `57 of 60 nodes done, 2 failed, in 48 s`.
    ///
    /// - Parameter time: that it took, such as `in 48 s`.
    public func recap(_ time: String) -> String {
        if nodes.allSatisfy({ $0.state == .done }) { return "\(numberOfNodes(nodes.count)) done \(time)" }
        let line = howMany(
            number(of: .done), of: nodes.count,
            [
                (number(of: .unfetched), "without a result"), (number(of: .failed), "failed"),
                (number(of: .unreachable), "not reached"),
                (number(of: .waiting) + number(of: .gone) + number(of: .unmet), "not done"),
                (number(of: .queued), "not started"),
            ])
        return "\(line), \(time)"
    }

    /// How many nodes are in this state. Those that are done count as such, with a result or without.
    public func number(of state: NodeState) -> Int {
        nodes.count { $0.state == state || state == .done && $0.state == .unfetched }
    }
}

/// What became of a node, for the summary.
public struct NodeSummary: Equatable, Sendable {
    public let node: String
    public let state: NodeState
    public var exitCode: Int?
    public var reason = ""
    /// The reason without what the task said, such as `OOMKilled`.
    public var word = ""
    /// When it was done or failed, in seconds since the run began; nil where it did not end.
    public var seconds: Int?
    /// Its output is here, but not all of it, or nobody knows whether it is.
    public var partial = false
    /// What its output was proved by; nil where it was not.
    public var proof: Proof?
    /// What its task wrote is here, all of it or some.
    public var hasOutput = false
    /// Its task had started.
    public var hasStarted = false
}

extension NodeSummary {
    /// Of a node that an earlier run found done.
    public static func done(_ node: String) -> NodeSummary {
        NodeSummary(node: node, state: .done, exitCode: 0, hasOutput: true)
    }
}

extension Run {
    func result(of name: String) -> Result? {
        roster.nodes[name].flatMap { roster.pod($0.pod) }.flatMap { results.result(of: $0.id) }
    }

    /// What is known of a node now.
    func summary(of name: String) -> NodeSummary? {
        guard let node = roster.nodes[name], let pod = roster.pod(node.pod) else { return nil }
        let result = result(of: name)
        let isLost = node.state == .done || pod.phase == .ready && pod.remark == nil
        let flaw = isLost ? flaw(of: result) : nil
        let exitCode: Int? =
            switch pod.phase {
            case .done: 0
            case .failed(let code, _): code
            default: nil
            }
        return NodeSummary(
            node: name, state: flaw == nil ? node.state : .unfetched, exitCode: exitCode,
            reason: flaw ?? node.reason?.text ?? "", word: flaw == nil ? node.reason?.word ?? "" : "",
            seconds: pod.ended.map { Int($0) }, partial: result?.isHere == true && result?.flaw != nil,
            proof: result?.proof, hasOutput: result?.isHere == true, hasStarted: node.hasStarted)
    }

    private func flaw(of result: Result?) -> String? {
        // No failure of the node, but no success here either.
        if plan.onlyLooks, isGoneSince != nil, result?.isHere != true {
            return "the run ended meanwhile, and its pods are gone: whoever runs it has the result"
        }
        guard let result else { return "the run ended before it came" }
        return result.flaw
    }

    /// What was not done, and why, in lines: one for all nodes of which the same is to be told.
    fileprivate func unfinished(_ nodes: [NodeSummary]) -> [String] {
        func lines(_ beginning: String = "", _ told: (NodeSummary) -> String?) -> [String] {
            let groups = Dictionary(grouping: nodes, by: told)
            return groups.compactMap { text, nodes in
                text.map { "\(beginning)\(list(nodes.map(\.node))): \($0)" }
            }.sorted()
        }
        let waiting = lines("not done: ") { node in
            switch node.state {
            case .done, .unfetched, .failed: nil
            case .unmet: node.reason
            // Of these the reason is told with all nodes that have it.
            case _ where !node.reason.isEmpty: nil
            case .queued: "not started before the run ended"
            default: node.hasStarted ? "still running" : "not started"
            }
        }
        let missing = missing - count(.gone)
        let unknown = missing > 0 ? ["not done: \(missing) of \(wanted.nodes) nodes: no pod has started"] : []
        let lost = lines { node in
            switch (node.state, result(of: node.node)) {
            case (.unfetched, _): "done, but its result can't be fetched: \(node.reason)"
            case (.failed, .lost(let why)?): "failed, and its log can't be fetched: \(why)"
            case (.failed, .cut?):
                "failed, and what it wrote is not all here: \(result(of: node.node)?.flaw ?? "")"
            default: nil
            }
        }
        let late = lines { result(of: $0.node) == .late ? lateLog : nil }
        return (reasons.all() + waiting + unknown + lost + late).map(indented)
    }

    private var lateLog: String {
        """
        the log begins \(Int(plan.limits.rotation)) s or more after its container: what was before is missing where \
        kubelet rotated the log; only a seal tells (README, "Promises and limits")
        """
    }
}
