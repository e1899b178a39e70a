/// What pods and nodes show.
extension Run {
    mutating func see(_ pod: Pod, isRemoved: Bool = false) {
        guard let name = pod.node else { return }
        pending.areKnown = false
        followTurn(of: pod, on: name, isRemoved: isRemoved)
        if let node = nodes[name], node.podUID != pod.metadata.uid {
            guard replaces(pod, node, isRemoved) else { return standBy(pod, for: name, isRemoved) }
            nodeOfPod[node.podUID] = nil
            nodes[name] = Node(pod, node.state)
        } else if nodes[name] == nil {
            nodes[name] = Node(pod)
            counts[.waiting, default: 0] += 1
            if pod.status.phase != "Pending" { patience.lastChange = now }
        }
        nodeOfPod[pod.metadata.uid] = name
        note(pod, on: name, isRemoved)
    }

    /// A pod that is there counts for its node: one that started, or else the one that came first.
    private func replaces(_ pod: Pod, _ node: Node, _ isRemoved: Bool) -> Bool {
        if node.isFinal || isRemoved || pod.isBeingDeleted || closing != nil { return false }
        return node.isReplaceable || (!node.hadStarted && Standing(of: pod, task: plan.task).hasStarted)
    }

    /// Of a pod that does not count nothing more may be heard: should the one that counts go, this one takes its place.
    private mutating func standBy(_ pod: Pod, for name: String, _ isRemoved: Bool) {
        if !isRemoved, !pod.isBeingDeleted {
            standby[name] = pod
        } else if standby[name]?.metadata.uid == pod.metadata.uid {
            standby[name] = nil
        }
    }

    private mutating func note(_ pod: Pod, on name: String, _ isRemoved: Bool) {
        let hadStarted = nodes[name]!.hadStarted
        let standing = Standing(of: pod, task: plan.task, hadStarted: hadStarted, isRemoved: isRemoved)
        nodes[name]!.hadStarted = hadStarted || standing.hasStarted
        nodes[name]!.isPending = pod.status.phase == "Pending" && !followsPending
        nodes[name]!.isMissed = false
        nodes[name]!.ends = max(nodes[name]!.ends, pod.status(of: plan.task.name)?.ends ?? 0)
        if nodes[name]!.isFinal { return wantLogOfFailure(of: name, standing) }
        guard closing == nil else { return nameUnstarted(name, standing) }
        noteAgentImage(pod, on: name, isRemoved)
        noteHope(standing, for: name)
        switch standing {
        case .queued: queue(name)
        case .working: set(name, .waiting)
        case .waiting(let reason): set(name, .waiting, why(reason, nodes[name]!))
        case .hopeless(let reason): set(name, .waiting, reason)
        case .rejected(let reason):
            nodes[name]!.isRejected = true
            set(name, .waiting, reason)
            takeStandby(name)
        case .done(let source):
            set(name, .done)
            if let source { wantLog(of: name, source) } else { loseLog(of: name, Run.tooManyRestarts) }
        case .failed(let exitCode, let reason, _):
            fail(name, exitCode, reason)
            wantLogOfFailure(of: name, standing)
        // What the run itself deletes is waited for. Who only looks can't tell who deleted the pod of a lost node.
        case .gone:
            let isWaitedFor = turns.farewells[pod.metadata.uid] != nil
                || plan.look != nil && nodes[name]!.state == .unreachable
            if isRemoved || !isWaitedFor { lose(name) }
        }
    }

    /// Why a node waits. That kubelet pauses before it tries again says less than why the try before failed.
    private func why(_ reason: Reason?, _ node: Node) -> Reason? {
        guard let reason else { return node.warning }
        guard let before = node.reason, reason.text.hasPrefix("ImagePullBackOff: ") else { return reason }
        return before.text.hasPrefix("ErrImagePull: ") ? before : reason
    }

    /// Nothing is decided any more, but why a pod has not started is told.
    private mutating func nameUnstarted(_ name: String, _ standing: Standing) {
        guard nodes[name]!.isPending, nodes[name]!.state == .waiting else { return }
        if case .waiting(let reason) = standing { set(name, .waiting, why(reason, nodes[name]!)) }
        if case .hopeless(let reason) = standing { set(name, .waiting, reason) }
    }

    /// Its pod is no longer there, or soon won't be. Why the cluster turned it down says more than that.
    mutating func lose(_ name: String) {
        let node = nodes[name]!
        if let why = turns.farewells[node.podUID] { return fail(name, nil, why) }
        set(name, .gone, node.isRejected ? node.reason : Reason("its pod was deleted before its task was done"))
        takeStandby(name)
    }

    private mutating func takeStandby(_ name: String) {
        if let pod = standby.removeValue(forKey: name) { see(pod) }
    }

    mutating func see(all pods: [Pod]) {
        standby = [:]
        // Who comes late sees at once what began one after the other.
        (plan.look == nil ? pods : pods.sorted { $0.scheduled ?? "" < $1.scheduled ?? "" }).forEach { see($0) }
        isListed = true
        guard closing == nil else { return }
        let present = Set(pods.map(\.metadata.uid))
        followTurns(present: present)
        for (name, node) in nodes where !node.isFinal && !node.isPending && !present.contains(node.podUID) {
            noteHope(.gone, for: name)
            lose(name)
        }
    }

    mutating func see(_ status: DaemonSetStatus) {
        if status.wanted != daemonSet.wanted { patience.lastChange = now }
        if status != daemonSet { pending.areKnown = false }
        daemonSet = status
    }

    mutating func loseDaemonSet() {
        daemonSetGone = daemonSetGone ?? now
        // Whoever started the run deletes it at its end.
        guard plan.look == nil else { return }
        guard closing == nil, now >= deadline else {
            return refuse("somebody else deleted daemonset/\(plan.daemonSetName)")
        }
        tellFailure("timed out after \(Int(deadline)) s: the cluster deleted daemonset/\(plan.daemonSetName)")
        end(.timedOut)
    }

    mutating func see(notReady names: Set<String>) {
        let changed = notReady.symmetricDifference(names)
        notReady = names
        turns.knowsNodes = true
        for name in changed {
            if !names.contains(name) { moveUp(name) }
            guard let node = nodes[name], node.state == .waiting || node.state == .unreachable else { continue }
            set(name, .waiting, node.reason)
        }
    }

    mutating func fail(_ name: String, _ exitCode: Int?, _ reason: Reason) {
        set(name, .failed, reason)
        nodes[name]!.exitCode = exitCode
        let how = exitCode.map { "failed with exit code \($0)" } ?? "failed"
        reasons.fail(name, reason.isEmpty ? how : "\(how): \(reason.text)")
    }

    /// A node's state changes here and nowhere else. A node that is not ready can't be waiting.
    mutating func set(_ name: String, _ state: NodeState, _ reason: Reason? = nil) {
        var node = nodes[name]!
        let before = node.state
        node.state = state == .waiting && notReady.contains(name) ? .unreachable : state
        node.reason = state == .failed ? reason : reason?.without(pod: node.pod, uid: node.podUID)
        // Of what had ended before somebody looked it is not known when.
        if node.isFinal, plan.look == nil || isListed { node.ended = now }
        if node.isFinal { turns.givenUp.remove(name) }
        nodes[name] = node
        reasons.change(name, to: node.isFinal ? nil : node.whyNot)
        guard node.state != before else { return }
        counts[before, default: 0] -= 1
        counts[node.state, default: 0] += 1
        patience.lastChange = now
    }
}
