import RunLogic

extension Cluster {
    /// Deletes the run's Job, and with it what it owns; tries for a while where no answer comes.
    /// (https://kubernetes.io/docs/concepts/architecture/garbage-collection/)
    ///
    /// - Parameter deadline: when one more try is all that is made, where that is sooner.
    /// - Returns: why it may still be there; nil where it is not.
    func deleteJob(until deadline: ContinuousClock.Instant? = nil) async -> String? {
        // Left alone, a Job would leave behind what it owns.
        await delete("\(jobs)/\(identity.jobName)?propagationPolicy=Background", until: deadline)
    }

    /// Deletes an object; tries for a while where no answer comes.
    ///
    /// - Parameter deadline: when one more try is all that is made, where that is sooner.
    /// - Returns: why it may still be there; nil where it is not.
    func delete(_ path: String, until deadline: ContinuousClock.Instant? = nil) async -> String? {
        let last = ContinuousClock.now + .seconds(api.limits.deletion)
        let deadline = min(deadline ?? last, last)
        while true {
            switch await api.ask("DELETE", path, limit: api.limits.briefRequest) {
            case .success: return nil
            case .failure(.refused(let status)) where status.code == 404: return nil
            case .failure(.refused(let status)): return status.message ?? "the cluster refused"
            case .failure(.outage(let why)):
                if ContinuousClock.now >= deadline { return why }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
