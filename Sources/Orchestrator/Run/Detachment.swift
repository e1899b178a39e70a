import System

/// The end of the story with `--detach`: the run goes on without this program, and its name is all that is printed.
extension Orchestrator {
    /// - Returns: the exit status.
    func leave(_ created: Created, in cluster: Cluster) async -> Int32 {
        let isOld = await cluster.isOlder(than: 23)
        await cluster.disconnect()
        if isOld {
            program.terminal.say("it goes on by itself; this Kubernetes is older than 1.23, and will not delete it")
        } else {
            program.terminal.mention("it goes on by itself; after \(age(request.deadline(nil))) the cluster deletes it")
        }
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
