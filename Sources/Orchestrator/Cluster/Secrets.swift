import FoundationEssentials
import System

/// A token on kubectl's command line could be read by everybody on this machine, as long as the run takes.
extension Kubectl {
    /// The options that hold secrets.
    public static let secrets = ["token", "password"]

    /// The same kubectl, which finds such secrets in a file that only this user can read.
    ///
    /// - Throws: `Refusal.cluster` where the file can't be written.
    func withSecretsHidden(_ config: Kubeconfig, in directory: WorkDirectory) throws(Refusal) -> Kubectl {
        func option(_ name: String) -> String? { Kubeconfig.option(name, in: options) }
        // In a pod, with no server named, kubectl takes a token from its command line alone.
        guard Kubectl.secrets.contains(where: { option($0) != nil }), config.user != nil || config.namesServer else {
            return self
        }
        // Whose they are, where the kubeconfig does not say.
        let name = config.user ?? "run-once"
        var user: JSON = [:]
        for key in Kubectl.secrets + ["username"] { user[key] = option(key).map { .string($0) } ?? .null }
        let file: JSON = [
            "apiVersion": "v1", "kind": "Config", "users": [["name": .string(name), "user": user]],
        ]
        let path = directory.file("credentials")
        do throws(SystemError) {
            try Descriptor.open(path, for: .keepingSecret).write(encoded(file))
        } catch {
            throw .cluster("the token can't be kept from the command line of kubectl: \(error)")
        }
        let own = ProcessInfo.processInfo.environment
        // An empty variable is none to kubectl.
        let named = option("kubeconfig") ?? own["KUBECONFIG"] ?? ""
        let others = named.isEmpty ? "\(own["HOME"] ?? "")/.kube/config" : named
        var hidden = self
        // Of two entries for a user the first counts.
        // (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/)
        hidden.variables["KUBECONFIG"] = "\(path):\(others)"
        let isHidden = { (option: String) in
            (Kubectl.secrets + ["username", "kubeconfig"]).contains { option.hasPrefix("--\($0)=") }
        }
        hidden.arguments.removeAll(where: isHidden)
        if config.user == nil { hidden.arguments.append("--user=\(name)") }
        return hidden
    }
}
