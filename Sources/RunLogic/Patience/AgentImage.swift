/// On which nodes the agent's image is missing, as long as none is known to have it.
///
/// An image that no node can get is the first thing that goes wrong on a new cluster: soon said, with the next step.
struct AgentImage: Sendable {
    private let container: String
    private let limits: Limits
    private var isThere = false
    private var missing: Set<String> = []  // nodes
    /// Since when it is missing on one of them.
    private var since: Seconds = 0

    init(neededBy container: String, _ limits: Limits) {
        self.container = container
        self.limits = limits
    }

    mutating func note(_ pod: Pod, on node: String, isRemoved: Bool, at now: Seconds) {
        guard !isThere else { return }
        let status = pod.status(of: container)
        isThere = [status?.state, status?.lastState].contains { $0?.running != nil || $0?.terminated != nil }
        guard !isRemoved, !pod.isBeingDeleted, status?.state?.waiting?.reason?.contains("Image") == true else {
            missing.remove(node)
            return
        }
        if missing.isEmpty { since = now }
        missing.insert(node)
    }

    /// Whether no node that answered can get it.
    func isNowhere(_ clock: Clock) -> Bool {
        !isThere && !missing.isEmpty && clock.hasLasted(since, limits.agentImage)
    }
}
