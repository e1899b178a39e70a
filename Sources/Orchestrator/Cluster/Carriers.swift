import RunLogic
import Synchronization

/// Another image for pods that can't get the one that holds the agent's place: none of it is used, so that any will do
/// that is on the node.
extension Cluster {
    /// A pod's image may be changed while it waits for it: kubelet then takes the new one, and no pod is made anew.
    /// (https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement)
    ///
    /// - Returns: by node what became of its pod's image; none where no other is known there, or the cluster refused.
    func replaceImage(of pods: [PodID], _ container: String) async -> [String: ImageChange] {
        let isForbidden = Atomic(false)
        let changes = await each(pods, atOnce: 10) { pod -> (node: String, change: ImageChange)? in
            guard !Task.isCancelled, !isForbidden.load(ordering: .relaxed) else { return nil }
            return await replaceImage(of: pod, container, isForbidden).map { (pod.node, $0) }
        }
        return Dictionary(changes.compactMap(\.self)) { first, _ in first }
    }

    /// - Returns: nil where the pod is left as it is.
    private func replaceImage(
        of pod: PodID, _ container: String, _ isForbidden: borrowing Atomic<Bool>
    ) async -> ImageChange? {
        guard let node = try? await api.get(ListPage<AgentNode>.self, "/api/v1/nodes" + API.only(pod.node)).items.first,
            let (version, image) = await waiting(pod, container),
            let other = CarriedAgent.carrier(of: [node.images.filter { !CarriedAgent.isSame($0, image) }])
        else { return nil }
        // Of a container that has started meanwhile the pod has another version: to change its image would kill it.
        let patch: JSON = [
            "metadata": ["uid": .string(pod.uid), "resourceVersion": .string(version)],
            "spec": ["containers": [["name": .string(container), "image": .string(other)]]],
        ]
        switch await api.ask("PATCH", "\(pods)/\(pod.name)", body: patch) {
        case .success: return ImageChange(from: image, to: other)
        case .failure(.refused(let status)) where status.code == 403: isForbidden.store(true, ordering: .relaxed)
        case .failure: break
        }
        return nil
    }

    /// The version of a pod whose container waits for its image, and the image; nil where it does not wait for it.
    private func waiting(_ pod: PodID, _ container: String) async -> (version: String, image: String)? {
        let found = try? await api.get(ListPage<JSON>.self, pods + API.only(pod.name)).items.first
        let isIt: (JSON) -> Bool = { $0["name"].string == container }
        guard let found, found["metadata"]["uid"].string == pod.uid,
            let version = found["metadata"]["resourceVersion"].string,
            let image = found["spec"]["containers"].elements.first(where: isIt)?["image"].string,
            let status = found["status"]["containerStatuses"].elements.first(where: isIt),
            status["state"]["waiting"]["reason"].string?.contains("Image") == true,
            status["lastState"]["terminated"] == .null
        else { return nil }
        return (version, image)
    }
}
