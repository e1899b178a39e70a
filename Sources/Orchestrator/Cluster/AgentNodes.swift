import FoundationEssentials

/// What the nodes themselves say of the agent that they need.
extension Cluster {
    /// The architectures of the nodes that a DaemonSet selects, with a node of each; one that there is no agent for is
    /// called `other`.
    ///
    /// - Returns: nil where they can't be known.
    func architectures(of daemonSet: JSON, carried: [String]) async -> [String: String]? {
        let label = Architectures.label
        let kinds = carried.map { ($0, "\(label)=\($0)") }
            + [("other", "\(label) notin (\(carried.joined(separator: ",")))")]
        var found: [String: String] = [:]
        for query in NodeQuery.all(of: daemonSet) ?? [NodeQuery()] {
            for (kind, requirement) in kinds where found[kind] == nil {
                guard let nodes = await nodes(query, and: requirement, most: 1) else { return nil }
                found[kind] = nodes.min()
            }
        }
        return found
    }

    /// The slice of a node that tells which images it has.
    /// (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/#NodeStatus)
    private struct Node: Decodable {
        struct Status: Decodable { let images: [Image]? }
        struct Image: Decodable { let names: [String]? }
        let status: Status
    }

    /// The pause image as most of the nodes name it: of the nodes that a DaemonSet selects twenty are asked, since
    /// thousands are large.
    func pauseImage(of daemonSet: JSON) async -> String {
        let query = (NodeQuery.all(of: daemonSet)?.first ?? NodeQuery()).text()
        let nodes = try? await api.get(ListPage<Node>.self, "/api/v1/nodes?\(query)&limit=20").items
        let images = (nodes ?? []).map { node in (node.status.images ?? []).flatMap { $0.names ?? [] } }
        return CarriedAgent.pauseImage(of: images) ?? CarriedAgent.pauseImage
    }
}
