/// Why nodes wait or failed, by reason: each is told once, with all its nodes.
struct Reasons {
    private var nodes: [String: Set<String>] = [:]
    private var reasonOf: [String: String] = [:]
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
        if let before = reasonOf[node] {
            nodes[before]?.remove(node)
            if nodes[before]?.isEmpty == true { nodes[before] = nil }
        }
        reasonOf[node] = text
        guard let text else { return }
        if !told.contains(text) { untold.append(text) }
        nodes[text, default: []].insert(node)
    }

    /// Lines for the reasons that were not told yet, and that still hold.
    mutating func newOnes() -> [String] {
        defer { untold = [] }
        return untold.compactMap { text in
            guard let names = nodes[text], told.count <= Reasons.most, told.insert(text).inserted else { return nil }
            guard told.count <= Reasons.most else { return "other nodes wait for other reasons, told at the end" }
            return "\(list(names, atMost: 10)): \(text)"
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

/// Names in order, with commas between; past a number only how many more there are.
public func list(_ names: some Collection<String>, atMost limit: Int = .max) -> String {
    let sorted = names.sorted()
    guard sorted.count > limit else { return sorted.joined(separator: ", ") }
    return sorted.prefix(limit).joined(separator: ", ") + " and \(sorted.count - limit) more"
}

/// What is said of nodes.
extension Run {
    mutating func tellFailures(all: Bool = false) {
        reasons.newFailures(at: now, all: all).forEach { tellFailure($0) }
    }

    /// What was not done, and why, when the run is over.
    mutating func tellUnfinished() {
        reasons.all().forEach { tellFailure($0) }
        var quiet: [String: [String]] = [:]
        var lost: [String: [String]] = [:]
        for (name, node) in nodes {
            if !node.isFinal, node.whyNot?.isEmpty ?? true {
                let waits = node.state == .queued ? "not started before the run ended" : "not started"
                let how = node.hadStarted ? "still running" : waits
                quiet[how, default: []].append(name)
            } else if node.state == .done, node.log != .here {
                lost["done, but its result can't be fetched: \(whyNoLog(node))", default: []].append(name)
            } else if node.state == .failed, case .lost(let why) = node.log {
                lost["failed, and its log can't be fetched: \(why)", default: []].append(name)
            }
        }
        quiet.map { how, names in "not done: \(list(names)): \(how)" }.sorted().forEach { tellFailure($0) }
        let unknown = missing - count(.gone)
        if unknown > 0 { tellFailure("not done: \(unknown) of \(daemonSet.wanted) nodes: no pod has started") }
        lost.map { how, names in "\(list(names)): \(how)" }.sorted().forEach { tellFailure($0) }
    }

    /// Why the result of a node that is done is not here.
    func whyNoLog(_ node: Node) -> String {
        if isResultElsewhere(node) {
            return "the run ended meanwhile, and its pods are gone: whoever runs it has the result"
        }
        if case .lost(let why) = node.log { return why }
        return "the run ended before it came"
    }
}
