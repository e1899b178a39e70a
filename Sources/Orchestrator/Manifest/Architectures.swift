/// The architectures of the nodes that are meant, as Kubernetes calls them.
/// (https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch)
struct Architectures: Sendable {
    static let label = "kubernetes.io/arch"

    /// A node of each; nil where nodes may not be listed.
    let found: [String: String]?
    /// Those that there are agents for.
    let carried: [String]

    /// Nodes that are meant have one that there is no agent for.
    var areSomeWithoutAgent: Bool { (found ?? [:]).keys.contains { !carried.contains($0) } }

    /// Selects the nodes that have none of these.
    static func others(than kinds: [String]) -> String { "\(label) notin (\(kinds.joined(separator: ",")))" }

    /// Why such a node does not take part.
    var whyNot: String {
        let all = carried.joined(separator: ",")
        return """
            this program carries agents for \(carried.joined(separator: " and ")) only; name an image that has this \
            node's agent with --agent-image, or leave it out with -l '\(Architectures.label) in (\(all))'
            """
    }

    /// Those whose agents the run takes.
    ///
    /// - Parameter named: by the user, or in the manifest, which know it where nodes may not be listed.
    /// - Throws: `Refusal.usage` where no node can run any of them, or where the nodes tell otherwise than the user.
    func chosen(named: String?) throws(Refusal) -> [String] {
        guard let found, !found.isEmpty else {
            let kind = named ?? "amd64"
            try checkCarried(kind)
            return [kind]
        }
        let kinds = carried.filter { found[$0] != nil }
        guard !kinds.isEmpty else {
            let other = found.min { $0.key < $1.key }
            throw .usage("node \(other?.value ?? "") is \(other?.key ?? ""): \(whyNot)")
        }
        guard let named else { return kinds }
        guard kinds == [named] else {
            let nodes = kinds.map { "\($0), such as \(found[$0] ?? "")" }
            let hint = kinds.contains(named) ? "; -l \(Architectures.label)=\(named) chooses among them" : ""
            throw .usage("--arch \(named): the nodes are \(nodes.joined(separator: ", and ")): leave it out\(hint)")
        }
        return kinds
    }

    /// - Throws: `Refusal.usage` where there is no agent for it.
    func checkCarried(_ kind: String) throws(Refusal) {
        guard !carried.contains(kind) else { return }
        let all = carried.joined(separator: " and ")
        throw .usage("this program carries agents for \(all) only, and not for \(kind), which the manifest selects")
    }
}

extension JSON {
    /// Of the nodes that a DaemonSet selects; nil where it does not choose by that.
    var architecture: String? { podSpec["nodeSelector"][Architectures.label].string }

    /// The DaemonSet for the nodes of one architecture of several: it selects them, and takes their agent from the
    /// ConfigMap, which holds one for each.
    ///
    /// - Parameter isFirst: it has the run's name; others have one of their own, and a label that tells that they
    ///   belong to it.
    func forNodes(of architecture: String, isFirst: Bool) -> JSON {
        var daemonSet = self
        daemonSet.podSpec["nodeSelector"][Architectures.label] = .string(architecture)
        guard !isFirst else { return daemonSet }
        let name = daemonSet["metadata"]["name"].string ?? ""
        daemonSet["metadata"]["name"] = .string("\(name)-\(architecture)")
        daemonSet["metadata"]["labels"][RunIdentity.besideLabel] = .string(architecture)
        return daemonSet
    }

    /// The DaemonSets of one run, as `--dry-run=server` prints them: one, or one for each architecture, which
    /// `forNodes` made and others may have changed.
    ///
    /// - Returns: first the one that has the run's name; nil where they are no DaemonSets, or not of one run.
    static func daemonSets(ofOneRun objects: [JSON]) -> [JSON]? {
        guard !objects.isEmpty, objects.allSatisfy({ $0["apiVersion"] == "apps/v1" && $0["kind"] == "DaemonSet" })
        else { return nil }
        var others = objects
        let index = objects.firstIndex { $0["metadata"]["labels"][RunIdentity.besideLabel] == .null } ?? 0
        var first = others.remove(at: index)
        // One that was taken out of several is a run of its own.
        if first["metadata"]["labels"][RunIdentity.besideLabel] != .null {
            first["metadata"]["labels"][RunIdentity.besideLabel] = .null
        }
        let kinds = Set(([first] + others).compactMap(\.architecture))
        guard others.isEmpty || kinds.count == objects.count, others.allSatisfy({ $0.isBeside(first) }) else {
            return nil
        }
        return [first] + others
    }

    private func isBeside(_ first: JSON) -> Bool {
        let (own, others) = (self["metadata"], first["metadata"])
        return own["labels"][RunIdentity.besideLabel].string == architecture
            && own["name"].string == "\(others["name"].string ?? "")-\(architecture ?? "")"
            && own["namespace"] == others["namespace"]
    }
}
