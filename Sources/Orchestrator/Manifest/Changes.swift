import RunLogic

/// What the options change in a manifest.
public struct Changes: Equatable, Sendable {
    /// A command and the image to run it in: only for the built-in manifests of commands.
    public var command: [String]?
    public var image: String?
    public var name: String?
    public var agentImage: String?
    /// The agent comes from this program, and not from an image.
    public var carriesAgent = false
    /// How many bytes of a result the agent keeps and seals; nil where the manifest says what it does.
    public var mostBytes: Int?
    public var nodes = NodeSelection()
    public var podOptions = PodOptions()

    public init() {}

    /// The DaemonSet with these changes.
    public func applied(to daemonSet: JSON) -> JSON {
        var daemonSet = carriesAgent ? CarriedAgent.expected(by: daemonSet) : daemonSet
        if let name { rename(&daemonSet, name) }
        daemonSet.podSpec["initContainers"].changeEach { change(&$0, isTask: false) }
        daemonSet.podSpec["containers"].changeEach { change(&$0, isTask: true) }
        nodes.narrow(&daemonSet.podSpec)
        if let mostBytes { daemonSet = Sealing.asked(of: daemonSet, most: mostBytes) }
        return podOptions.applied(to: daemonSet)
    }

    private func rename(_ daemonSet: inout JSON, _ name: String) {
        let key = "run-once-daemonset"
        daemonSet["metadata"]["name"] = .string(name)
        daemonSet["spec"]["selector"]["matchLabels"][key] = .string(name)
        daemonSet["spec"]["template"]["metadata"]["labels"][key] = .string(name)
    }

    private func change(_ container: inout JSON, isTask: Bool) {
        if let agentImage, container["image"].string == BuiltIn.agentImage { container["image"] = .string(agentImage) }
        guard isTask, let command else { return }
        if let image { container["image"] = .string(image) }
        container["args"] = .array(command.map { .string(Changes.literal($0)) })
    }

    /// Kubernetes reads $(NAME) as a variable, and $$ as $.
    static func literal(_ word: String) -> String {
        // By scalars: with an accent after it, `$` would be part of another character.
        word.unicodeScalars.reduce(into: "") { $0 += $1 == "$" ? "$$" : String($1) }
    }

    /// The agent's image with the tag of this version, where it has none.
    public static func agentImage(_ image: String, version: String) -> String {
        let last = image.split(separator: "/").last ?? ""
        return last.contains(":") || image.contains("@") ? image : "\(image):\(version)"
    }
}

/// The container of a built-in manifest that needs the agent's image, or one that every node has, and that image.
public func agent(of daemonSet: JSON, _ changes: Changes) -> (container: String, image: String)? {
    if changes.carriesAgent, changes.image != nil { return nil }
    let agentImage = changes.agentImage ?? BuiltIn.agentImage
    let container = daemonSet.podContainers.first { changes.carriesAgent || $0["image"].string == agentImage }
    guard let name = container?["name"].string, let image = container?["image"].string else { return nil }
    return (name, image)
}
