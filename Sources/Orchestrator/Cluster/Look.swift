import FoundationEssentials
import RunLogic

/// Looking at some pods once more, and noting for others what was decided.
extension Cluster {
    /// Pods as they are now, those that can be seen: in one list, which everybody may ask for who follows the run.
    func look(at pods: [PodID], started: Bool) async -> [Pod] {
        let uids = Set(pods.map(\.uid))
        return ((try? await allPods(started: started)) ?? []).filter { uids.contains($0.metadata.uid) }
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
