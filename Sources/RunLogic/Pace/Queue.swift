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
        if let pod = Queue.take(from: &again, mayStart) { return pod }
        if let pod = Queue.take(from: &line, mayStart) { return pod }
        return again.popFirst() ?? line.popFirst()
    }

    private static func take(from line: inout ArraySlice<PodID>, _ condition: (PodID) -> Bool) -> PodID? {
        guard let index = line.firstIndex(where: condition) else { return nil }
        // To remove any other has all behind it move.
        return index == line.startIndex ? line.popFirst() : line.remove(at: index)
    }
}
