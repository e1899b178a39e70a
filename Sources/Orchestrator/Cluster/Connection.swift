extension API {
    /// Finds out which namespace is meant, that there is a curl, and the way to the cluster.
    ///
    /// - Parameters:
    ///   - named: the namespace that a manifest names, where there is one.
    ///   - directory: for the proxy's socket.
    ///   - program: whose version the cluster is told, and whose limits hold.
    static func connect(
        _ place: Place, manifestNames named: String? = nil, _ directory: WorkDirectory, _ program: Program
    ) async throws(Refusal) -> (api: API, namespace: String) {
        try await Curl.check()
        let kubectl = Kubectl(options: place.kubectlOptions)
        let configuration = try await kubectl.configuration()
        let namespace = place.namespace ?? named ?? configuration.namespace ?? Kubeconfig.ownNamespace ?? "default"
        let proxy = Proxy(kubectl, serverHasPath: configuration.serverHasPath, in: directory)
        let curl = Curl(socket: proxy.socket, userAgent: "kubectl-run_once/\(program.version)")
        return (API(curl: curl, proxy: proxy, limits: program.limits), namespace)
    }
}
