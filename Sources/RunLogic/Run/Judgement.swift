/// What follows from the time that has passed, and from how many have failed.
extension Run {
    /// Time is judged by what is known now: not before all pods were looked at after a jump.
    mutating func judgeTime() {
        guard closing == nil else { return }
        if clock.isStale { return lookAgain() }
        replaceImages()
        giveUpTheHopeless()
        // It also notes since when all others have ended, which `endWithoutHope` and results that do not come ask for.
        lookForTheLate()
        giveUpWhatTakesTooLong()
        readTheEnd()
        endWithDaemonSet()
        endWithoutTurns()
        endWithoutAgent()
        endWithoutNodes()
        endWithoutHope()
        if closing == nil, isOutOfTime {
            // Where nothing but results is on its way, it is they that count.
            if wanted.nodes > 0, !noNode.knowsOfMore, !isAnyOpen { return close(.done) }
            tellFailure("timed out after \(Int(deadline)) s")
            close(.timedOut)
        }
    }

    /// Should nobody answer, what is known has to do.
    private mutating func lookAgain() {
        if let since = clock.staleSince, now >= since + plan.limits.askSeldom {
            clock.refresh()
        } else if clock.asksAgain(after: plan.limits.ask) {
            actions.append(.lookAtAll)
        }
    }

    // MARK: What is late

    private mutating func lookForTheLate() {
        patience.follow(othersHaveEnded: !isAtWork && clock.isInReach, at: now)
        guard patience.isLate(at: now) else { return }
        // That an image is being pulled is no trouble yet.
        for (line, isPull) in reasons.newOnes() {
            if isPull { actions.append(.mention(line)) } else { tell(line) }
        }
        if isShortOfPods { rejections.newOnes().forEach { tell($0) } }
        guard isAnyOpen || roster.proving > 0, patience.asksNow(at: now) else { return }
        if !nodesAreForbidden { actions.append(.askAboutNodes) }
        guard isAnyOpen else { return }
        askForPending()
        actions.append(.askForWarnings)
    }

    mutating func askForPending() {
        if pending.asks(at: now) { actions.append(.askForPending) }
    }

    /// Whether all pods are known: where they are not, they are asked for.
    mutating func knowsAllPods() -> Bool {
        if !pending.areAllKnown { askForPending() }
        return pending.areAllKnown
    }

    // MARK: Another image

    private mutating func replaceImages() {
        guard plan.mayReplaceImage, !nodesAreForbidden, let pods = agentImage?.replacements(), !pods.isEmpty else {
            return
        }
        actions.append(.replaceImage(pods))
    }

    mutating func take(replaced images: [String: ImageChange]) {
        agentImage?.endReplacing(isAny: !images.isEmpty, at: now)
        let nodes = Dictionary(grouping: images.keys) { images[$0]?.text ?? "" }
        for (text, nodes) in nodes.sorted(by: { $0.key < $1.key }) { tell("\(list(nodes)): \(text)") }
    }

    // MARK: Giving up

    private mutating func giveUpTheHopeless() {
        for uid in patience.withoutHope(clock) {
            guard roster.standsForItsNode(uid), let pod = roster.pod(uid), case .hopeless(let why) = pod.phase else {
                continue
            }
            fail(uid, nil, why)
            dismiss(uid, why)
        }
    }

    private mutating func giveUpWhatTakesTooLong() {
        for overdue in turns?.overdue(clock, notReady: roster.notReady) ?? [] {
            switch overdue {
            case .node(let name): timeOut(name)
            case .start(let pod, let why):
                let words = roster.standsForItsNode(pod.uid) ? roster.nodes[pod.node]?.reason?.text : nil
                dismiss(pod.uid, Reason("not started within \(Int(plan.limits.start)) s", words ?? why))
            case .unreachable(let pod):
                let isOpen = roster.standsForItsNode(pod.uid) && roster.nodes[pod.node]?.isFinal == false
                turns?.giveUp(pod, isOpen: isOpen)
                take(roster.change(pod.uid) { $0.stay() })
            case .stuck(let pod, let why):
                guard let tracked = roster.pod(pod.uid), let dismissed = tracked.dismissed else { continue }
                fail(pod.uid, nil, Reason(nil, "\(dismissed.text); \(why)"))
            }
        }
    }

