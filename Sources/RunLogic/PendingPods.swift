/// The pods that have not started.
///
/// They change several times each before they start, which makes half of what there is to follow on a large cluster,
/// and says nothing of a node that is not late. So they are asked for where nodes are late, and before a run is done.
struct PendingPods {
    /// The list has been asked for, and has not come.
    var isUnderway = false
    /// When it may be asked for again.
    var askAgain: Seconds = -.infinity
    /// They are known, and nothing has changed since.
    var areKnown = false
}

extension Run {
    /// Pods that have not started are to be followed too: an init container runs in such a pod, and those that wait for
    /// their turn are such.
    public var followsPending: Bool { plan.task.isInitContainer || plan.pace != nil }

    mutating func askForPending() {
        guard !followsPending, !pending.isUnderway else { return }
        pending.isUnderway = true
        actions.append(.askForPending)
    }

    mutating func see(pending pods: [Pod]?) {
        pending.isUnderway = false
        guard let pods else {
            pending.askAgain = now + 2
            return
        }
        pods.forEach { see($0) }
        pending.areKnown = true
        guard closing == nil else { return }
        let present = Set(pods.map(\.metadata.uid))
        for (name, node) in nodes where node.isPending && !node.isFinal && !present.contains(node.podUID) {
            noteHope(.gone, for: name)
            // Should it have started meanwhile, the cluster is about to say so.
            if node.isMissed { lose(name) } else { nodes[name]!.isMissed = true }
        }
    }

    /// Whether all pods are known. A node that was lost before its pod started is one that the controller no longer
    /// counts: whether there is one is asked before anything is said of all nodes.
    mutating func knowsAllPods() -> Bool {
        if followsPending || pending.areKnown { return true }
        if now >= pending.askAgain { askForPending() }
        return false
    }
}
