import FoundationEssentials

/// The agent that this program carries: a ConfigMap of the run takes it to the nodes, so that no image has to hold it.
public struct CarriedAgent: Sendable {
    /// Stands in a manifest for the ConfigMap that each run makes for itself.
    static let placeholder = "made-by-kubectl-run-once"
    /// What every node has, since its container runtime starts each pod with it; nodes know it by names of their own.
    /// This one is for all architectures, for nodes that do not tell.
    static let pauseImage = "registry.k8s.io/pause:3.10"
    private static let directory = "/run-once"

    /// What to do where no node can get that image.
    static let adviceWithoutImage = """
        name one that has the agent with --agent-image, or print the manifest with --dry-run, put in an image that the \
        nodes have, and run it with -f
        """

    /// What the nodes of one architecture get.
    struct Kit: Equatable, Sendable {
        let architecture: String
        /// By name.
        var programs: [String: [UInt8]]
        /// As these nodes name it, where that can be known.
        var pauseImage = CarriedAgent.pauseImage
    }

    /// Several where the nodes are of several architectures.
    var kits: [Kit]
    /// Nodes that no agent is for, by name, and why.
    var withoutAgent: [String: String] = [:]
    /// The architecture that nodes are taken for, where they can't be listed and nobody named one.
    var assumed: String?

    init(_ kits: [Kit]) { self.kits = kits }

    /// The ConfigMap.
    ///
    /// - Parameter owner: the uid of the run's Job.
    func configMap(of run: RunIdentity, owner: String?) -> JSON {
        var data: JSON = [:]
        for kit in kits {
            for (name, bytes) in kit.programs { data[key(name, kit)] = .string(Data(bytes).base64EncodedString()) }
        }
        return Parcel.agent.object(["binaryData": data], of: run, owner: owner)
    }

    /// A built-in manifest that takes the agent from a ConfigMap, and not from the agent's image.
    static func expected(by daemonSet: JSON) -> JSON {
        var daemonSet = daemonSet
        let others = daemonSet.podSpec["initContainers"].elements.filter { $0["image"].string != BuiltIn.agentImage }
        daemonSet.podSpec["initContainers"] = others.isEmpty ? .null : .array(others)
        daemonSet.podSpec["containers"].changeEach(mount)
        daemonSet.podSpec["volumes"].elements.append([
            "name": "agent", "configMap": ["name": .string(placeholder), "defaultMode": 0o555],
        ])
        return daemonSet
    }

    private static func mount(in container: inout JSON) {
        if container["image"].string == BuiltIn.agentImage { container["image"] = .string(pauseImage) }
        // The image itself says that it starts this one.
        if container["command"] == .null { container["command"] = ["cat-etc-hosts"] }
        container["command"] = inDirectory(container["command"])
        let probe = container["readinessProbe"]["exec"]["command"]
        container["readinessProbe"]["exec"]["command"] = inDirectory(probe)
        container["volumeMounts"].elements.append([
            "name": "agent", "mountPath": .string(directory), "readOnly": true,
        ])
    }

    private static func inDirectory(_ command: JSON) -> JSON {
        var words = command.elements
        let name = words.first?.string?.split(separator: "/").last ?? ""
        if !words.isEmpty { words[0] = .string("\(directory)/\(name)") }
        return .array(words)
    }

    /// The image that holds the agent's place: pause as most nodes name it. Where not all that were asked name one, the
    /// image that all of them have is the better: nodes name their fifty largest images only, and pause is small.
    ///
    /// - Parameter images: the names of the images that each of the nodes has.
    /// - Returns: nil where none names either.
    static func carrier(of images: [[String]]) -> String? {
        var nodes: [String: Int] = [:]
        for name in images.flatMap({ Set($0) }) where !name.hasPrefix("<none>") && !name.hasPrefix("@") {
            nodes[name, default: 0] += 1
        }
        // Who lacks a public one can pull it without a secret.
        let rank = { (name: String, count: Int) in
            (count, name.contains("@") ? 0 : 1, name.hasPrefix("registry.k8s.io/") ? 1 : 0, name)
        }
        let best = { (found: [String: Int]) in found.max { rank($0.key, $0.value) < rank($1.key, $1.value) } }
        let pause = best(nodes.filter { isPauseImage($0.key) })
        if let pause, pause.value == images.count { return pause.key }
        return best(nodes.filter { $0.value == images.count })?.key ?? pause?.key
    }

