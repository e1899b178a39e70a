/// The architectures of the nodes that are meant, as Kubernetes calls them.
/// (https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch)
struct Architectures: Sendable {
    static let label = "kubernetes.io/arch"

    /// A node of each; nil where nodes may not be listed.
    let found: [String: String]?
    /// Those that there are agents for.
    let carried: [String]

    /// The one whose agent the run takes.
    ///
    /// - Parameter named: by the user.
    /// - Throws: `Refusal.usage` where there is none that all of the nodes can run.
    func chosen(named: String?) throws(Refusal) -> String {
        let others = (found ?? [:]).filter { !carried.contains($0.key) }
        if let other = others.min(by: { $0.key < $1.key }) {
            let (all, both) = (carried.joined(separator: ","), carried.joined(separator: " and "))
            throw .usage("""
                node \(other.value) is \(other.key), and this program carries agents for \(both) only: leave it out \
                with -l '\(Architectures.label) in (\(all))', or name an image that has its agent with --agent-image
                """)
        }
        let kinds = (found ?? [:]).sorted { $0.key < $1.key }
        guard kinds.count < 2 else {
            let nodes = kinds.map { "\($0.key) (\($0.value))" }.joined(separator: " and ")
            let commands = kinds.map { "kubectl run-once -l \(Architectures.label)=\($0.key) …" }
            throw .usage("""
                the nodes are of several architectures, \(nodes): run it once for each, \
                \(commands.joined(separator: " and ")), or name an image for all with --agent-image
                """)
        }
        guard let kind = kinds.first else { return named ?? "amd64" }
        guard named == nil || named == kind.key else {
            throw .usage("--arch \(named ?? ""): the nodes are \(kind.key), such as \(kind.value): leave it out")
        }
        return kind.key
    }
}
