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
    var nodeNames: [String] { namesOfTerms.flatMap { $0 } }

    /// Whether its pods can run on one node only: each alternative of their affinity names the same one.
    var meansOneNode: Bool { Set(nodeNames).count == 1 && namesOfTerms.allSatisfy { $0.count == 1 } }

    /// The nodes that each alternative names, which may be none.
    private var namesOfTerms: [[String]] {
        podSpec.nodeTerms.elements.map { term in
            let names = term["matchFields"].elements.first { $0["key"] == "metadata.name" && $0["operator"] == "In" }
            return names?["values"].elements.compactMap(\.string) ?? []
        }
    }
}
