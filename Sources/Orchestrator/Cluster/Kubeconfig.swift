import FoundationEssentials

/// What kubectl's configuration says of the cluster that its options choose.
/// (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/)
struct Kubeconfig: Equatable {
    /// The context's namespace; nil where it names none.
    let namespace: String?
    /// The user's name there; nil where it names none.
    let user: String?
    /// Whether anything names a server: where nothing does kubectl takes that of the pod that it runs in.
    let namesServer: Bool
    /// Whether the server's URL has a path, as in `https://gateway.example/k8s/clusters/c-1`.
    let serverHasPath: Bool

    /// - Parameters:
    ///   - config: as `kubectl config view --output=json` shows it.
    ///   - options: kubectl's global options, such as `--context=test`.
    init(_ config: JSON, options: [String]) {
        func option(_ name: String) -> String? { Kubeconfig.option(name, in: options) }
        func entry(_ list: String, _ name: String?) -> JSON {
            config[list].elements.first { $0["name"].string == name } ?? .null
        }
        let context = entry("contexts", option("context") ?? config["current-context"].string)["context"]
        let cluster = entry("clusters", option("cluster") ?? context["cluster"].string)["cluster"]
        let server = option("server") ?? cluster["server"].string ?? ""
        let address = server.firstRange(of: "://").map { server[$0.upperBound...] } ?? server[...]
        user = option("user") ?? context["user"].string
        let named = context["namespace"].string
        namespace = named == "" ? nil : named
        namesServer = !server.isEmpty
        serverHasPath = address.split(separator: "/").count > 1
    }

    /// The value of one of kubectl's options, such as `context`; the last one counts.
    static func option(_ name: String, in options: [String]) -> String? {
        options.last { $0.hasPrefix("--\(name)=") }.map { String($0.dropFirst(name.count + 3)) }
    }

    /// The namespace of the pod that this program runs in; nil where it runs in none.
    static var ownNamespace: String? {
        let file = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
        let text = try? String(contentsOfFile: file, encoding: .utf8)
        return text.map { $0.filter { !$0.isWhitespace } }
    }
}
