/// The manifests that are part of this program: the very files that the repository shows.
public enum BuiltIn: Sendable {
    /// daemonset.yaml: prints each node's /etc/hosts.
    case etcHosts
    /// Examples/any-command.yaml: runs a command in an image.
    case anyCommand
    /// Examples/host-command.yaml: runs a command on the node itself.
    case hostCommand

    var yaml: [UInt8] {
        switch self {
        case .etcHosts: PackageResources.daemonset_yaml
        case .anyCommand: PackageResources.any_command_yaml
        case .hostCommand: PackageResources.host_command_yaml
        }
    }

    /// For messages.
    public var name: String {
        switch self {
        case .etcHosts: "daemonset.yaml"
        case .anyCommand, .hostCommand: "the command's DaemonSet"
        }
    }

    /// The agent's image as all of them name it.
    static let agentImage = "cat-etc-hosts:latest"
}
