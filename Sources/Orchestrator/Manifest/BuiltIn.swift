import FoundationEssentials

/// The manifests that are part of this program: what kubectl makes of the files that the repository shows, which
/// `Release/manifests` asks it for, so that no run has to.
public enum BuiltIn: Sendable {
    /// daemonset.yaml: prints each node's /etc/hosts.
    case etcHosts
    /// Examples/any-command.yaml: runs a command in an image.
    case anyCommand
    /// Examples/host-command.yaml: runs a command on the node itself.
    case hostCommand

    var daemonSet: JSON { (try? JSONDecoder().decode(JSON.self, from: Data(json))) ?? .null }

    private var json: [UInt8] {
        switch self {
        case .etcHosts: PackageResources.daemonset_json
        case .anyCommand: PackageResources.any_command_json
        case .hostCommand: PackageResources.host_command_json
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
