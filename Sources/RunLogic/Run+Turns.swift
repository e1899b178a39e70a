/// What becomes of the nodes whose turn it is.
extension Run {
    mutating func beginTurn(of pod: PodID, since: Seconds) {
        turns.underway[pod.uid] = Turns.Turn(pod: pod, since: since)
        turns.had.insert(pod.uid)
        turns.starting.append(Turns.Since(id: pod.uid, time: since))
        if turns.began[pod.node] == nil || turns.renewed.contains(pod.node) {
            turns.began[pod.node] = since
            turns.renewed.remove(pod.node)
            turns.atWork.append(Turns.Since(id: pod.node, time: since))
        }
    }

    mutating func endTurn(of uid: String) {
        guard let turn = turns.underway.removeValue(forKey: uid) else { return }
        if turn.isStuck { turns.stuck -= 1 }
        if turn.hasStarted { turns.renewed.insert(turn.pod.node) }
    }

    /// A pod that somebody else let start is at work like any other.
    mutating func followTurn(of pod: Pod, on name: String, isRemoved: Bool) {
        guard plan.pace != nil else { return }
        let uid = pod.metadata.uid
        let isOver = hasTaskEnded(in: pod)
        if isRemoved || pod.isBeingDeleted, !isOver { seeLeaving(uid, on: name) }
        if isRemoved || isOver { return endTurn(of: uid) }
        let hasEndedBefore = nodes[name].map { $0.isFinal && $0.podUID == uid } ?? false
        if !pod.isHeldBack, !turns.had.contains(uid), !hasEndedBefore {
            beginTurn(of: PodID(node: name, name: pod.metadata.name, uid: uid), since: turnBegan(of: pod))
        }
        guard turns.underway[uid] != nil else { return }
        if !pod.isHeldBack { turns.underway[uid]!.isReleased = true }
        if pod.allContainers.contains(where: \.hasEverStarted) { turns.underway[uid]!.hasStarted = true }
    }

    private func hasTaskEnded(in pod: Pod) -> Bool {
        switch Standing(of: pod, task: plan.task) {
        case .done, .failed: true
        default: pod.status.phase == "Failed" || pod.status.phase == "Succeeded"
        }
    }

    /// Those that a list of all pods does not hold are gone.
    mutating func followTurns(present: Set<String>) {
        turns.missesNews = false
        for uid in turns.underway.keys where !present.contains(uid) { endTurn(of: uid) }
    }

    // MARK: What takes too long

    /// What follows from the time that has passed.
    mutating func keepPace() {
        guard plan.pace != nil else { return }
        let isOwn = plan.look == nil
        for node in due(\.atWork, after: plan.timeout + (isOwn ? 0 : Look.patience))
        where turns.began[node.id] == node.time && (isOwn || isInTurn(node.id)) { timeOut(node.id) }
        for pod in due(\.starting, after: plan.limits.start) where isOwn { giveUpUnstarted(pod.id) }
        deleteDismissed()
        for pod in due(\.leaving, after: plan.limits.leave) where !giveUpUnreachable(pod.id) {
            turns.lingering.append(Turns.Since(id: pod.id, time: now))
        }
        let end = plan.limits.linger + (plan.pace?.grace ?? 0)
        for pod in due(\.lingering, after: end) where !giveUpUnreachable(pod.id) {
            giveUpStuck(pod.id)
        }
    }

    private func isInTurn(_ name: String) -> Bool { nodes[name].map { turns.underway[$0.podUID] != nil } ?? false }

    /// Takes out those that have waited for so long.
    private mutating func due(
        _ line: WritableKeyPath<Turns, Line<Turns.Since>>, after length: Seconds
    ) -> [Turns.Since] {
        var due: [Turns.Since] = []
        while let first = turns[keyPath: line].first, hasLasted(first.time, length) {
            due.append(first)
            _ = turns[keyPath: line].popFirst()
        }
        return due
    }

    /// A node has had its time. Its pod is deleted, since as long as it is there it is at work.
    mutating func timeOut(_ name: String) {
        guard let node = nodes[name], !node.isFinal else { return }
        let why = Reason("timed out after \(Int(plan.timeout)) s")
        switch node.state {
        // It lost its pod at work: its next turn brings new time.
        case .queued where turns.renewed.contains(name): return
        case .gone where turns.underway[node.podUID] == nil: turns.renewed.insert(name)
        case .unreachable: dismiss(node.podUID, why)
        default:
            turns.hasTimedOut = true
            fail(name, nil, why)
            if plan.keepsEveryLog, node.hadStarted {
                nodes[name]!.isCutOff = true
                wantLog(of: name, LogSource(restarts: node.ends))
            }
            dismiss(node.podUID, why)
        }
    }

