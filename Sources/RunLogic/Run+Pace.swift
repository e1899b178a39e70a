/// Which nodes are started, and when.
extension Run {
    // MARK: Lining up

    /// A node's pod is held back. What was let start a moment ago may be shown so for a while.
    mutating func queue(_ name: String) {
        let node = nodes[name]!
        guard !turns.had.contains(node.podUID) else { return set(name, .waiting) }
        turns.givenUp.remove(name)
        set(name, .queued)
        guard plan.pace != nil, node.state != .queued else { return }
        let place = Turns.Place(node: name, podUID: node.podUID)
        if turns.began[name] == nil { turns.line.append(place) } else { turns.again.append(place) }
    }

    /// A node that is ready again need not be the last.
    mutating func moveUp(_ name: String) {
        guard plan.pace != nil, let node = nodes[name], node.state == .queued else { return }
        turns.line.append(Turns.Place(node: name, podUID: node.podUID))
    }

    /// The node whose turn it is; those that are not ready are the last.
    private mutating func takeNext() -> String? {
        while let place = turns.again.popFirst() ?? turns.line.popFirst() {
            guard isQueued(place) else { continue }
            guard notReady.contains(place.node) else { return place.node }
            turns.last.append(place)
        }
        while let place = turns.last.popFirst() {
            if isQueued(place) { return place.node }
        }
        return nil
    }

    private func isQueued(_ place: Turns.Place) -> Bool {
        guard let node = nodes[place.node] else { return false }
        return node.state == .queued && node.podUID == place.podUID
    }

    // MARK: Starting

    /// How many nodes may be at work.
    var window: Int { plan.pace?.window.rounded(of: daemonSet.wanted) ?? 0 }

    /// Starts as many nodes as may be; what comes within half a second is started together.
    mutating func startNext() {
        guard let pace = plan.pace, plan.look == nil, closing == nil, !hasEnded else { return }
        guard knowsTheNews else { return turns.gathering = nil }
        tryAgain()
        guard !turns.areOver, daemonSet.isObserved || !pace.isRelative else { return }
        guard knowsWhoIsReady(), count(.queued) > 0, turns.underway.count < window else {
            turns.gathering = nil
            return
        }
        guard let since = turns.gathering else { return turns.gathering = now }
        guard now >= since + plan.limits.gather else { return }
        turns.gathering = nil
        var pods: [PodID] = []
        while turns.underway.count < window, let name = takeNext() {
            let pod = PodID(node: name, name: nodes[name]!.pod, uid: nodes[name]!.podUID)
            beginTurn(of: pod, since: now)
            set(name, .waiting)
            pods.append(pod)
        }
        if !pods.isEmpty { actions.append(.release(pods)) }
    }

    /// What failed in an outage counts before anything is started. Where only the news of the DaemonSet were lost, no
    /// list of the pods comes.
    private var knowsTheNews: Bool { outage.isOver && (!turns.missesNews || hasLasted(outage.ended, plan.limits.news)) }

    /// Nodes are asked about once at the start; where no answer comes they are all taken for ready.
    private mutating func knowsWhoIsReady() -> Bool {
        guard let asked = turns.asked else {
            turns.asked = now
            actions.append(.askAboutNodes)
            return false
        }
        return turns.knowsNodes || hasLasted(asked, plan.limits.readinessAnswer)
    }

    /// A patch of which nothing is known may have been made: the pod counts as started, and it is patched again.
    mutating func take(released answers: [PodAnswer]) {
        var refusal: String?
        for answer in answers {
            let uid = answer.pod.uid
            guard turns.underway[uid] != nil else { continue }
            switch answer.outcome {
            case .taken: turns.underway[uid]!.isReleased = true
            case .refused(404, _): endTurn(of: uid)
            case .refused(409, let why), .unclear(let why):
                turns.underway[uid]!.trouble = why
                turns.unclear.append(Turns.Since(id: uid, time: now))
            case .refused(let code, let why):
                let hint = code == 403 ? "; --parallel takes the right to patch pods" : ""
                refusal = refusal ?? "the cluster refused: \(why)\(hint)"
            }
        }
        if let refusal { endRefused(refusal) }
    }

    /// What nodes have done by then is not lost.
    private mutating func endRefused(_ why: String) {
        let hasBegun = count(.done) + count(.failed) > 0 || turns.underway.values.contains(where: \.isReleased)
        guard hasBegun || closing != nil else { return refuse(why) }
        tellFailure(why)
        close(.refused)
    }

    /// How far the run is.
    var progress: Progress {
        Progress(
            done: count(.done), failed: count(.failed), total: allNodes,
            atWork: plan.pace.map { _ in count(.waiting) + count(.unreachable) - turns.givenUp.count },
            notReached: turns.givenUp.count)
    }

    // MARK: When it is over

    /// How long the run may take.
    var deadline: Seconds {
        guard let pace = plan.pace else { return plan.timeout }
        return min(max(turns.deadline, pace.deadline(nodes: allNodes, timeout: plan.timeout)), pace.latest)
    }

    /// How many nodes are meant, as far as that is known.
    var allNodes: Int { max(nodes.count, daemonSet.wanted) }

    /// Too many have failed, or hold their turn for good.
    mutating func endTurns() {
        guard let pace = plan.pace, closing == nil, !hasEnded else { return }
        // More nodes may make the window wider, and the rounds fewer: no time is taken back.
        turns.deadline = deadline
        guard !turns.areOver else { return }
        let lost = count(.failed) + turns.givenUp.count
        if let budget = pace.budget, budget.isExceeded(by: lost, of: allNodes) {
            turns.areOver = true
            let isAnyLeft = count(.queued) > 0 || isShortOfPods
            let rest = plan.failFast ? ": the run stops" : isAnyLeft ? ": no further node is started" : ""
            let failures = lost == 1 ? "1 node failed or was not reached" : "\(lost) nodes failed or were not reached"
            tellFailure("\(failures), which is more than --max-failures \(budget)\(rest)")
            if plan.failFast { close(.failed) }
        } else if turns.stuck > 0, turns.stuck >= window, count(.queued) > 0 {
            let why = turns.trouble.isEmpty ? "pods that were deleted do not go" : "pods can't be deleted"
            tellFailure("\(why): no further node can be started")
            close(.failed)
        }
    }
}
