extension Request {
    /// - Throws: `Refusal.usage` where one node's result is to be printed alone, and there may be several.
    func checkOutput(of daemonSet: JSON) throws(Refusal) {
        guard output == .raw, !daemonSet.meansOneNode else { return }
        throw .usage("-o raw prints one node's result: say which node's with --nodes NODE")
    }
}

extension JSON {
    /// Whether a DaemonSet's pods can run on one node only: each alternative of their affinity names the same one.
    var meansOneNode: Bool {
        let affinity = self["spec"]["template"]["spec"]["affinity"]["nodeAffinity"]
        let terms = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"].elements
        let names = terms.map { term in
            term["matchFields"].elements.first { $0["key"] == "metadata.name" && $0["operator"] == "In" }?["values"]
        }
        return Set(names.map { $0?.elements.first?.string }).count == 1 && names.allSatisfy { $0?.elements.count == 1 }
    }
}
