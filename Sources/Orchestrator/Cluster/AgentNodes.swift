/// What a node tells of the agent that it needs.
/// (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/)
struct AgentNode: Decodable, Sendable {
    struct Metadata: Decodable, Sendable {
        let name: String
        let labels: [String: String]?
    }
    struct Status: Decodable, Sendable { let images: [Image]? }
    struct Image: Decodable, Sendable { let names: [String]? }
    let metadata: Metadata
    let status: Status

    var name: String { metadata.name }
    var architecture: String { metadata.labels?[Architectures.label] ?? "unknown" }
    /// The names of the images that it has.
    var images: [String] { (status.images ?? []).flatMap { $0.names ?? [] } }
}

extension Cluster {
    /// Some of the nodes that a DaemonSet selects, of each architecture at least one: twenty of each at most, since
    /// thousands are large.
    ///
    /// - Returns: nil where they may not be listed, or no query can say which they are.
    /// - Throws: `Refusal.cluster` where no answer comes: a guess could be wrong for all of them.
    func agentNodes(of daemonSet: JSON) async throws(Refusal) -> [AgentNode]? {
        guard let queries = NodeQuery.all(of: daemonSet) else { return nil }
        var found: [AgentNode] = []
        do throws(API.Failure) {
            for query in queries {
                while true {
                    let known = Set(found.map(\.architecture))
                    let others = known.isEmpty ? nil : Architectures.others(than: known.sorted())
                    let (more, areAll) = try await agentNodes(query, and: others)
                    // One without the label is never left out.
                    guard more.contains(where: { !known.contains($0.architecture) }) else { break }
                    found += more
                    if areAll { break }
                }
            }
        } catch {
            if case .refused = error { return nil }
            throw error.refusal
        }
        return found
    }

    /// - Returns: some, and whether these are all that the query finds.
    private func agentNodes(
        _ query: NodeQuery, and label: String?
    ) async throws(API.Failure) -> (nodes: [AgentNode], areAll: Bool) {
        let path: String
        if query.names == nil {
            path = "/api/v1/nodes?\(query.text(and: label))&limit=20"
        } else {
            guard let name = try await nodes(query, and: label).min() else { return ([], true) }
            path = "/api/v1/nodes" + API.only(name)
        }
        let page = try await api.get(ListPage<AgentNode>.self, path)
        return (page.items, query.names == nil && page.metadata.next == nil)
    }
}
