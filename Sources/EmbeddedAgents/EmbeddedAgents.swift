/// The agents that this program carries, so that they need no image to come to the nodes: static programs, built by
/// `Release/agents`. A plain `swift build` embeds none.
public enum EmbeddedAgents {
    /// The architectures that agents are there for, as Kubernetes calls them; none where none are embedded.
    /// (https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch)
    public static let architectures = files.keys.sorted()

    /// The agents for an architecture, by name; nil where there are none.
    public static func programs(for architecture: String) -> [String: [UInt8]]? {
        files[architecture]?()
    }

    #if EMBEDS_AGENTS
    private static let files: [String: @Sendable () -> [String: [UInt8]]] = [
        "amd64": {
            ["run-once": PackageResources.run_once_amd64, "cat-etc-hosts": PackageResources.cat_etc_hosts_amd64]
        },
        "arm64": {
            ["run-once": PackageResources.run_once_arm64, "cat-etc-hosts": PackageResources.cat_etc_hosts_arm64]
        },
    ]
    #else
    private static let files: [String: @Sendable () -> [String: [UInt8]]] = [:]
    #endif
}
