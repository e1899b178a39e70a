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
        program.terminal.say("it goes on by itself; \(end)")
        program.terminal.say("to see its results:\n\(cluster.attachCommand)")
        program.terminal.say("to remove it:\n\(cluster.deleteCommand)")
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
    /// Whether its Kubernetes is older than this version of 1. Before 1.23 it does not end the run's Job at the
    /// deadline, or does not delete it; before 1.25 it drops fields that it does not know.
    ///
    /// - Returns: false where it can't be asked.
    func isOlder(than minor: Int) async -> Bool {
        struct Version: Decodable { let gitVersion: String? }
        guard let version = try? await api.get(Version.self, "/version", limit: 5) else { return false }
        // Such as v1.20.5+really1.20.2: some builds say major and minor nowhere else, some nothing, and these are old.
        let words = (version.gitVersion ?? "").drop { $0 == "v" }.split(separator: ".").prefix(2)
        // The minor version may end in a plus sign.
        let numbers = words.compactMap { Int($0.prefix { $0.isNumber }) }
        guard numbers.count == 2 else { return true }
        return numbers[0] == 1 && numbers[1] < minor
    }
}
