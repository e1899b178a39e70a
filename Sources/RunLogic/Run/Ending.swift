/// When a run is over, and how.
extension Run {
    /// A pod is on each node that is wanted, all of them have ended, and what they wrote is here or lost.
    var isComplete: Bool {
        hasSeen && wanted.nodes > 0 && !wanted.isAnyEmpty && !isAnyOpen && isSettled
    }

    /// What is known is up to date, and no proof and no result is on its way.
    private var isSettled: Bool {
        clock.isUpToDate(patience: plan.limits.news) && roster.proving == 0 && results.areSettled
    }

    mutating func closeWhereComplete() {
        if closing == nil, isComplete, knowsAllPods() { close(.done) }
    }

    /// No node is waited for any more; what is on its way comes within half a minute.
    mutating func close(_ verdict: Verdict) {
        guard closing == nil else { return }
        // What was noted of the whole run says more than the nodes that are to be seen.
        let verdict = verdict == .done ? Verdict(named: note.verdict) ?? verdict : verdict
        let isEnd = verdict == .done || verdict == .failed
        // When more have failed than may, it does not count how they did.
        closing = (isEnd && note.hasTimedOut && !note.isBudgetSpent ? .timedOut : verdict, now)
        if plan.keepsEveryLog {
            for node in roster.nodes.values where node.state == .waiting && node.hasStarted {
                if let pod = roster.pod(node.pod) { wantPart(of: pod) }
            }
        }
        results.hurry(at: now)
        // What has not started is to be named, too.
        _ = knowsAllPods()
    }

    /// What is on its way comes within some seconds; who asks once more waits for nothing.
    mutating func stop(by signal: Int32) {
        guard closing == nil else { return end(.stopped(signal)) }
        close(.stopped(signal))
        guard !results.areSettled else { return }
        tell(
            """
            stopping: what the tasks have written comes within \(Int(plan.limits.interruption)) s; once more to skip it
            """)
    }

    mutating func endWhereSettled() {
        guard outcome == nil, let closing else { return }
        let limit = plan.limits.result
        let isOver =
            closing.verdict.isStopped
            ? now >= closing.since + plan.limits.interruption
            : clock.hasLasted(closing.since, limit) || now >= max(deadline, closing.since) + limit
        if isOver || results.areSettled && !pending.isUnderway { end(closing.verdict) }
    }

    /// Nothing more comes from this cluster. How the run ends may have been decided before.
    mutating func refuse(_ why: String) {
        tellFailure(why)
        end(closing?.verdict ?? .refused)
    }

    mutating func end(_ verdict: Verdict) {
        closing = closing ?? (verdict, now)
        tellFailures(all: true)
        let outcome = Outcome(of: self, verdict)
        self.outcome = outcome
        actions.append(.end(outcome))
    }

    // MARK: What time ends

    /// Whether no time is left. Who comes late sees what there is first, and takes the results that are there.
    var isOutOfTime: Bool {
        guard now >= deadline else { return false }
        guard let since = plan.lookBegins else { return true }
        let isTime = hasSeen && wanted.isObserved && now >= since + plan.limits.firstLook
        return isTime && isAnyOpen || now >= since + plan.limits.firstLookAtMost
    }

    mutating func endWithoutAgent() {
        guard closing == nil, let agent = plan.agent, agentImage?.isNowhere(clock) == true else { return }
        tell("no node that answered can get the agent's image \(agent.image): \(plan.agentAdvice)")
        close(.failed)
    }

    mutating func endWithoutNodes() {
        guard closing == nil else { return }
        let isNone = hasSeen && wanted.isObserved && wanted.isAnyEmpty && !isAnyOpen
        switch noNode.follow(isNone, clock) {
        case .ask?:
            askForPending()
            actions.append(.countMatchingNodes)
        case .doubt?:
            let whom = wanted.nodes == 0 ? "" : " by one of the DaemonSets"
            tell("no node is meant\(whom), as far as the cluster says; it is asked for a while longer")
        case .believe? where isSettled && knowsAllPods():
            let isEmpty = wanted.nodes == 0 && roster.nodes.isEmpty
            if isEmpty { refuse("no node is meant: \(plan.selection)") } else { close(.done) }
        case .believe?, nil: break
        }
    }

