/// What this machine has for the way to a cluster: a curl that will do, and kubectl's configuration.
struct Tools: Sendable {
    let kubectl: Kubectl
    let configuration: Kubeconfig

    /// Asks both programs at once.
    ///
    /// - Returns: what they say, or `Refusal.cluster`, which is not thrown: this goes on beside other things.
    static func find(for place: Place) async -> Result<Tools, Refusal> {
        let kubectl = Kubectl(options: place.kubectlOptions)
        async let flaw = Curl.flaw()
        do throws(Refusal) {
            let configuration = try await kubectl.configuration()
            if let flaw = await flaw { throw flaw }
            return .success(Tools(kubectl: kubectl, configuration: configuration))
        } catch {
            return .failure(error)
        }
    }
}

extension API {
    /// Finds out which namespace is meant, and the way to the cluster.
    ///
    /// - Parameters:
    ///   - tools: for that way.
    ///   - named: the namespace that a manifest names, where there is one.
    ///   - directory: for the proxy's socket.
    ///   - program: which tells the cluster its version, and the user what kubectl wants of him.
    static func connect(
        _ place: Place, with tools: Tools, manifestNames named: String? = nil, _ directory: WorkDirectory,
        _ program: Program
    ) throws(Refusal) -> (api: API, namespace: String) {
        let (kubectl, configuration) = (tools.kubectl, tools.configuration)
        let own = configuration.namespace ?? Kubeconfig.ownNamespace ?? "default"
        let namespace = place.namespace ?? named ?? own
        guard isLabel(namespace, atMost: 63) else {
            throw .usage("no namespace is called '\(namespace)': small letters, digits and - only, 63 at most")
        }
        let hidden = try kubectl.withSecretsHidden(configuration, in: directory)
        let proxy = Proxy(
            hidden, serverHasPath: configuration.serverHasPath, in: directory, tell: program.terminal.pass)
        let curl = Curl(socket: proxy.socket, userAgent: "kubectl-run_once/\(program.version)")
        // In a pod it is the pod's, and not that of who types a command which is told there.
        let typed = configuration.namespace ?? (Kubeconfig.ownNamespace == nil ? "default" : nil)
        return (API(curl: curl, proxy: proxy, limits: program.limits, ownNamespace: typed), namespace)
    }
}

/// Whether a name is a label of RFC 1123, and may be a part of a path.
public func isLabel(_ name: String, atMost length: Int) -> Bool {
    name.count <= length && name.wholeMatch(of: /[a-z0-9]([a-z0-9-]*[a-z0-9])?/) != nil
}
