/// The pods that wait for their turn, each in the place of its node: nodes that lost their pod in their turn come
/// first, and those that are not ready come last.
///
/// Slices: to take the first one out of a line costs the same however long it is.
struct Queue: Sendable {
    private var again: ArraySlice<PodID> = []
    private var line: ArraySlice<PodID> = []

    mutating func append(_ pod: PodID, isAgain: Bool) {
        isAgain ? again.append(pod) : line.append(pod)
    }

    /// Whether one of those that are in it waits still.
    mutating func hasAny(_ isQueued: (PodID) -> Bool) -> Bool {
        again = again.drop { !isQueued($0) }
        line = line.drop { !isQueued($0) }
        return !(again.isEmpty && line.isEmpty)
    }

    mutating func next(_ isQueued: (PodID) -> Bool, _ isReady: (String) -> Bool) -> PodID? {
        guard hasAny(isQueued) else { return nil }
        let mayStart = { (pod: PodID) in isQueued(pod) && isReady(pod.node) }
        if let index = again.firstIndex(where: mayStart) { return again.remove(at: index) }
        if let index = line.firstIndex(where: mayStart) { return line.remove(at: index) }
        return again.popFirst() ?? line.popFirst()
    }
}
