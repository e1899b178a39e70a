/// On which nodes the agent's image is missing.
///
/// An image that no node can get is the first thing that goes wrong on a new cluster: soon said, with the next step.
struct AgentImage: Sendable {
    private let container: String
    private let limits: Limits
    /// A node is known to have it.
    private var isThere = false
    /// The pods that wait for it, by node.
    private var missing: [String: PodID] = [:]
    /// Since when no more is tried than to pull it.
    private var since: Seconds = 0
    /// Pods that were to get another one, by their UID: each once.
    private var tried: Set<String> = []
    private var isBeingReplaced = false

    init(neededBy container: String, _ limits: Limits) {
        self.container = container
        self.limits = limits
    }

    mutating func note(_ pod: Pod, on node: String, isRemoved: Bool, at now: Seconds) {
        let status = pod.status(of: container)
        isThere =
            isThere || [status?.state, status?.lastState].contains { $0?.running != nil || $0?.terminated != nil }
        guard !isRemoved, !pod.isBeingDeleted, status?.state?.waiting?.reason?.contains("Image") == true,
            status?.lastState?.terminated == nil
        else {
            missing[node] = nil
            return
        }
        if missing.isEmpty { since = now }
        missing[node] = PodID(node: node, name: pod.metadata.name, uid: pod.metadata.uid)
    }

    /// The pods that wait for it, and were not to get another one before.
    mutating func replacements() -> [PodID] {
        guard !isBeingReplaced else { return [] }
        let pods = missing.values.filter { !tried.contains($0.uid) }.sorted { $0.node < $1.node }
        tried.formUnion(pods.map(\.uid))
        isBeingReplaced = !pods.isEmpty
        return pods
    }

    /// What could be replaced is; the nodes have some time from now on.
    mutating func endReplacing(isAny: Bool, at now: Seconds) {
        isBeingReplaced = false
        if isAny { since = now }
    }

    /// Whether no node that answered can get it.
    func isNowhere(_ clock: Clock) -> Bool {
        !isThere && !missing.isEmpty && !isBeingReplaced && clock.hasLasted(since, limits.agentImage)
    }
}
