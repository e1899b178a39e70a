/// The pods that wait for their turn, each in the place of its node: nodes that lost their pod in their turn come
/// first, and those that are not ready come last.
///
/// Slices: to take the first one out of a line costs the same however long it is.
struct Queue: Sendable {
    private var again: ArraySlice<PodID> = []
    private var line: ArraySlice<PodID> = []
    private var last: ArraySlice<PodID> = []

    mutating func append(_ pod: PodID, isAgain: Bool) {
        isAgain ? again.append(pod) : line.append(pod)
    }

    /// Whether one of those that are in it waits still.
    mutating func hasAny(_ isQueued: (PodID) -> Bool) -> Bool {
        again = again.drop { !isQueued($0) }
        line = line.drop { !isQueued($0) }
        last = last.drop { !isQueued($0) }
        return !(again.isEmpty && line.isEmpty && last.isEmpty)
    }

    mutating func next(_ isQueued: (PodID) -> Bool, _ isReady: (String) -> Bool) -> PodID? {
        while let pod = again.popFirst() ?? line.popFirst() {
            guard isQueued(pod) else { continue }
            if isReady(pod.node) { return pod }
            last.append(pod)
        }
        last.removeAll { !isQueued($0) }
        // One that is ready by now need not be the last.
        return last.firstIndex { isReady($0.node) }.map { last.remove(at: $0) } ?? last.popFirst()
    }
}
