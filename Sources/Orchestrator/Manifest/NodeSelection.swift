/// Words, each once.
public func unique(_ words: [String]) -> [String] {
    var seen: Set<String> = []
    return words.filter { seen.insert($0).inserted }
}

/// Which of the nodes that the manifest means are meant.
public struct NodeSelection: Equatable, Sendable {
    public var labels: LabelSelector?
    /// Only these, by name; all where there is none.
    public var nodes: [String] = []
    /// Not these, by name.
    public var excluded: [String] = []
    /// Of the nodes those that a pattern found: not each of them is one that the manifest means.
    var found: Set<String> = []

    public init() {}

    /// Those that the user named: each of them is to have a pod.
    var named: [String] {
        let others = found.union(excluded)
        return nodes.filter { !others.contains($0) }
    }

    /// A name may be a pattern of names. (glob(7))
    static func isPattern(_ name: String) -> Bool { name.contains { "*?[".contains($0) } }

    /// Whether only the cluster can tell which nodes are meant.
    public var hasPatterns: Bool { (nodes + excluded).contains(where: NodeSelection.isPattern) }

    /// Whether anything is selected.
    public var isEmpty: Bool { labels == nil && nodes.isEmpty && excluded.isEmpty }

    /// As options, such as `-l disk=ssd --exclude a`; nil where nothing is selected.
    var text: String? {
        let names = [("--nodes", nodes), ("--exclude", excluded)].filter { !$1.isEmpty }
        let words =
            (labels.map { ["-l", shellWord($0.text)] } ?? []) + names.flatMap { [$0, $1.joined(separator: ",")] }
        return isEmpty ? nil : words.joined(separator: " ")
    }

    /// Has a pod run on these nodes only: each alternative of its node affinity must meet the selection as well.
    ///
    /// A node's name takes a field of its own, which knows one value: several nodes are alternatives.
    /// (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#NodeSelectorTerm)
    func narrow(_ pod: inout JSON) {
        guard !isEmpty else { return }
        // Each of the nodes is an alternative: those that are excluded need not be.
        let apart = Set(excluded)
        let wanted = nodes.filter { !apart.contains($0) }
        let names = wanted.isEmpty ? nodes : wanted
        let terms = pod.nodeTerms.elements.isEmpty ? [[:]] : pod.nodeTerms.elements
        let narrowed = terms.map { term in
            var term = term
            if let labels { term["matchExpressions"].elements += labels.requirements }
            if wanted.isEmpty { term["matchFields"].elements += excluded.map { NodeSelection.name($0, "NotIn") } }
            return term
        }
        guard !names.isEmpty else { return pod.nodeTerms.elements = narrowed }
        func alternative(of term: JSON, _ node: String) -> JSON {
            var term = term
            term["matchFields"].elements.append(NodeSelection.name(node, "In"))
            return term
        }
        // Of a term that names a node itself there is one alternative at most.
        let known = Set(names)
        let all = narrowed.flatMap { term in
            term.nodeName.map { known.contains($0) ? [term] : [] } ?? names.map { alternative(of: term, $0) }
        }
        // No alternative at all would be a mistake; of two different names none is met.
        pod.nodeTerms.elements = all.isEmpty ? [alternative(of: narrowed[0], names[0])] : all
    }

    private static func name(_ node: String, _ op: String) -> JSON {
        ["key": "metadata.name", "operator": .string(op), "values": [.string(node)]]
    }
}
