import RunLogic
import System

/// Which nodes are meant, where only the cluster can tell.
extension Orchestrator {
    /// Takes the nodes that are not done from the folder of an earlier run, and tells whether there are any.
    mutating func readEarlierRun() throws(Refusal) -> Bool {
        guard request.retries, let directory = request.outputDirectory else { return true }
        let earlier = try EarlierRun(in: directory, "--retry")
        self.earlier = earlier
        if request.baseline != nil { try earlier.checkLogs("--retry") }
        request.changes.nodes.nodes = earlier.notDone
        guard earlier.notDone.isEmpty else { return true }
        guard earlier.verdict == "done" else {
            let why = "its run ended as \(earlier.verdict), and may not have reached all: run it without --retry"
            throw .usage("--retry: every node in \(directory) is done, but \(earlier.lack ?? why)")
        }
        guard request.baseline == nil else {
            throw .usage("--retry: every node in \(directory) is done, so nothing runs: compare them with diff -r")
        }
        program.terminal.mention("every node in \(directory) is done")
        return false
    }

    /// Patterns become names of nodes; of the nodes of an earlier run those are left out that are no longer there. A
    /// name that no node has is a mistake, where nodes may be listed.
    ///
    /// - Throws: `Refusal.usage` where none is left, `Refusal.cluster` where no answer comes.
    mutating func chooseNodes(in cluster: Cluster) async throws(Refusal) {
        var chosen = request.changes.nodes
        guard !(chosen.nodes + chosen.excluded).isEmpty else { return }
        // Names need no list. What else is wrong shows soon.
        guard let known = chosen.hasPatterns ? try await cluster.nodeNames() : try? await cluster.nodeNames() else {
            guard chosen.hasPatterns else { return }
            throw .usage("the nodes can't be listed, which a pattern of --nodes or --exclude takes: name them")
        }
        if let earlier {
            let gone = chosen.nodes.filter { !known.contains($0) }
            chosen.nodes = chosen.nodes.filter(known.contains)
            guard !chosen.nodes.isEmpty else {
                throw .usage(
                    "--retry: no node that is not done in \(earlier.directory) is in the cluster: \(list(gone))")
            }
            if !gone.isEmpty {
                program.terminal.say("left out, since they are no longer in the cluster: \(list(gone))")
            }
        }
        let named = chosen.nodes
        chosen.nodes = try matches(named, known)
        chosen.found = Set(chosen.nodes).subtracting(named)
        chosen.excluded = try matches(chosen.excluded, known)
        request.changes.nodes = chosen
        let unknown = (chosen.nodes + chosen.excluded).filter { !known.contains($0) }
        guard unknown.isEmpty else { throw .usage("no node is called \(list(unknown))") }
    }

    private func matches(_ names: [String], _ known: Set<String>) throws(Refusal) -> [String] {
        var all: [String] = []
        for name in names {
            let found = NodeSelection.isPattern(name) ? known.filter { System.matches($0, name) }.sorted() : [name]
            guard !found.isEmpty else { throw .usage("no node matches '\(name)': kubectl get nodes tells their names") }
            all += found
        }
        return unique(all)
    }
}
