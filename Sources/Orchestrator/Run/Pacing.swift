import RunLogic

extension Request {
    /// How many nodes are started at once, with all that depends on the manifest and on the cluster; nil where all are.
    ///
    /// The cluster must not end a run that still starts nodes. A Job's deadline is set before it is known how many
    /// there are: there is time for twice as many as are counted, since some may join, and for as many as a cluster can
    /// have where they may not be counted.
    ///
    /// - Parameter count: of the nodes that the manifest selects; nil where that can't be known.
    func pace(of manifest: JSON, nodes count: Int?) -> Pace? {
        guard var pace else { return nil }
        pace.takeGrace(of: manifest)
        let named = changes.nodes.nodes.count
        let least = named > 0 ? named : count
        let most = least.map { max($0, min(2 * $0, Pace.mostNodes)) } ?? Pace.mostNodes
        // With percent fewer nodes may take more rounds.
        let longest = ((least ?? 1)...most).map { pace.deadline(nodes: $0, timeout: timeout) }.max() ?? timeout
        // A Job's controller counts nanoseconds, and of 293 years they are too many.
        pace.latest = min(longest, 100 * 365 * 86400)
        return pace
    }
}

extension Pace {
    /// Its pods have the time to end in that a DaemonSet gives them, where it says so.
    mutating func takeGrace(of daemonSet: JSON) {
        if case .integer(let seconds) = daemonSet.podSpec["terminationGracePeriodSeconds"] {
            grace = Seconds(seconds)
        }
    }
}

extension JSON {
    /// The DaemonSet whose pods wait for their turn, beside what they wait for anyway.
    var takingTurns: JSON {
        var daemonSet = self
        daemonSet.podSpec["schedulingGates"].include(["name": .string(Pod.SchedulingGate.turn)])
        return daemonSet
    }
}
