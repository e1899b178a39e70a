/// What is known of a run by who only looks at it.
struct Look: Sendable {
    /// When the run began, by the cluster's clock.
    let began: Timestamp
    /// When this program began to look, in seconds since the run began.
    let since: Seconds
}

/// What is decided otherwise by who only looks at a run. Whoever started it, or the cluster, may end it at any time;
/// and nobody may be there any more who gives the nodes their turn.
extension Run {
    /// Whether no time is left. Who comes late sees what there is first, and takes the results that are there.
    var isOutOfTime: Bool {
        guard now >= deadline else { return false }
        guard let look = plan.look else { return true }
        let hasSeen = isListed && daemonSet.isObserved && now >= look.since + 5
        return hasSeen && isAtWork || now >= look.since + 120
    }

    /// The DaemonSet is gone, and the pods go. What they showed before may still be on its way.
    mutating func endWithDaemonSet() {
        guard plan.look != nil, let gone = daemonSetGone, now >= gone + 5 else { return }
        // Where all have ended, only their results are waited for.
        guard nodes.isEmpty || isAtWork || count(.unreachable) > 0 else { return }
        tell("""
            daemonset/\(plan.daemonSetName) was deleted before its nodes were done, as far as could be seen from here
            """)
        close(now >= plan.timeout ? .timedOut : count(.failed) > 0 ? .failed : .refused)
    }

    /// Queued nodes start one after the other. When none has its turn for so long, nobody is there to give it.
    mutating func endWithoutTurns() {
        guard let look = plan.look, count(.queued) > 0 else { return }
        // A node that can't be reached has its turn, and so has one whose pod goes.
        guard count(.waiting) + count(.unreachable) + count(.gone) == 0 else { return }
        guard hasLasted(max(patience.lastChange, look.since), 30) else { return }
        tell("no node has been started for 30 s, and none is at work: whoever started this run seems to be gone")
        close(.failed)
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
