/// The Secret and the ConfigMap that a run takes to its nodes.
extension Cluster {
    private func path(_ parcel: Parcel) -> String { "/api/v1/namespaces/\(namespace)/\(parcel.rawValue)" }

    /// Creates one.
    ///
    /// - Parameters:
    ///   - need: what takes it, for the user.
    ///   - insistence: how long it is tried while the cluster can't do it.
    /// - Throws: `Refusal` where it was not created, or where nobody can tell.
    func create(_ parcel: Parcel, _ object: JSON, need: String, _ insistence: Insistence) async throws(Refusal) {
        let start = ContinuousClock.now
        let made = "\(path(parcel))/\(identity.jobName)"
        var mayBeThere = false
        while true {
            let what = "the run's \(parcel.kind)"
            switch await insistence.ask(api, for: what, path(parcel), object) {
            case .success: return
            // Its name is the run's own: this is what came of a request before, of which nobody could tell.
            case .failure(.refused(let status)) where status.reason == "AlreadyExists": return
            case .failure(.refused(let status)):
                // A quota refuses it, say, since a request before, whose answer was lost, has made one.
                if mayBeThere { _ = await delete(made) }
                throw .cluster("\(need): \(status.message ?? "the cluster refused")")
            case .failure(.outage(let why)):
                mayBeThere = true
                guard start.duration(to: .now) < .seconds(api.limits.creation) else {
                    // It may be there, and have no owner that takes it along.
                    _ = await delete(made)
                    throw .cluster(
                        """
                        the cluster did not say whether it created \(parcel.kind) \(identity.jobName): \(why); \
                        to remove it:
                        \(removalCommand)
                        """)
                }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Deletes them; tries for a while each where no answer comes.
    ///
    /// - Parameter deadline: when one more try is all that is made, where that is sooner.
    /// - Returns: those that may still be there, and why.
    func delete(
        _ parcels: Set<Parcel>, until deadline: ContinuousClock.Instant? = nil
    ) async -> [(parcel: Parcel, why: String)] {
        var left: [(parcel: Parcel, why: String)] = []
        for parcel in Parcel.allCases where parcels.contains(parcel) {
            let why = await delete("\(path(parcel))/\(identity.jobName)", until: deadline)
            if let why { left.append((parcel, why)) }
        }
        return left
    }
}
