/// What a DaemonSet says of its pods.
/// (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/#DaemonSetSpec)
extension JSON {
    var podSpec: JSON {
        get { self["spec"]["template"]["spec"] }
        set { self["spec"]["template"]["spec"] = newValue }
    }

    /// The containers of its pods, init containers first.
    var podContainers: [JSON] { podSpec["initContainers"].elements + podSpec["containers"].elements }

    /// The container of this name, whichever kind it is; null where there is none.
    func container(_ name: String) -> JSON { podContainers.first { $0["name"].string == name } ?? .null }

    /// Of a pod: the alternatives of the node affinity that it must meet.
    var nodeTerms: JSON {
        get { self["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] }
        set {
            self["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] =
                newValue
        }
    }

    /// The nodes that the affinity of its pods names.
    var nodeNames: [String] { podSpec.nodeTerms.elements.compactMap(\.nodeName) }

    /// Whether its pods can run on one node only: each alternative of their affinity names the same one.
    var meansOneNode: Bool {
        Set(podSpec.nodeTerms.elements.map(\.nodeName)).count == 1 && !nodeNames.isEmpty
    }

    /// Of an alternative: the node that it names, of which Kubernetes takes one at most; nil where it names none.
    var nodeName: String? {
        let name = self["matchFields"].elements.first { $0["key"] == "metadata.name" && $0["operator"] == "In" }
        let values = name?["values"].elements ?? []
        return values.count == 1 ? values[0].string : nil
    }
}
