/// What pods, DaemonSets and nodes show, and what that changes.
extension Run {
    // MARK: Pods

    mutating func see(_ pod: Pod, isRemoved: Bool = false) {
        guard let name = pod.node, !roster.hasNewer(pod) else { return }
        let uid = pod.metadata.uid
        // A pod that has ended brings no other, however it changes: one that crashes again and again, say.
        if roster.pod(uid)?.isFinal != true || isRemoved || pod.isBeingDeleted { pending.noteChange() }
        // When the end is decided, a pod that takes another one's place is too late.
        if closing != nil, roster.nodes[name] != nil, roster.pod(uid) == nil { return }
        // Of what had ended before somebody looked it is not known when.
        let time = hasSeen ? now : nil
        let change = roster.see(pod, on: name, isRemoved: isRemoved, isLast: closing != nil, at: time)
        followTurn(of: pod, uid)
        take(change)
        believe(gaveUp: name)
        guard let tracked = roster.pod(uid) else { return }
        agentImage?.note(pod, on: name, isRemoved: isRemoved, at: now)
        patience.note(tracked, at: now)
        guard roster.standsForItsNode(uid) else { return }
        if tracked.phase == .started, begun.insert(uid).inserted { actions.append(.started(tracked.id)) }
        wantResult(of: tracked)
    }

    private mutating func followTurn(of pod: Pod, _ uid: String) {
        guard turns != nil, let tracked = roster.pod(uid) else { return }
        // One that was killed may have failed: nothing starts in its place before that is known.
        let hasEnded = tracked.showsEnd && !tracked.isProving || tracked.phase == .done
        guard !hasEnded, tracked.isThere else {
            turns?.finish(uid)
            return
        }
        let hasStarted = pod.allContainers.contains { $0.state?.running != nil || $0.end != nil || $0.endBefore != nil }
        let hasTurn = turns?.see(tracked.id, isHeldBack: pod.isHeldBack, hasStarted: hasStarted, at: now)
        guard hasTurn == true, !tracked.isReleased else { return }
        take(roster.change(uid) { $0.release() })
    }

    mutating func take(_ change: Roster.Change?) {
        guard let change else { return }
        let (name, node, pod) = (change.pod.id.node, change.node, change.pod)
        reasons.change(name, to: node.isFinal ? nil : node.reason)
        if node.runsAgain, change.before?.runsAgain != true {
            tell("\(name): its pod was deleted after its task had started: it runs there once more")
        }
        // Another pod counts than before: it may have ended already.
        if let before = change.before, before.pod != node.pod { wantResult(of: pod) }
        // Another pod may wait in the place of one that waited.
        if node.state == .queued { turns?.queue(pod.id) }
        guard node.state != change.before?.state else { return }
        if node.isFinal { mayHaveEnded.insert(name) }
        // A pod that has not started says nothing of how the others get on.
        if change.before != nil || !pod.isPending { patience.noteChange(at: now) }
        if node.isFinal { turns?.end(name, isDone: node.state == .done) }
        guard case .failed(let exitCode, let reason) = pod.phase else { return }
        // Before `wantResult` asks for what it wrote, which it does not where a proof is wanted.
        results.expectFailure(pod.id.uid)
        if exitCode == nil, note.gaveUp.count < Note.mostNames { note.gaveUp[name] = reason.text }
        let how = exitCode.map { "failed with exit code \($0)" } ?? "failed"
        reasons.fail(name, reason.isEmpty ? how : "\(how): \(reason.text)")
    }

    mutating func see(all pods: [Pod]) {
        // Who comes late sees at once what began one after the other.
        pods.forEach { see($0) }
        hasSeen = true
        clock.refresh()
        guard closing == nil else { return }
        let uids = Set(pods.map(\.metadata.uid))
        miss(roster.keepOnly(started: uids, all: plan.followsPending, at: now))
    }

    mutating func see(pending pods: [Pod]?) {
        // The pods that it tells of do not make it old.
        let mayBeOld = pending.mayBeOld
        pods?.forEach { see($0) }
        pending.take(isThere: pods != nil, mayBeOld: mayBeOld, at: now)
        guard let pods, closing == nil else { return }
        miss(roster.keepOnly(pending: Set(pods.map(\.metadata.uid)), at: now))
    }

    private mutating func miss(_ missed: (missed: [String], changes: [Roster.Change])) {
        missed.changes.forEach { take($0) }
        for uid in missed.missed {
            patience.forget(uid)
            turns?.finish(uid)
        }
    }