    /// Pods that the cluster rejects do not come. A node that is in trouble, or not ready, and had not started is given
    /// up when the others have ended; one whose task runs is waited for: to give it up kills its task halfway.
    mutating func endWithoutHope() {
        guard closing == nil, count(.waiting) == roster.turningDown, !startsMore || count(.queued) == 0 else { return }
        if startsMore, isShortOfPods {
            let isLong = clock.hasLasted(patience.lastChange, plan.limits.rejection)
            if rejections.isAnyForGood, isLong, knowsAllPods() { return close(.refused) }
            // Who may not list events sees no cause: the warning at the creation is all that there is.
            guard plan.violatesPodSecurity, rejections.areNone, isLong, wanted.isObserved, wanted.scheduled == 0,
                roster.nodes.isEmpty,
                knowsAllPods()
            else { return }
            refuse("\(Rejections.podSecurityAdvice): the cluster makes no pod here")
        } else if troubled > 0, !isAnyStartedOutOfReach, let since = patience.othersEnded {
            if clock.hasLasted(since, plan.limits.unreachable) { return close(.failed) }
            guard patience.tellsGivingUp() else { return }
            let names = roster.nodes.filter { $0.value.state == .unreachable || $0.value.turnsDown }.keys
            tell("all others have ended: \(Int(plan.limits.unreachable)) s more for \(list(names))")
        }
    }

    private var isAnyStartedOutOfReach: Bool {
        let givenUp = turns?.givenUp ?? []
        return roster.nodes.contains { $1.state == .unreachable && $1.hasStarted && !givenUp.contains($0) }
    }

    // MARK: What ends the look at somebody else's run

    /// The one who started it has noted how it ended.
    mutating func readTheEnd() {
        guard plan.onlyLooks, hasSeen, closing == nil, let verdict = Verdict(named: note.verdict) else { return }
        // Where all have ended, only their results are waited for.
        if results.areSettled || isAnyOpen { close(verdict) }
    }

    /// The DaemonSets are gone, and the pods go. What they showed before may still be on its way.
    mutating func endWithDaemonSet() {
        guard plan.onlyLooks, closing == nil, let gone = isGoneSince, now >= gone + plan.limits.lastNews else { return }
        // Where all have ended, only their results are waited for.
        guard roster.nodes.isEmpty || isAnyOpen else { return }
        let names = plan.daemonSets.map { "daemonset/\($0.name)" }.joined(separator: ", ")
        tell("\(names) was deleted before its nodes were done, as far as could be seen from here")
        let hasFailed = count(.failed) > 0 || !isAtWork && troubled > 0
        close(now >= deadline ? .timedOut : hasFailed ? .failed : .refused)
    }

    /// Queued nodes start one after the other. When none has its turn for so long, nobody is there to give it.
    mutating func endWithoutTurns() {
        guard closing == nil, let since = plan.lookBegins, startsMore, count(.queued) > 0 else { return }
        // Whose turn is not over: a node that waits, can't be reached, or whose pod goes. One that is done and down
        // holds its place.
        let isAnyDown = roster.notReady.contains { roster.nodes[$0]?.state == .done }
        guard count(.waiting) + count(.unreachable) + count(.gone) == 0, !isAnyDown else { return }
        // One that was given up has its turn until its pod is gone.
        let isAnyLeft = roster.nodes.values.contains { $0.state == .failed && roster.pod($0.pod)?.goesOn == true }
        let limits = plan.limits
        let time = limits.abandoned + (isAnyLeft ? limits.leave + limits.linger + (plan.pace?.grace ?? 0) : 0)
        guard clock.hasLasted(max(patience.lastChange, since), time) else { return }
        let silence = "no node has been started for \(Int(time)) s, and none is at work"
        tell("\(silence): whoever started this run seems to be gone")
        close(.failed)
    }
}
