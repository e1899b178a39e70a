/// The nodes that a DaemonSet selects, as queries of a list of nodes: one for each alternative of its affinity.
struct NodeQueries {
    /// Nil where no query can say it: numbers are compared, or other fields than the name; or where it took too many.
    let queries: [String]?

    init(of daemonSet: JSON) {
        let pod = daemonSet["spec"]["template"]["spec"]
        var labels: [String] = []
        if case .object(let fields) = pod["nodeSelector"] {
            labels = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.string ?? "")" }
        }
        let affinity = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        let terms = affinity == .null ? [[:]] : affinity["nodeSelectorTerms"].elements
        // Many names would take as many questions.
        guard terms.count <= 20 else {
            queries = nil
            return
        }
        var queries: [String] = []
        for term in terms {
            let fields = term["matchFields"].elements
            guard fields.allSatisfy(NodeQueries.isName), let more = NodeQueries.expressions(term) else {
                self.queries = nil
                return
            }
            let byName = fields.isEmpty ? "" : "&fieldSelector=" + API.escaped(NodeQueries.byName(fields))
            queries.append("labelSelector=" + API.escaped((labels + more).joined(separator: ",")) + byName)
        }
        self.queries = queries
    }

    private static func isName(_ field: JSON) -> Bool {
        field["key"].string == "metadata.name" && ["In", "NotIn"].contains(field["operator"].string)
    }

    private static func byName(_ fields: [JSON]) -> String {
        fields.flatMap { field in
            field["values"].elements.compactMap(\.string).map {
                "metadata.name\(field["operator"].string == "In" ? "=" : "!=")\($0)"
            }
        }.joined(separator: ",")
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