    // MARK: Looking once more

    mutating func take(look pods: [Pod], at asked: [PodID]) {
        pods.forEach { see($0) }
        let seen = Set(pods.map(\.metadata.uid))
        for pod in asked {
            mayHaveEnded.insert(pod.node)
            conclude(pod, results.take(look: pod.uid, roster.pod(pod.uid), wasSeen: seen.contains(pod.uid), at: now))
        }
    }

    mutating func take(lookAtAll pods: [Pod]?) {
        guard let pods else { return }
        pods.forEach { see($0) }
        clock.refresh()
    }

    // MARK: DaemonSets

    mutating func see(_ uid: String, _ status: DaemonSetStatus) {
        guard let name = plan.daemonSets.first(where: { $0.uid == uid })?.name else { return }
        let before = wanted.nodes
        guard let isChanged = wanted.see(uid, status) else { return }
        if isChanged {
            tell("somebody changed what daemonset/\(name) asks for: pods that are made from now on are other ones")
        }
        pending.noteChange()
        if wanted.nodes != before { patience.noteChange(at: now) }
    }

    mutating func loseDaemonSet(_ uid: String) {
        guard let lost = plan.daemonSets.first(where: { $0.uid == uid }) else { return }
        isGoneSince = isGoneSince ?? now
        // Whoever started the run deletes it at its end.
        guard !plan.onlyLooks else { return }
        guard closing == nil, clock.all >= deadline else {
            return refuse("somebody else deleted daemonset/\(lost.name)")
        }
        tellFailure("timed out after \(Int(deadline)) s: the cluster deleted daemonset/\(lost.name)")
        end(.timedOut)
    }

    // MARK: Nodes

    mutating func see(notReady names: Set<String>) {
        nodesWereListed = true
        turns?.learnWhichAreReady(at: now)
        roster.see(notReady: names).forEach { take($0) }
    }

    /// Why nodes are not ready, as they say. Where a network is missing `--host` works: its pods use their node's own.
    mutating func see(words: [String: String]) {
        let hint = "; --host uses the node's own network, and works there"
        let told = words.mapValues { text in
            let isNetwork = text.contains("NetworkReady=false") || text.contains("network plugin")
            return isNetwork && !plan.usesHostNetwork ? text + hint : text
        }
        roster.see(words: told).forEach { take($0) }
    }

    mutating func learnThatNodesAreForbidden() {
        // Who may list them may later, too: an API server that starts refuses for a moment what it will answer.
        guard !nodesAreForbidden, !nodesWereListed else { return }
        nodesAreForbidden = true
        turns?.learnThatNodesAreForbidden()
        if plan.mayListNodes { tell("can't list nodes (no permission): one that is not ready is waited for") }
    }

    mutating func see(_ warning: Warning) {
        if plan.daemonSets.contains(where: { $0.uid == warning.uid }) {
            if warning.reason == "FailedCreate" { rejections.note(warning.message) }
        } else if let pod = roster.pod(warning.uid), !pod.hadStarted, roster.standsForItsNode(warning.uid) {
            // What the pod itself says is newer; and not all that is warned of keeps a pod from starting.
            let failure = warning.isFailure ? Reason(warning.reason, warning.message) : nil
            guard let remark = failure ?? warning.pull else { return }
            take(roster.change(warning.uid) { $0.remark = $0.remark.flatMap { $0.isPull ? nil : $0 } ?? remark })
        }
    }

    // MARK: The cluster

    mutating func loseSight(_ why: String) {
        clock.lose()
        if let words = outage.begin(why) { tell(words) }
    }

    mutating func seeTheClusterAgain() {
        clock.reach()
        if let words = outage.end() { tell(words) }
    }

    /// What the one who gives the turns has noted: he knows, and who only looks believes him.
    mutating func read(_ note: Note) {
        guard plan.onlyLooks else { return }
        if note.isBudgetSpent, !self.note.isBudgetSpent { tellBudget(note.lost) }
        self.note = note
        note.gaveUp.keys.sorted().forEach { believe(gaveUp: $0) }
    }

    /// Of a node that was given up another pod may be seen after the note: it takes nothing back.
    private mutating func believe(gaveUp name: String) {
        guard plan.onlyLooks, let why = note.gaveUp[name], let node = roster.nodes[name], !node.isFinal else { return }
        fail(node.pod, nil, Reason(nil, why))
    }
}
