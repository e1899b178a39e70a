/// The Secret that takes standard input to the nodes.
extension Cluster {
    private var secrets: String { "/api/v1/namespaces/\(namespace)/secrets" }

    /// Creates it.
    ///
    /// - Parameter owner: the uid of the run's Job.
    /// - Throws: `Refusal` where it was not created, or where nobody can tell.
    func create(_ input: Input, owner: String?) async throws(Refusal) {
        let start = ContinuousClock.now
        while true {
            switch await api.ask("POST", secrets, body: input.secret(of: identity, owner: owner)) {
            case .answer: return
            // Its name is the run's own: this is what came of a request before, of which nobody could tell.
            case .refused(let status) where status.reason == "AlreadyExists": return
            case .refused(let status):
                throw .cluster("-i/--stdin takes a Secret: \(status.message ?? "the cluster refused")")
            case .outage(let why):
                guard start.duration(to: .now) < .seconds(20) else {
                    throw .cluster("""
                        the cluster did not say whether it created secret/\(identity.secretName): \(why); \
                        to remove it: \(removalCommand)
                        """)
                }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Deletes it; tries for ten seconds where no answer comes.
    ///
    /// - Returns: why it may still be there; nil where it is not.
    func deleteInput() async -> String? {
        await delete("\(secrets)/\(identity.secretName)")
    }
}