    /// A node has had its time. Its pod is deleted, since as long as it is there it is at work.
    private mutating func timeOut(_ name: String) {
        guard let node = roster.nodes[name], !node.isFinal, let pod = roster.pod(node.pod) else { return }
        let why = Reason("timed out after \(Int(plan.timeout)) s", node.isProving ? node.reason?.text : nil)
        switch node.state {
        // It lost its pod: a next one has its own time, where there is one.
        case .gone where turns?.has(node.pod) == false: return
        case .unreachable: break
        // It ended in time, and its result is on its way, for which the pod stays a while.
        case .waiting where node.isProving && results.isWanted(node.pod): break
        default:
            note.hasTimedOut = true
            fail(node.pod, nil, why)
            if plan.keepsEveryLog, pod.hadStarted { wantPart(of: pod) }
        }
        dismiss(node.pod, why)
    }

    /// A pod is to go, so that its turn is over: its node has failed, or has when it is gone.
    private mutating func dismiss(_ uid: String, _ why: Reason) {
        guard turns?.has(uid) == true else { return }
        take(roster.change(uid) { $0.dismissed = $0.dismissed ?? why })
        turns?.dismiss(uid, at: now)
    }

    // MARK: Turns

    /// Too many have failed, or hold their turn for good.
    mutating func spendBudget(isTick: Bool) {
        guard closing == nil, !plan.onlyLooks, startsMore else { return }
        // Where all are started at once, a pod that is gone may come again: only failures count.
        let lost = plan.pace == nil ? count(.failed) : lost
        if let budget = plan.budget, isCounted || !budget.isPercent, budget.isExceeded(by: lost, of: allNodes) {
            turns?.stop()
            note.isBudgetSpent = plan.pace != nil
            tellBudget(lost)
            if plan.pace == nil || plan.failFast { close(.failed) }
        } else if isTick, count(.queued) > 0, let why = turns?.whyAllAreStuck(of: window) {
            tellFailure("\(why): no further node can be started")
            close(.failed)
        }
    }

    mutating func tellBudget(_ lost: Int) {
        guard let budget = plan.budget else { return }
        let isAnyLeft = count(.queued) > 0 || isShortOfPods
        let rest =
            plan.failFast || plan.pace == nil ? ": the run stops" : isAnyLeft ? ": no further node is started" : ""
        let failures = lost == 1 ? "1 node failed or was not reached" : "\(lost) nodes failed or were not reached"
        tellFailure("\(failures), which is more than --max-failures \(budget)\(rest)")
    }

    mutating func startNext(isTick: Bool) {
        guard turns != nil, let pace = plan.pace, closing == nil else { return }
        guard isCounted || !pace.window.isPercent && plan.budget?.isPercent != true else { return }
        guard let orders = nextOrders(isTick) else { return }
        for pod in orders.release { take(roster.change(pod.uid) { $0.release() }) }
        if !orders.delete.isEmpty { actions.append(.delete(orders.delete)) }
        if orders.askAboutNodes { actions.append(.askAboutNodes) }
        if !orders.release.isEmpty { actions.append(.release(orders.release)) }
    }

    private mutating func nextOrders(_ isTick: Bool) -> Turns.Orders? {
        let (roster, results, clock, window) = (roster, results, clock, window)
        return turns?.next(
            clock, isTick: isTick, window: window, notReady: roster.notReady,
            isQueued: { pod in roster.nodes[pod.node].map { $0.state == .queued && $0.pod == pod.uid } ?? false },
            hasResult: { !results.isWanted($0.uid) })
    }

    mutating func take(released answers: [PodAnswer]) {
        guard let (why, code) = turns?.take(released: answers, at: now) else { return }
        let words = "the cluster refused: \(why)\(code == 403 ? "; --parallel takes the right to patch pods" : "")"
        // What nodes have done by then is not lost.
        let hasBegun = count(.done) + count(.failed) + roster.proving > 0 || turns?.isAnyFree == true
        guard hasBegun || closing != nil else { return refuse(words) }
        tellFailure(words)
        close(.refused)
    }

    mutating func take(deleted answers: [PodAnswer]) {
        for (why, code) in turns?.take(deleted: answers, at: now) ?? [] {
            let hint = code == 403 ? "; --parallel takes the right to delete pods" : ""
            tellFailure("a pod can't be deleted: \(why)\(hint)")
        }
    }
}
