/// What pods and nodes show.
extension Run {
    mutating func see(_ pod: Pod, isRemoved: Bool = false) {
        guard let name = pod.node else { return }
        if let node = nodes[name], node.podUID != pod.metadata.uid {
            guard replaces(pod, node, isRemoved) else { return }
            let state = nodes[name]!.state
            nodes[name] = Node(pod, state)
        } else if nodes[name] == nil {
            nodes[name] = Node(pod)
            counts[.waiting, default: 0] += 1
        }
        nodeOfPod[pod.metadata.uid] = name
        note(pod, on: name, isRemoved)
    }

    /// A pod that is there counts for its node: one that started, or else the one that came first.
    private func replaces(_ pod: Pod, _ node: Node, _ isRemoved: Bool) -> Bool {
        if node.isFinal || isRemoved || pod.isBeingDeleted || closing != nil { return false }
        let hasStarted = pod.status(of: plan.task.name)?.state?.running != nil
        return node.isReplaceable || (hasStarted && !node.hadStarted)
    }

    private mutating func note(_ pod: Pod, on name: String, _ isRemoved: Bool) {
        let standing = Standing(
            of: pod, task: plan.task, hadStarted: nodes[name]!.hadStarted, isRemoved: isRemoved)
        if let container = pod.status(of: plan.task.name) {
            nodes[name]!.restarts = max(nodes[name]!.restarts, container.restartCount)
            if container.state?.running != nil { nodes[name]!.hadStarted = true }
        }
        guard closing == nil else { return }
        noteAgentImage(pod, on: name)
        guard !nodes[name]!.isFinal else { return learnWhereTheLogIs(standing, name) }
        switch standing {
        case .done(let source):
            set(name, .done)
            wantLog(of: name, source)
        case .failed(let exitCode, let reason, _):
            fail(name, exitCode, reason)
            learnWhereTheLogIs(standing, name)
        case .queued: set(name, .queued)
        case .working: set(name, .waiting)
        case .waiting(let reason): set(name, .waiting, reason)
        case .hopeless(let reason):
            set(name, .waiting, reason)
            if hopeless.insert(name).inserted { nodes[name]!.hopelessSince = now }
        case .rejected(let reason):
            set(name, .waiting, reason)
            nodes[name]!.isReplaceable = true
        case .gone:
            set(name, .gone, Reason("its pod was deleted before its task was done"))
            nodes[name]!.isReplaceable = true
        }
        if case .hopeless = standing { return }
        hopeless.remove(name)
    }

    mutating func see(all pods: [Pod]) {
        pods.forEach { see($0) }
        let present = Set(pods.map(\.metadata.uid))
        for (name, node) in nodes where !node.isFinal && !present.contains(node.podUID) && closing == nil {
            set(name, .gone, Reason("its pod was deleted before its task was done"))
            nodes[name]!.isReplaceable = true
        }
    }

    mutating func see(_ status: DaemonSetStatus) {
        if status.wanted != daemonSet.wanted { patience.lastChange = now }
        daemonSet = status
        if status.wanted > 0 || !status.isObserved { patience.noNodeSince = nil }
    }

    mutating func loseDaemonSet() {
        guard now < plan.timeout else {
            tell("timed out after \(Int(plan.timeout)) s: the cluster deleted daemonset/\(plan.daemonSetName)")
            return end(.timedOut)
        }
        refuse("somebody else deleted daemonset/\(plan.daemonSetName)")
    }

    mutating func see(notReady names: Set<String>) {
        let changed = notReady.symmetricDifference(names)
        notReady = names
        for name in changed {
            guard let node = nodes[name], node.state == .waiting || node.state == .unreachable else { continue }
            set(name, .waiting, node.state == .unreachable ? nil : node.reason)
        }
    }

    mutating func fail(_ name: String, _ exitCode: Int?, _ reason: Reason) {
        set(name, .failed, reason)
        nodes[name]!.exitCode = exitCode
        let how = exitCode.map { "failed with exit code \($0)" } ?? "failed"
        reasons.fail(name, reason.isEmpty ? how : "\(how): \(reason.text)")
    }

    /// A node's state changes here and nowhere else. A node that is not ready can't be waiting.
    private mutating func set(_ name: String, _ state: NodeState, _ reason: Reason? = nil) {
        let isUnreachable = state == .waiting && notReady.contains(name)
        let state = isUnreachable ? .unreachable : state
        let reason = isUnreachable ? Reason("the node is not ready") : reason
        let before = nodes[name]!.state
        counts[before, default: 0] -= 1
        counts[state, default: 0] += 1
        reasons.change(name, to: state == .failed || state == .done ? nil : reason)
        nodes[name]!.state = state
        nodes[name]!.reason = reason
        if nodes[name]!.isFinal { nodes[name]!.ended = now }
        if before != state { patience.lastChange = now }
    }
}
