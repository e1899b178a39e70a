/// Who is there: the run's pods by their UID, and the nodes that they make.
///
/// A pod changes, its node is folded anew of its pods, and what is counted changes by the difference: the work of one
/// event does not grow with the number of nodes.
struct Roster: Sendable {
    /// A node is another than before.
    struct Change: Sendable {
        /// Nil where it is new.
        let before: Node?
        let node: Node
        /// The pod that counts.
        let pod: TrackedPod
    }

    private let task: TaskContainer
    private let isSealed: Bool
    private let takesTurns: Bool
    private var pods: [String: TrackedPod] = [:]
    private(set) var nodes: [String: Node] = [:]
    private var counts: [NodeState: Int] = [:]
    /// How many nodes have a pod that the cluster still has.
    private(set) var present = 0
    /// How many nodes, of those that are ready, have a task that has ended, and it is not known how.
    private(set) var proving = 0
    /// How many nodes lost their pod after its task had started.
    private(set) var cutShort = 0
    /// How many nodes are in trouble, turn down pods, and would be waited for otherwise.
    private(set) var turningDown = 0
    private(set) var notReady: Set<String> = []
    /// What nodes say of why they are not ready.
    private var words: [String: String] = [:]

    init(task: TaskContainer, isSealed: Bool, takesTurns: Bool) {
        self.task = task
        self.isSealed = isSealed
        self.takesTurns = takesTurns
    }

    // MARK: Questions

    func count(_ state: NodeState) -> Int { counts[state, default: 0] }

    func pod(_ uid: String) -> TrackedPod? { pods[uid] }

    /// Whether it is the pod that its node's state comes from.
    func standsForItsNode(_ uid: String) -> Bool { pods[uid].map { nodes[$0.id.node]?.pod == uid } ?? false }

    /// Whether a pod is known as it became later: a list, say, was on its way while the watch told of the pod's start.
    func hasNewer(_ pod: Pod) -> Bool {
        guard let seen = pods[pod.metadata.uid]?.version, let version = pod.version else { return false }
        return version < seen
    }

    // MARK: Changes

    /// Takes in a pod as the cluster shows it, see `TrackedPod.see`.
    mutating func see(_ pod: Pod, on name: String, isRemoved: Bool, isLast: Bool, at now: Seconds?) -> Change? {
        let uid = pod.metadata.uid
        if pods[uid] == nil {
            pods[uid] = TrackedPod(PodID(node: name, name: pod.metadata.name, uid: uid))
            nodes[name, default: Node()].pods.append(uid)
        }
        return change(uid) { [task, isSealed] in
            $0.see(pod, task: task, isSealed: isSealed, isRemoved: isRemoved, isLast: isLast, at: now)
        }
    }

    /// Those that a list of all pods, or of all that have started, does not hold are no longer there.
    mutating func keepOnly(
        started uids: Set<String>, all: Bool, at now: Seconds
    ) -> (missed: [String], changes: [Change]) {
        let missed = pods.values.filter { $0.isThere && (all || !$0.isPending) && !uids.contains($0.id.uid) }
        return (missed.map(\.id.uid), missed.compactMap { pod in change(pod.id.uid) { $0.miss(at: now) } })
    }

    /// Those that have not started, and that two lists of such pods do not hold, are no longer there. One list may have
    /// been made just after a pod started, of which the watch is about to tell.
    mutating func keepOnly(pending uids: Set<String>, at now: Seconds) -> (missed: [String], changes: [Change]) {
        let missed = pods.values.filter { $0.isThere && $0.isPending && !$0.isFinal && !uids.contains($0.id.uid) }
        let gone = missed.filter(\.isMissed).map(\.id.uid)
        for pod in missed { pods[pod.id.uid]?.isMissed = true }
        return (missed.map(\.id.uid), gone.compactMap { change($0) { $0.miss(at: now) } })
    }

    /// Changes what is known of a pod, and what that makes of its node.
    ///
    /// - Returns: nil where there is no such pod, or where its node stays what it was.
    mutating func change(_ uid: String, _ body: (inout TrackedPod) -> Void) -> Change? {
        guard var pod = pods[uid] else { return nil }
        body(&pod)
        pods[uid] = pod
        return fold(pod.id.node)
    }

    mutating func see(notReady names: Set<String>) -> [Change] {
        let changed = notReady.symmetricDifference(names)
        notReady = names
        words = words.filter { names.contains($0.key) }
        return changed.compactMap { fold($0) }
    }

    mutating func see(words: [String: String]) -> [Change] {
        // The first ones stay. Some hold a time, "PLEG was last seen active 3m12s ago", and would be new each time.
        self.words.merge(words) { first, _ in first }
        return words.keys.sorted().compactMap { fold($0) }
    }

    private mutating func fold(_ name: String) -> Change? {
        guard var node = nodes[name] else { return nil }
        let before = node
        if !before.pod.isEmpty { count(before, -1) }
        forget(&node)
        node.fold(
            node.pods.compactMap { pods[$0] }, isReady: !notReady.contains(name), words: words[name],
            takesTurns: takesTurns)
        nodes[name] = node
        count(node, 1)
        let isNew = before.pod.isEmpty
        guard isNew || (node.pod, node.state, node.reason) != (before.pod, before.state, before.reason),
            let pod = pods[node.pod]
        else { return nil }
        return Change(before: isNew ? nil : before, node: node, pod: pod)
    }

    private mutating func count(_ node: Node, _ number: Int) {
        counts[node.state, default: 0] += number
        if node.isPresent || node.turnsDown { present += number }
        if node.turnsDown, node.state == .waiting { turningDown += number }
        if node.isProving, node.state == .waiting { proving += number }
        if node.hasStarted, node.state == .gone { cutShort += number }
    }

    /// A node whose pods are turned down again and again does not keep all of them.
    private mutating func forget(_ node: inout Node) {
        guard node.pods.count > 8 else { return }
        let old = node.pods.prefix(node.pods.count - 8).filter { uid in
            pods[uid].map { !$0.isThere && !$0.hadStarted && !$0.isFinal } ?? true
        }
        node.pods.removeAll { old.contains($0) }
        for uid in old { pods[uid] = nil }
    }
}
