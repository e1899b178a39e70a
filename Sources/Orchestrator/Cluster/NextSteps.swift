/// The commands that the user is told as the next step.
extension Cluster {
    /// Follows the run.
    var attachCommand: String { api.command("kubectl run-once attach \(identity.name)", namespace) }

    /// Removes the run whose DaemonSet is there.
    var deleteCommand: String { api.command("kubectl run-once delete \(identity.name)", namespace) }

    /// Removes all that this run created and nothing else, also where its DaemonSet is not there, or is another run's
    /// that has the same name.
    var removalCommand: String {
        let kinds = (["jobs", "daemonsets", "pods"] + parcels.map(\.rawValue).sorted()).joined(separator: ",")
        return api.command("kubectl delete \(kinds) -l \(identity.selector)", namespace)
    }
}

extension API {
    /// Shows the runs that are in a namespace.
    func listCommand(_ namespace: String) -> String { command("kubectl run-once list", namespace) }

    /// A command with the options that say which namespace of which cluster it is, and who asks, as the user said it:
    /// whole, and to be typed as it is. No secret is among them.
    func command(_ words: String, _ namespace: String) -> String {
        let place = (namespace == ownNamespace ? [] : ["--namespace=\(namespace)"]) + proxy.kubectl.openOptions
        return ([words] + place.map(shellWord)).joined(separator: " ")
    }
}

/// A word as a shell takes it.
public func shellWord(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=,@%+^".contains($0) }
    return isPlain ? word : "'\(word.replacing("'", with: #"'\''"#))'"
}
