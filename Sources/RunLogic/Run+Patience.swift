/// How long the run has waited, and for what.
struct Patience {
    /// When a node ended, came or went last.
    var lastChange: Seconds = 0
    /// Since when no node is waited for that can be reached; nil while one is.
    var othersEnded: Seconds?
    /// Since when the controller wants no node.
    var noNodeSince: Seconds?
    /// How many nodes are meant, as the list of nodes says: unasked, unknown, or a number.
    var matching: Int??
    var asked: Seconds = -.infinity
    var nodesAreForbidden = false
}

/// Whether the cluster can be reached.
struct Outage {
    var happened = false
    var isOver = true
    var ended: Seconds = 0
    var told: Set<String> = []
}

/// On which nodes the agent's image is missing, as long as none is known to have it.
struct AgentImage {
    var isThere = false
    var missing: Set<String> = []
    var since: Seconds = 0
    var why = ""
}

/// Giving up what has no hope, and asking why the rest is late.
extension Run {
    // MARK: Asking

    /// Nodes are late when nothing happens, or else when it has taken a while.
    var isLate: Bool { now >= patience.lastChange + 3 || now >= 20 }

    mutating func lookForTheLate() {
        notePatience()
        guard isLate else { return }
        reasons.newOnes().forEach { tell($0) }
        if daemonSet.isObserved || !nodes.isEmpty, present < daemonSet.wanted || !daemonSet.isObserved { tellRejection() }
        guard now >= patience.asked + 10, isAtWork || count(.unreachable) > 0 else { return }
        patience.asked = now
        if !patience.nodesAreForbidden { actions.append(.askAboutNodes) }
        actions.append(.askForWarnings)
    }

    private mutating func notePatience() {
        let othersHaveEnded = count(.waiting) + count(.queued) == 0 && outage.isOver
        patience.othersEnded = othersHaveEnded ? patience.othersEnded ?? now : nil
        if daemonSet.isObserved, daemonSet.wanted == 0, nodes.isEmpty {
            if patience.noNodeSince == nil {
                patience.noNodeSince = now
                actions.append(.countMatchingNodes)
            }
        }
    }

    mutating func learnThatNodesAreForbidden() {
        guard !patience.nodesAreForbidden else { return }
        patience.nodesAreForbidden = true
        tell("you may not list nodes: a node that is not ready is waited for like any other")
    }

    mutating func see(_ warning: Warning) {
        if warning.uid == plan.daemonSetUID {
            guard warning.reason == "FailedCreate" else { return }
            rejection = Reason(nil, withoutPodName(warning.message)).text
        } else if let name = nodeOfPod[warning.uid], let node = nodes[name], node.podUID == warning.uid {
            guard node.state == .waiting, node.reason == nil, !node.hadStarted else { return }
            let reason = Reason(warning.reason, warning.message)
            nodes[name]!.reason = reason
            reasons.change(name, to: reason)
        }
    }

    /// The same words for all pods: what differs is the name that the controller made up.
    private func withoutPodName(_ message: String) -> String {
        let prefix = "(combined from similar events): "
        let message = message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message
        var parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        guard let name = parts.firstIndex(where: { $0.hasPrefix(plan.daemonSetName + "-") }), name > 0,
            name + 1 < parts.count
        else { return message }
        let before = parts[name - 1].hasSuffix(" ") ? parts[name - 1].dropLast() : parts[name - 1]
        parts.replaceSubrange((name - 1)...(name + 1), with: [before + parts[name + 1]])
        return parts.joined(separator: "\"")
    }

    private mutating func tellRejection() {
        guard let rejection, reasons.isNews(rejection) else { return }
        tell("the cluster rejects pods: \(rejection)")
    }

    // MARK: Giving up

    /// Kubernetes tries for ever what can't succeed: some seconds are enough, for who reads the status.
    mutating func giveUpTheHopeless() {
        for name in hopeless.sorted() {
            guard let node = nodes[name], let since = node.hopelessSince, now >= since + 10 else { continue }
            hopeless.remove(name)
            fail(name, nil, node.reason ?? Reason(nil))
        }
    }

    mutating func endWithoutHope() {
        guard outage.isOver else { return }
        endWithoutAgent()
        endWithoutNodes()
        guard closing == nil, !hasEnded, count(.waiting) + count(.queued) == 0 else { return }
        let isRejected = rejection != nil && (!daemonSet.isObserved || present < daemonSet.wanted)
        if isRejected, now >= patience.lastChange + 10 { return close(.refused) }
        if count(.unreachable) > 0, let since = patience.othersEnded, now >= max(since, outage.ended) + 30 {
            close(.failed)
        }
    }

    private mutating func endWithoutNodes() {
        guard let since = patience.noNodeSince else { return }
        // After an outage a controller may want no node for a while although there are some.
        let enough: Seconds
        switch patience.matching {
        case .some(.some(0)): enough = 0
        case .some(.some): enough = 60
        default: enough = 15
        }
        if now >= since + enough { refuse("no node is meant: \(plan.selection)") }
    }

    // MARK: The agent's image

    mutating func noteAgentImage(_ pod: Pod, on name: String) {
        guard let agent = plan.agent, !agentImage.isThere, let container = pod.status(of: agent.container) else { return }
        let hasRun = [container.state, container.lastState].contains { $0?.running != nil || $0?.terminated != nil }
        agentImage.isThere = hasRun
        guard !hasRun, let waiting = container.state?.waiting, let word = waiting.reason, word.contains("Image") else {
            return
        }
        if agentImage.missing.isEmpty { agentImage.since = now }
        agentImage.missing.insert(name)
        agentImage.why = Reason(word, waiting.message).text
    }

    private mutating func endWithoutAgent() {
        guard let agent = plan.agent, !agentImage.isThere, !agentImage.missing.isEmpty else { return }
        guard now >= agentImage.since + 15 else { return }
        tell("""
            no node that answered can get the agent's image \(agent.image): build it and push it to where the nodes \
            find it, or name it with --agent-image
            """)
        close(.failed)
    }

    // MARK: Outages

    mutating func see(outage why: String) {
        outage.happened = true
        outage.isOver = false
        guard outage.told.insert(why).inserted else { return }
        tell("the cluster can't be reached, trying again: \(why)")
    }

    mutating func seeTheClusterAgain() {
        guard !outage.isOver else { return }
        outage.isOver = true
        outage.ended = now
        tell("the cluster answers again")
    }
}
