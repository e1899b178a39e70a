/// What is known of a run by who only looks at it.
struct Look: Sendable {
    /// When the run began, by the cluster's clock.
    let began: Timestamp
    /// When this program began to look, in seconds since the run began.
    let since: Seconds

    /// So much earlier than it is time, a pod may seem to be deleted: the cluster tells a time in whole seconds, and
    /// whoever started the run let the pod start a moment before it got its node.
    static let slack: Seconds = 5
    /// So long after it is time, a pod may still be there: its log is fetched before it is deleted.
    static let patience: Seconds = 35
}

/// What is decided otherwise by who only looks at a run. Whoever started it, or the cluster, may end it at any time;
/// and nobody may be there any more who gives the nodes their turn.
extension Run {
    /// Whether no time is left. Who comes late sees what there is first, and takes the results that are there.
    var isOutOfTime: Bool {
        guard now >= deadline else { return false }
        guard let look = plan.look else { return true }
        let hasSeen = isListed && daemonSet.isObserved && now >= look.since + plan.limits.firstLook
        return hasSeen && isAtWork || now >= look.since + plan.limits.firstLookAtMost
    }

    /// The DaemonSet is gone, and the pods go. What they showed before may still be on its way.
    mutating func endWithDaemonSet() {
        guard plan.look != nil, let gone = daemonSetGone, now >= gone + plan.limits.lastNews else { return }
        // Where all have ended, only their results are waited for.
        guard nodes.isEmpty || isAtWork || count(.unreachable) > 0 else { return }
        tell("""
            daemonset/\(plan.daemonSetName) was deleted before its nodes were done, as far as could be seen from here
            """)
        let hasFailed = count(.failed) > 0 || !isAtWork && count(.unreachable) > 0
        close(now >= deadline ? .timedOut : hasFailed ? .failed : .refused)
    }

    func mayHaveEnded(since time: Seconds) -> Bool {
        plan.look != nil && daemonSetGone == nil && now < time + plan.limits.lastNews
    }

    /// The run ended before this program had this node's result, and took it along: that is no failure of the node, but
    /// no success here either (exit status 1).
    func isResultElsewhere(_ node: Node) -> Bool {
        plan.look != nil && daemonSetGone != nil && node.state == .done && node.log != .here
    }

    /// Queued nodes start one after the other. When none has its turn for so long, nobody is there to give it.
    mutating func endWithoutTurns() {
        guard let look = plan.look, count(.queued) > 0 else { return }
        // A node that can't be reached has its turn, and so has one whose pod goes.
        guard count(.waiting) + count(.unreachable) + count(.gone) == 0, turns.underway.isEmpty else { return }
        guard hasLasted(max(patience.lastChange, look.since), plan.limits.abandoned) else { return }
        let time = "\(Int(plan.limits.abandoned)) s"
        tell("no node has been started for \(time), and none is at work: whoever started this run seems to be gone")
        close(.failed)
    }

    /// Since when a pod has had its turn: for who only looks, since it got its node.
    func turnBegan(of pod: Pod) -> Seconds {
        guard let look = plan.look, let scheduled = pod.scheduled.flatMap({ Timestamp($0) }) else { return now }
        return min(now, scheduled.since(look.began))
    }

    /// A pod goes in its turn, and its task has not ended. Where it is time for that, whoever started this run gave up
    /// its node.
    mutating func seeLeaving(_ uid: String, on name: String) {
        guard plan.look != nil, let turn = turns.underway[uid] else { return }
        guard let node = nodes[name], node.podUID == uid, !node.isFinal else { return }
        turns.underway[uid]!.isLeaving = true
        let soon = now + Look.slack
        let timeIsUp = (turns.began[name] ?? now) + plan.timeout
        if !turn.hasStarted, turn.since + plan.limits.start < min(soon, timeIsUp) {
            giveUpUnstarted(uid)
        } else if soon >= timeIsUp {
            timeOut(name)
        } else if let hopeless = patience.hopeless[name] {
            giveUpHopeless(name, hopeless.why)
        }
    }

    /// A run that ends deletes the pods of the nodes that have had no turn, too: these were not started.
    mutating func nameTheUnstarted() {
        guard plan.look != nil, plan.pace != nil else { return }
        for (name, node) in nodes where node.state == .gone && !turns.had.contains(node.podUID) { set(name, .queued) }
    }

    /// The controller makes the pods of all nodes one after the other. A pod that it made a minute after those before
    /// it is that of a node that joined, or one in the place of another: that is not known here.
    mutating func tellMadeAnew() {
        guard let began = plan.look?.began else { return }
        let created = nodes.compactMap { name, node in
            node.created.flatMap { Timestamp($0) }.map { (name: name, time: $0) }
        }.sorted { $0.time < $1.time }
        var last = began
        for (index, pod) in created.enumerated() {
            if pod.time.since(last) >= 60 {
                let late = list(created[index...].map(\.name))
                return tell("made later than the other pods: \(late): if there was one before, what it wrote is gone")
            }
            last = pod.time
        }
    }
}
