/// What became of a run, for who tells of it.
extension Run {
    /// Whether the cluster could not be reached for a while.
    public var wasCutOff: Bool { outage.happened }

    /// Whether its DaemonSet is gone.
    public var isGone: Bool { daemonSetGone != nil }

    /// What became of the nodes, by name.
    public var summary: [NodeSummary] {
        nodes.sorted { $0.key < $1.key }.map { name, node in
            let isHere = node.log == .here
            let isLost = node.state == .done && !isHere
            return NodeSummary(
                node: name, state: isLost ? .unfetched : node.state, exitCode: node.exitCode,
                reason: isLost ? whyNoLog(node) : node.whyNot?.text ?? "", seconds: node.ended.map { Int($0) },
                partial: isHere && (!node.isFinal || node.isCutOff))
        }
    }

    /// The nodes on which it may be worth to run it again, by name: those that are there, and not done with a result.
    ///
    /// - Parameter goesOn: whether the tasks that run go on: run there again they would run twice at once.
    public func notDone(goesOn: Bool = false) -> [String] {
        summary.filter { node in
            let isRunning = goesOn && node.state == .waiting && nodes[node.node]?.hadStarted == true
            let isElsewhere = nodes[node.node].map(isResultElsewhere) ?? false
            return node.state != .done && node.state != .gone && !isRunning && !isElsewhere
        }.map(\.node)
    }

    /// The nodes whose log is here, whole or as far as it went.
    public var nodesWithLogs: [String] { nodes.filter { $0.value.log == .here }.map(\.key) }

    /// How many nodes are in this state. Those that are done count as such, with a result or without.
    public func number(of state: NodeState) -> Int {
        state == .unfetched ? count(.done) - logs.results.count : count(state)
    }
}