    mutating func giveUpUnstarted(_ uid: String) {
        guard let turn = turns.underway[uid], !turn.hasStarted else { return }
        let words = nodes[turn.pod.node]?.reason?.text ?? turn.trouble
        dismiss(uid, Reason("not started within \(Int(plan.limits.start)) s", words))
    }

    /// A pod is to go, so that its turn is over: its node has failed, or has when it is gone.
    mutating func dismiss(_ uid: String, _ why: Reason) {
        guard let turn = turns.underway[uid], turns.farewells[uid] == nil else { return }
        // Who only looks deletes nothing: where nobody else has, nothing that goes is waited for.
        if plan.look != nil, !turn.isLeaving { return endTurn(of: uid) }
        turns.farewells[uid] = why
        turns.dismissed.append(Turns.Since(id: uid, time: now))
    }

    /// Its log goes with a pod: it is fetched before.
    private mutating func deleteDismissed() {
        var pods: [PodID] = []
        while let first = turns.dismissed.first {
            if let pod = turns.underway[first.id]?.pod {
                guard hasLog(pod) || hasLasted(first.time, plan.limits.result) else { break }
                pods.append(pod)
                turns.leaving.append(Turns.Since(id: pod.uid, time: now))
            }
            _ = turns.dismissed.popFirst()
        }
        if !pods.isEmpty, plan.look == nil { actions.append(.delete(pods)) }
    }

    /// Whether the log is here, is lost, or is wanted by nobody.
    private func hasLog(_ pod: PodID) -> Bool {
        switch nodes[pod.node]?.log {
        case .wanted, .underway: nodes[pod.node]?.podUID != pod.uid
        default: true
        }
    }

    mutating func take(deleted answers: [PodAnswer]) {
        for answer in answers {
            guard turns.underway[answer.pod.uid] != nil else { continue }
            switch answer.outcome {
            case .taken: break
            // Another pod of that name is none of ours.
            case .refused(404, _), .refused(409, _): endTurn(of: answer.pod.uid)
            case .refused(let code, let why):
                turns.underway[answer.pod.uid]!.refusal = why
                let hint = code == 403 ? "; --parallel takes the right to delete pods" : ""
                if turns.trouble.insert(why).inserted { tellFailure("a pod can't be deleted: \(why)\(hint)") }
            case .unclear: turns.unclear.append(Turns.Since(id: answer.pod.uid, time: now))
            }
        }
    }

    /// Requests of which nobody knows what they did are made again: to do them twice does no harm. When the turns are
    /// over no pod is let start any more: one that was not is deleted after its minute.
    mutating func tryAgain() {
        let pods = due(\.unclear, after: plan.limits.unclear).compactMap { turns.underway[$0.id]?.pod }
        let leaving = pods.filter { turns.farewells[$0.uid] != nil }
        let held = pods.filter { turns.farewells[$0.uid] == nil && turns.underway[$0.uid]?.isReleased == false }
        if !leaving.isEmpty { actions.append(.delete(leaving)) }
        if !held.isEmpty, !turns.areOver { actions.append(.release(held)) }
    }

    // MARK: What does not go

    /// Nobody is there to stop the pod of a node that is not ready; should the node come back, it stops it first.
    private mutating func giveUpUnreachable(_ uid: String) -> Bool {
        guard let pod = turns.underway[uid]?.pod else { return true }
        guard notReady.contains(pod.node) else { return false }
        endTurn(of: uid)
        guard let node = nodes[pod.node], !node.isFinal, node.podUID == uid else { return true }
        // Somebody else may have deleted the pod before.
        if node.state == .gone { set(pod.node, .waiting) }
        turns.givenUp.insert(pod.node)
        return true
    }

    /// It may be at work for all that anybody knows.
    private mutating func giveUpStuck(_ uid: String) {
        turns.underway[uid]!.isStuck = true
        turns.stuck += 1
        let turn = turns.underway[uid]!
        let name = turn.pod.node
        guard let node = nodes[name], !node.isFinal, let why = turns.farewells[uid] else { return }
        let whyThere = turn.refusal.map { "its pod can't be deleted: \($0)" } ?? "its pod was deleted and does not go"
        fail(name, nil, Reason(nil, "\(why.text); \(whyThere)"))
    }
}

extension Pod.ContainerStatus {
    /// Whether one of its containers has started.
    var hasEverStarted: Bool { state?.running != nil || end != nil || endBefore != nil }
}
