import FoundationEssentials
import RunLogic

/// Looking at some pods once more, and noting for others what was decided.
extension Cluster {
    /// So many are asked for by one curl, one after the other.
    private static let ofOneCurl = 250

    /// Pods as they are now, those that can be seen. They are listed, each by its name, since a run has to list pods
    /// anyway.
    func look(at pods: [PodID]) async -> [Pod] {
        let paths = pods.map { self.pods + API.only($0.name) }
        let starts = Array(stride(from: 0, to: paths.count, by: Cluster.ofOneCurl))
        return await each(starts, atOnce: starts.count) { start in
            let some = Array(paths[start...].prefix(Cluster.ofOneCurl))
            let answers = try? await api.curl.get(some, limit: api.limits.request)
            let pages = (answers ?? []).compactMap { try? JSONDecoder().decode(ListPage<Pod>.self, from: $0) }
            return pages.flatMap(\.items)
        }.flatMap(\.self)
    }

    /// Why nodes are not ready, as they say themselves: of some, since nodes are large.
    func words(ofNotReady nodes: Set<String>) async -> [String: String] {
        let paths = nodes.sorted().prefix(10).map { "/api/v1/nodes" + API.only($0) }
        guard !paths.isEmpty, let answers = try? await api.curl.get(paths, limit: api.limits.briefRequest) else {
            return [:]
        }
        let found = answers.compactMap { try? JSONDecoder().decode(ListPage<JSON>.self, from: $0) }.flatMap(\.items)
        return found.reduce(into: [:]) { words, node in
            let ready = node["status"]["conditions"].elements.first { $0["type"] == "Ready" && $0["status"] != "True" }
            guard let message = ready?["message"].string, !message.isEmpty else { return }
            words[node["metadata"]["name"].string ?? ""] = oneLine(message, atMost: 300)
        }
    }

    /// Notes on the DaemonSet that has the run's name what has been decided: on this one, and not on another run's that
    /// was given the name meanwhile. Who may not do that leaves those who only look without it.
    ///
    /// - Parameter uid: of that DaemonSet.
    func note(_ note: Note, on uid: String) async {
        guard let text = try? encoded(note) else { return }
        let annotations: JSON = .object([RunNotes.soFar: .string(String(decoding: text, as: UTF8.self))])
        _ = await api.ask(
            "PATCH", "\(daemonSets)/\(identity.name)",
            body: ["metadata": ["uid": .string(uid), "annotations": annotations]], limit: api.limits.briefRequest)
    }
}
