/// Why nodes wait or failed, by reason: each is told once, with all its nodes.
struct Reasons {
    private var reasonOf: [String: String] = [:]  // by node
    private var told: Set<String> = []
    private var untold: [String] = []
    private var failures: [String: [String]] = [:]
    private var failuresTold: Seconds = -.infinity

    /// More different reasons than this are told at the end only.
    private static let most = 20

    /// A node waits for another reason than before, or for none.
    mutating func change(_ node: String, to reason: Reason?) {
        let text = reason.flatMap { $0.isEmpty ? nil : $0.text }
        guard reasonOf[node] != text else { return }
        reasonOf[node] = text
        if let text, !told.contains(text) { untold.append(text) }
    }

    private var nodes: [String: [String]] { Dictionary(grouping: reasonOf.keys) { reasonOf[$0] ?? "" } }

    /// Lines for the reasons that were not told yet, and that still hold.
    mutating func newOnes() -> [(line: String, isPull: Bool)] {
        defer { untold = [] }
        let nodes = untold.isEmpty ? [:] : nodes
        return untold.compactMap { text in
            guard let names = nodes[text], told.count <= Reasons.most, told.insert(text).inserted else { return nil }
            guard told.count <= Reasons.most else {
                return ("other nodes wait for other reasons, told at the end", false)
            }
            return ("\(list(names)): \(text)", Reason(nil, text).isPull)
        }
    }

    mutating func fail(_ node: String, _ how: String) {
        failures[how, default: []].append(node)
    }

    /// Lines for the failures that were not told yet: the first is told at once; those that follow in the same second
    /// are told together.
    mutating func newFailures(at now: Seconds, all: Bool) -> [String] {
        guard !failures.isEmpty, all || now >= failuresTold + 1 else { return [] }
        failuresTold = now
        defer { failures = [:] }
        return failures.map { how, names in "\(list(names)): \(how)" }.sorted()
    }

    /// Lines for all that wait for a reason, told or not.
    func all() -> [String] {
        nodes.map { text, names in "not done: \(list(names)): \(text)" }.sorted()
    }
}
