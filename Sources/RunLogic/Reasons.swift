/// Why nodes wait or failed, by reason: each is told once, with all its nodes.
struct Reasons {
    private var nodes: [String: Set<String>] = [:]
    private var reasonOf: [String: String] = [:]
    private var told: Set<String> = []
    private var untold: [String] = []
    private var failures: [String: [String]] = [:]
    var failuresTold: Seconds = -.infinity

    /// A node waits for another reason than before, or for none.
    mutating func change(_ node: String, to reason: Reason?) {
        let text = reason.flatMap { $0.isEmpty ? nil : $0.text }
        guard reasonOf[node] != text else { return }
        if let before = reasonOf[node] {
            nodes[before]?.remove(node)
            if nodes[before]?.isEmpty == true { nodes[before] = nil }
        }
        reasonOf[node] = text
        guard let text else { return }
        if nodes[text] == nil, !told.contains(text) { untold.append(text) }
        nodes[text, default: []].insert(node)
    }

    /// Lines for the reasons that were not told yet, and that still hold.
    mutating func newOnes() -> [String] {
        defer { untold = [] }
        return untold.compactMap { text in
            guard let names = nodes[text], told.insert(text).inserted else { return nil }
            return "\(list(names, atMost: 10)): \(text)"
        }
    }

    /// Whether this was not told yet; it is now.
    mutating func isNews(_ text: String) -> Bool { told.insert(text).inserted }

    mutating func fail(_ node: String, _ how: String) {
        failures[how, default: []].append(node)
    }

    var hasUntoldFailures: Bool { !failures.isEmpty }

    /// Lines for the failures that were not told yet.
    mutating func newFailures() -> [String] {
        defer { failures = [:] }
        return failures.map { how, names in "\(list(names)): \(how)" }.sorted()
    }

    /// Lines for all that wait for a reason, told or not.
    func all() -> [String] {
        nodes.map { text, names in "not done: \(list(names)): \(text)" }.sorted()
    }
}

/// Names in order, with commas between; past a number only how many more there are.
func list(_ names: some Collection<String>, atMost limit: Int = .max) -> String {
    let sorted = names.sorted()
    guard sorted.count > limit else { return sorted.joined(separator: ", ") }
    return sorted.prefix(limit).joined(separator: ", ") + " and \(sorted.count - limit) more"
}

/// What is said of nodes.
extension Run {
    /// The first failure is told at once; those that follow in the same second are told together.
    mutating func tellFailures(all: Bool = false) {
        guard reasons.hasUntoldFailures, all || now >= reasons.failuresTold + 1 else { return }
        reasons.failuresTold = now
        reasons.newFailures().forEach { tell($0) }
    }

    /// What was not done, and why, when the run is over.
    mutating func tellUnfinished() {
        reasons.all().forEach { tell($0) }
        let quiet = nodes.filter { !$0.value.isFinal && ($0.value.reason?.isEmpty ?? true) }.keys
        if !quiet.isEmpty { tell("not done: \(list(quiet)): still running") }
        let missing = daemonSet.wanted - present
        if missing > 0 { tell("not done: \(missing) of \(daemonSet.wanted) nodes that have no pod") }
        var lost: [String: [String]] = [:]
        for (name, node) in nodes where node.state == .done && node.log != .here {
            let why = if case .lost(let why) = node.log { why } else { "the run ended before it came" }
            lost[why, default: []].append(name)
        }
        lost.map { why, names in "\(list(names)): done, but the result can't be fetched: \(why)" }.sorted()
            .forEach { tell($0) }
    }
}
