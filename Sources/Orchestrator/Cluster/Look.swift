import FoundationEssentials
import RunLogic

/// Looking at some pods once more, and noting for others what was decided.
extension Cluster {
    /// More pods than these are asked for in one list.
    private static let most = 100

    /// Pods as they are now, those that can be seen. They are listed, since a run has to list pods anyway.
    func look(at pods: [PodID]) async -> [Pod] {
        guard pods.count <= Cluster.most else {
            let uids = Set(pods.map(\.uid))
            return (try? await allPods(started: false))?.filter { uids.contains($0.metadata.uid) } ?? []
        }
        return await withTaskGroup(of: Pod?.self) { group in
            var seen: [Pod?] = []
            for (index, pod) in pods.enumerated() {
                if index >= 10, let one = await group.next() { seen.append(one) }
                group.addTask {
                    let path = "\(self.pods)?fieldSelector=\(API.escaped("metadata.name=\(pod.name)"))"
                    return try? await api.list(Pod.self, path).items.first
                }
            }
            for await one in group { seen.append(one) }
            return seen.compactMap { $0 }
        }
    }

    /// Notes on the run's DaemonSets what has been decided. Who may not do that leaves those who only look without it.
    func note(_ note: Note, on daemonSets: [Run.Plan.DaemonSet]) async {
        guard let text = try? encoded(note) else { return }
        let annotations: JSON = .object([RunNotes.soFar: .string(String(decoding: text, as: UTF8.self))])
        let headers = ["Content-Type: application/merge-patch+json"]
        for daemonSet in daemonSets {
            _ = await api.ask(
                "PATCH", "\(self.daemonSets)/\(daemonSet.name)", body: ["metadata": ["annotations": annotations]],
                headers: headers, limit: api.limits.briefRequest)
        }
    }
}
