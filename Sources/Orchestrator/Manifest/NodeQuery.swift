/// A query of the list of nodes: those that one alternative of a DaemonSet's affinity selects.
struct NodeQuery: Hashable {
    private var labels: [String]
    private var fields: [String]
    /// The nodes of the answer that are meant, where they are too many for a query; nil where all are.
    private(set) var names: Set<String>?

    /// The query of a URL.
    ///
    /// - Parameter label: one more requirement.
    func text(and label: String? = nil) -> String {
        let labels = labels + (label.map { [$0] } ?? [])
        let byName = fields.isEmpty ? "" : "&fieldSelector=" + API.escaped(fields.joined(separator: ","))
        return "labelSelector=" + API.escaped(labels.joined(separator: ",")) + byName
    }

    /// Many names would take as many questions.
    private static let mostAlternatives = 20

    /// The nodes that a DaemonSet selects.
    ///
    /// - Returns: one query for each alternative of its affinity; nil where no query can say it: numbers are compared,
    ///   or other fields than the name.
    static func all(of daemonSet: JSON) -> [NodeQuery]? {
        let pod = daemonSet.podSpec
        var labels: [String] = []
        if case .object(let fields) = pod["nodeSelector"] {
            labels = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.string ?? "")" }
        }
        let terms = pod.nodeTerms == .null ? [[:]] : pod.nodeTerms.elements
        var (queries, known): ([NodeQuery], Set<NodeQuery>) = ([], [])
        for term in terms {
            let fields = term["matchFields"].elements
            guard fields.allSatisfy(isName), let more = expressions(term) else { return nil }
            let query = NodeQuery(labels: labels + more, fields: fields.flatMap(byName))
            if known.insert(query).inserted { queries.append(query) }
        }
        return queries.count > mostAlternatives ? namesApart(queries) : queries
    }

    /// Queries that differ in a node's name only, as one.
    private static func namesApart(_ queries: [NodeQuery]) -> [NodeQuery] {
        let name = "metadata.name="
        let groups = Dictionary(grouping: queries) { query in
            NodeQuery(labels: query.labels, fields: query.fields.filter { !$0.hasPrefix(name) })
        }
        return groups.map { query, alternatives in
            var query = query
            let names = alternatives.map { $0.fields.filter { $0.hasPrefix(name) } }
            if !names.contains([]) { query.names = Set(names.joined().map { String($0.dropFirst(name.count)) }) }
            return query
        }
    }

    private static func isName(_ field: JSON) -> Bool {
        field["key"].string == "metadata.name" && ["In", "NotIn"].contains(field["operator"].string)
    }

    private static func byName(_ field: JSON) -> [String] {
        field["values"].elements.compactMap(\.string).map {
            "metadata.name\(field["operator"].string == "In" ? "=" : "!=")\($0)"
        }
    }

    /// Nil where one of them has no like in a selector.
    private static func expressions(_ term: JSON) -> [String]? {
        var all: [String] = []
        for expression in term["matchExpressions"].elements {
            let key = expression["key"].string ?? ""
            let values = expression["values"].elements.compactMap(\.string).joined(separator: ",")
            switch expression["operator"].string {
            case "In": all.append("\(key) in (\(values))")
            case "NotIn": all.append("\(key) notin (\(values))")
            case "Exists": all.append(key)
            case "DoesNotExist": all.append("!\(key)")
            default: return nil
            }
        }
        return all
    }
}
