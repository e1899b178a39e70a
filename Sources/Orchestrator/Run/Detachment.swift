import System

/// The end of the story with `--detach`: the run goes on without this program, and its name is all that is printed.
extension Orchestrator {
    /// - Returns: the exit status.
    func leave(_ created: Created, in cluster: Cluster) async -> Int32 {
        let end =
            await cluster.isOlder(than: 23)
            ? "this Kubernetes is older than 1.23, and will not delete it"
            : "after \(age(request.deadline(nil))) the cluster deletes it"
        await cluster.disconnect()
        program.terminal.mention("it goes on by itself; \(end)")
        program.terminal.mention("to see its results:\n\(cluster.attachCommand)")
        program.terminal.mention("to remove it:\n\(cluster.deleteCommand)")
        do throws(SystemError) {
            try Descriptor.standardOutput.write("\(cluster.identity.name)\n".utf8)
            return 0
        } catch {
            program.terminal.say("the run's name could not be written to standard output: \(error.reason)")
            return 1
        }
    }
}
