import FoundationEssentials

/// What a node tells of the agent that it needs.
/// (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/)
struct AgentNode: Decodable, Sendable {
    struct Metadata: Decodable {
        let name: String
        let labels: [String: String]?
    }
    struct Status: Decodable { let images: [Image]? }
    struct Image: Decodable { let names: [String]? }

    let name: String
    let architecture: String
    /// The names of the images that it has.
    let images: [String]

    private enum Key: CodingKey {
        case metadata, status
    }

    init(from decoder: any Decoder) throws {
        let node = try decoder.container(keyedBy: Key.self)
        let metadata = try node.decode(Metadata.self, forKey: .metadata)
        name = metadata.name
        architecture = metadata.labels?[Architectures.label] ?? "unknown"
        images = try (node.decode(Status.self, forKey: .status).images ?? []).flatMap { $0.names ?? [] }
    }
}

extension Cluster {
    /// Some of the nodes that a DaemonSet selects, of each architecture at least one: of the first twenty at most,
    /// since thousands are large.
    ///
    /// - Returns: nil where they can't be known.
    func agentNodes(of daemonSet: JSON) async -> [AgentNode]? {
        var found: [AgentNode] = []
        for query in NodeQuery.all(of: daemonSet) ?? [NodeQuery()] {
            while true {
                let known = Set(found.map(\.architecture)).sorted().joined(separator: ",")
                let others = known.isEmpty ? nil : "\(Architectures.label) notin (\(known))"
                guard let more = await agentNodes(query, and: others) else { return nil }
                // One without the label is never left out.
                guard more.contains(where: { node in !found.contains { $0.architecture == node.architecture } }) else {
                    break
                }
                found += more
            }
        }
        return found
    }

    private func agentNodes(_ query: NodeQuery, and label: String?) async -> [AgentNode]? {
        let path: String
        if query.names == nil {
            path = "/api/v1/nodes?\(query.text(and: label))&limit=\(label == nil ? 20 : 1)"
        } else {
            guard let names = await nodes(query, and: label) else { return nil }
            guard let name = names.min() else { return [] }
            path = "/api/v1/nodes?fieldSelector=metadata.name%3D\(API.escaped(name))"
        }
        return try? await api.get(ListPage<AgentNode>.self, path).items
    }
}
