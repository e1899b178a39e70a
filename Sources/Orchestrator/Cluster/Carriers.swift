import RunLogic

/// Another image for pods that can't get the one that holds the agent's place: none of it is used, so that any will do
/// that is on the node.
extension Cluster {
    /// A pod's image may be changed while it waits for it: kubelet then takes the new one, and no pod is made anew.
    /// (https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement)
    ///
    /// - Parameters:
    ///   - container: whose image it is.
    ///   - daemonSets: that name the image which can't be had.
    /// - Returns: by node the image that its pod has now; none where nobody says which the node has, or the cluster refused.
    func replaceImage(of pods: [PodID], _ container: String, _ daemonSets: [JSON]) async -> [String: String] {
        let named = daemonSets.flatMap(\.podContainers).filter { $0["name"].string == container }
        let failed = Set(named.compactMap { $0["image"].string })
        return await withTaskGroup(of: (node: String, image: String?).self) { group in
            var images: [String: String] = [:]
            for (index, pod) in pods.enumerated() {
                if index >= 10, let one = await group.next() { images[one.node] = one.image }
                group.addTask { (pod.node, await replaceImage(of: pod, container, failed)) }
            }
            return await group.reduce(into: images) { $0[$1.node] = $1.image }
        }
    }

    private func replaceImage(of pod: PodID, _ container: String, _ failed: Set<String>) async -> String? {
        let path = "/api/v1/nodes?fieldSelector=metadata.name%3D\(API.escaped(pod.node))"
        guard let node = try? await api.get(ListPage<AgentNode>.self, path).items.first,
            let image = CarriedAgent.carrier(of: [node.images.filter { !failed.contains($0) }])
        else { return nil }
        let patch: JSON = [
            "metadata": ["uid": .string(pod.uid)],
            "spec": ["containers": [["name": .string(container), "image": .string(image)]]],
        ]
        let headers = ["Content-Type: \(Cluster.patchType)"]
        guard case .answer = await api.ask("PATCH", "\(pods)/\(pod.name)", body: patch, headers: headers) else {
            return nil
        }
        return image
    }
}
