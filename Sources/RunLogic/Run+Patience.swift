/// How long the run has waited, and for what.
struct Patience {
    /// When a node came or changed, or how many are wanted.
    var lastChange: Seconds = 0
    /// Since when no node is waited for that can be reached; nil while one is.
    var othersEnded: Seconds?
    /// Since when the controller wants no node, and how long that has to stand before it is believed.
    var noNode: (since: Seconds, enough: Seconds)?
    /// Nodes that wait for what will never come: since when, and why.
    var hopeless: [String: (since: Seconds, why: Reason)] = [:]
    var asked: Seconds = -.infinity
    var nodesAreForbidden = false
    /// Why the cluster rejects pods, each once, and how many of these were told.
    var rejections: [String] = []
    var rejectionsTold = 0
}

/// Giving up what has no hope, and asking why the rest is late.
extension Run {
    /// Whether something has stood for so long, with the cluster in reach. After an outage it counts anew.
    func hasLasted(_ since: Seconds, _ length: Seconds) -> Bool {
        outage.isOver && now >= max(since, outage.ended) + length
    }

    // MARK: Asking

    /// Nodes are late when nothing happens, or else when it has taken a while.
    var isLate: Bool { now >= patience.lastChange + plan.limits.late || now >= plan.limits.lateAnyway }

    mutating func lookForTheLate() {
        let othersHaveEnded = !isAtWork && outage.isOver
        patience.othersEnded = othersHaveEnded ? patience.othersEnded ?? now : nil
        guard isLate else { return }
        reasons.newOnes().forEach { tell($0) }
        if isShortOfPods {
            patience.rejections.dropFirst(patience.rejectionsTold).forEach { tell("the cluster rejects pods: \($0)") }
            patience.rejectionsTold = patience.rejections.count
        }
        // While nodes keep ending it can wait: thousands of nodes are no small answer.
        let isQuiet = now >= patience.lastChange + plan.limits.late
        let pause = isQuiet ? plan.limits.ask : plan.limits.askSeldom
        guard now >= patience.asked + pause, isAtWork || count(.unreachable) > 0 else { return }
        patience.asked = now
        askForPending()
        if !patience.nodesAreForbidden { actions.append(.askAboutNodes) }
        actions.append(.askForWarnings)
    }

    mutating func learnThatNodesAreForbidden() {
        guard !patience.nodesAreForbidden else { return }
        patience.nodesAreForbidden = true
        turns.knowsNodes = true
        tell("you may not list nodes: a node that is not ready is waited for like any other")
    }

    mutating func see(_ warning: Warning) {
        if warning.uid == plan.daemonSetUID {
            guard warning.reason == "FailedCreate" else { return }
            var rejection = Reason(nil, withoutPodNames(warning.message)).text
            if rejection.contains("violates PodSecurity") {
                rejection += ": run it in a namespace at the Pod Security level privileged, with -n"
            }
            if !patience.rejections.contains(rejection) { patience.rejections.append(rejection) }
        } else if let name = nodeOfPod[warning.uid], let node = nodes[name] {
            // What the pod itself says is newer; and not all that is warned of keeps a pod from starting.
            guard node.state == .waiting, node.reason == nil, !node.hadStarted, warning.isFailure else { return }
            nodes[name]!.warning = Reason(warning.reason, warning.message)
            set(name, .waiting, nodes[name]!.warning)
        }
    }

    /// The same words for all pods: what differs is the name that the API server made up, of the DaemonSet's name and
    /// five letters or digits (k8s.io/apiserver/pkg/storage/names, k8s.io/apimachinery/pkg/util/rand).
    private func withoutPodNames(_ message: String) -> String {
        let combined = "(combined from similar events): "
        let prefix = (plan.daemonSetName + "-").prefix(58)
        var text = message.hasPrefix(combined) ? message.dropFirst(combined.count) : message[...]
        var result = ""
        while let start = text.firstRange(of: prefix) {
            let end = text[start.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "-" }
            let isMadeUp = end.count == 5 && end.allSatisfy("bcdfghjklmnpqrstvwxz2456789".contains)
            result += text[..<start.lowerBound] + (isMadeUp ? "POD" : prefix + end)
            text = text[end.endIndex...]
        }
        return (result + text).replacing(" \"POD\"", with: "")
    }

    // MARK: Giving up

    mutating func noteHope(_ standing: Standing, for name: String) {
        guard case .hopeless(let why) = standing else { return patience.hopeless[name] = nil }
        patience.hopeless[name] = (patience.hopeless[name]?.since ?? now, why)
    }

    /// Kubernetes tries for ever what can't succeed: some seconds are enough, for who reads the status.
    mutating func giveUpTheHopeless() {
        for (name, hopeless) in patience.hopeless where hasLasted(hopeless.since, plan.limits.hopeless) {
            giveUpHopeless(name, hopeless.why)
        }
    }

    mutating func giveUpHopeless(_ name: String, _ why: Reason) {
        patience.hopeless[name] = nil
        fail(name, nil, why)
        dismiss(nodes[name]!.podUID, why)
    }

    mutating func endWithoutHope() {
        endWithoutAgent()
        endWithoutNodes()
        guard closing == nil, !hasEnded, count(.waiting) == 0, turns.areOver || count(.queued) == 0 else { return }
        if isShortOfPods, !turns.areOver {
            let isRejected = !patience.rejections.isEmpty && hasLasted(patience.lastChange, plan.limits.rejection)
            if isRejected, knowsAllPods() { close(.refused) }
        } else if count(.unreachable) > 0, let since = patience.othersEnded, hasLasted(since, plan.limits.unreachable) {
            close(.failed)
        }
    }

    /// After an outage a controller may want no node for a while although there are some.
    private mutating func endWithoutNodes() {
        guard daemonSet.isObserved, daemonSet.wanted == 0, !isAtWork, count(.unreachable) == 0 else {
            patience.noNode = nil
            return
        }
        guard let noNode = patience.noNode else {
            patience.noNode = (now, plan.limits.noNodeTold)
            askForPending()
            return actions.append(.countMatchingNodes)
        }
        guard hasLasted(noNode.since, noNode.enough), knowsAllPods() else { return }
        if !nodes.isEmpty { return close(.done) }
        refuse("no node is meant: \(plan.selection)")
    }

    /// The list of nodes says how many are meant; where it may not be read, time tells.
    mutating func learn(matching count: Int?) {
        guard let count else { return }
        patience.noNode?.enough = count == 0 ? 0 : plan.limits.noNode
    }
}