    /// Whether they may be two names of one image: a node names it by its tag and by its digest, as in
    /// registry.k8s.io/pause:3.10 and registry.k8s.io/pause@sha256:….
    static func isSame(_ one: String, _ other: String) -> Bool {
        guard one != other else { return true }
        return one.contains("@") != other.contains("@") && repository(one) == repository(other)
    }

    private static func repository(_ name: String) -> Substring {
        let name = name.prefix { $0 != "@" }
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return name }
        return name[..<colon]
    }

    /// Such as registry.k8s.io/pause:3.10 and docker.io/rancher/mirrored-pause:3.6.
    private static func isPauseImage(_ name: String) -> Bool {
        let last = name.split(separator: "@").first?.split(separator: "/").last ?? ""
        return ["pause", "mirrored-pause"].contains(last.split(separator: ":").first)
    }

    /// Whether a manifest takes the agent from the run's ConfigMap.
    static func isExpected(by daemonSet: JSON) -> Bool {
        daemonSet.podSpec["volumes"].elements.contains(where: isPlaceholder)
    }

    private static func isPlaceholder(_ volume: JSON) -> Bool { volume["configMap"]["name"].string == placeholder }

    /// Under which a program is in the ConfigMap.
    private func key(_ name: String, _ kit: Kit) -> String {
        kits.count == 1 ? name : "\(name)-\(kit.architecture)"
    }

    /// Only those of the programs that a manifest starts: thousands of nodes get them.
    func asStarted(by manifests: [JSON]) -> CarriedAgent {
        let words = manifests.flatMap(\.podContainers).flatMap { container in
            container["command"].elements + container["readinessProbe"]["exec"]["command"].elements
        }
        var agent = self
        for (index, kit) in kits.enumerated() {
            let started = kit.programs.filter { words.contains(.string("\(CarriedAgent.directory)/\($0.key)")) }
            if !started.isEmpty { agent.kits[index].programs = started }
        }
        return agent
    }

    /// What a manifest becomes that expects the agent: one DaemonSet for each architecture, with the pause image as
    /// their nodes name it. Where there are several already they stay.
    func divided(_ manifests: [JSON]) -> [JSON] {
        let isForAll = kits.count == 1 && withoutAgent.isEmpty
        if let only = manifests.first, manifests.count == 1 {
            return kits.enumerated().map { index, kit in
                dressed(isForAll ? only : only.forNodes(of: kit.architecture, isFirst: index == 0), kit)
            }
        }
        return manifests.map { one in
            kits.first { $0.architecture == one.architecture }.map { dressed(one, $0) } ?? one
        }
    }

    /// What `divided` makes of a manifest, for `-f` to run later. Where one agent is for all, the DaemonSet does not
    /// select nodes by it: that run asks what they are itself, and names those that there is no agent for.
    ///
    /// - Parameter architecture: as the user named it with --arch: who runs it later may not list nodes either.
    func printed(_ manifests: [JSON], for architecture: String?) -> [JSON] {
        guard kits.count == 1, manifests.count == 1 else { return divided(manifests) }
        let one = dressed(manifests[0], kits[0])
        guard let architecture, withoutAgent.isEmpty else { return [one] }
        return [one.forNodes(of: architecture, isFirst: true)]
    }

    private func dressed(_ daemonSet: JSON, _ kit: Kit) -> JSON {
        let items = kit.programs.keys.sorted().map { name -> JSON in
            ["key": .string(key(name, kit)), "path": .string(name)]
        }
        var daemonSet = CarriedAgent.replacing(in: daemonSet) { map in
            map["items"] = kits.count > 1 ? .array(items) : .null
        }
        daemonSet.podSpec["containers"].changeEach { container in
            if container["image"].string == CarriedAgent.pauseImage { container["image"] = .string(kit.pauseImage) }
        }
        return daemonSet
    }

    /// The DaemonSet with the ConfigMap of a run.
    static func given(to daemonSet: JSON, by run: RunIdentity) -> JSON {
        replacing(in: daemonSet) { $0["name"] = .string(run.jobName) }
    }

    /// Changes what stands for the ConfigMap.
    private static func replacing(in daemonSet: JSON, _ change: (inout JSON) -> Void) -> JSON {
        var daemonSet = daemonSet
        daemonSet.podSpec["volumes"].changeEach { if isPlaceholder($0) { change(&$0["configMap"]) } }
        return daemonSet
    }
}
