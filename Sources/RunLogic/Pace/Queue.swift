/// The pods that wait for their turn, each in the place of its node: nodes that lost their pod in their turn come
/// first, and those that are not ready come last.
struct Queue: Sendable {
    private var again = Line<PodID>()
    private var line = Line<PodID>()
    private var last = Line<PodID>()

    mutating func append(_ pod: PodID, isAgain: Bool) {
        isAgain ? again.append(pod) : line.append(pod)
    }

    /// Whether one of those that are in it waits still.
    mutating func hasAny(_ isQueued: (PodID) -> Bool) -> Bool {
        again.drop { !isQueued($0) }
        line.drop { !isQueued($0) }
        last.drop { !isQueued($0) }
        return again.first != nil || line.first != nil || last.first != nil
    }

    mutating func next(_ isQueued: (PodID) -> Bool, _ isReady: (String) -> Bool) -> PodID? {
        while let pod = again.popFirst() ?? line.popFirst() {
            guard isQueued(pod) else { continue }
            if isReady(pod.node) { return pod }
            last.append(pod)
        }
        last.drop { !isQueued($0) }
        return last.popFirst()
    }
}
