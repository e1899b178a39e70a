/// The end of the story with `--detach`: the run goes on without this program, and its name is all that is printed.
extension Orchestrator {
    /// - Returns: the exit status.
    func leave(_ created: Created, in cluster: Cluster) async -> Int32 {
        let isOld = await cluster.isTooOldToEndRuns()
        await cluster.disconnect()
        let end = isOld ? "this Kubernetes is older than 1.23, and will not delete it" : """
            after \(age(request.deadline(nil))) the cluster deletes it
            """
        program.terminal.say("it goes on by itself; \(end)")
        program.terminal.say("to see its results: \(cluster.attachCommand)")
        program.terminal.say("to remove it: \(cluster.deleteCommand)")
        do throws(SystemError) {
            try Descriptor.standardOutput.write("\(created.name)\n".utf8)
            return 0
        } catch {
            program.terminal.say("the run's name could not be written to standard output: \(error.reason)")
            return 1
        }
    }
}

extension Cluster {
    /// Whether it is known that its Kubernetes does not end the run's Job at the deadline, or does not delete it.
    fileprivate func isTooOldToEndRuns() async -> Bool {
        struct Version: Decodable { let major, minor: String }
        guard let version = try? await api.get(Version.self, "/version", limit: 5) else { return false }
        // The minor version may end in a plus sign.
        guard let minor = Int(version.minor.prefix { $0.isNumber }) else { return false }
        return version.major == "1" && minor < 23
    }
}
