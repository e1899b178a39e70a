import RunLogic

/// The story of `attach`: find the run, follow it, print the results, leave it as it is.
///
/// It only reads: what it is there for may be followed by others at the same time.
public struct Attachment: Sendable {
    let name: String
    let request: Request
    let program: Program

    /// - Parameter request: what is to be done with the results, and where the run is.
    public init(_ name: String, _ request: Request, in program: Program) {
        self.name = name
        self.request = request
        self.program = program
    }

    /// - Returns: the exit status, which is that of the run; 1 where the run ended before all results were here.
    /// - Throws: `Refusal` where there is no such run.
    public func follow() async throws(Refusal) -> Int32 {
        let directory = try program.signals.directory()
        defer { directory.remove() }
        let store = try ResultStore(named: request.outputDirectory ?? directory.results)
        let output = try await request.output(of: store, directory)
        let runs = try await Runs.connect(request.place, directory, program)
        guard let (run, now) = try await runs.find(name) else { throw runs.unknown(name) }
        guard request.output != .raw || run.daemonSet.meansOneNode else {
            throw .usage("-o raw prints one node's result, and \(name) may have several")
        }

        let cluster = runs.cluster(of: run)
        let since = max(0, now.since(run.created))
        // The nodes as whoever started the run chose them.
        var request = request
        let (names, named) = (run.daemonSet.nodeNames, run.notes?.named ?? [])
        request.changes.nodes.nodes = unique(named + names)
        request.changes.nodes.found = Set(names).subtracting(named)
        let plan = try plan(run, cluster, since: since)
        program.terminal.mention(
            """
            following daemonset/\(name) in namespace \(runs.namespace), which began \(age(since)) ago; \
            Ctrl-C leaves it as it is
            """)
        let start = ContinuousClock.now - .seconds(since)
        let loop = RunLoop(
            cluster: cluster, plan: plan, manifests: [run.daemonSet] + run.others, store: store, output: output,
            terminal: program.terminal, signals: program.signals, start: start)
        let outcome = await loop.follow()

        program.signals.end(removing: directory)
        let ending = Ending(
            request: request, cluster: cluster, created: run.parts, store: store, output: output,
            terminal: program.terminal, signals: program.signals, directory: directory, start: start, looksAt: run)
        return await ending.finish(outcome)
    }

    private func plan(_ run: RunThere, _ cluster: Cluster, since: Seconds) throws(Refusal) -> Run.Plan {
        guard let notes = run.notes, let task = try? TaskContainer(in: run.daemonSet, chosen: notes.container) else {
            throw .cluster(
                """
                daemonset/\(name) does not tell how it is to be followed: another version of this program started it; \
                to remove it:
                \(cluster.deleteCommand)
                """)
        }
        var plan = Run.Plan(
            task: task, timeout: notes.turns?.timeout ?? notes.timeout, daemonSets: run.parts.daemonSets)
        plan.limits = program.limits
        plan.usesHostNetwork = run.daemonSet.podSpec["hostNetwork"] == true
        (plan.pace, plan.budget) = (notes.turns?.pace, notes.turns?.budget)
        plan.isSealed = Sealing(of: run.daemonSet, task: task) != nil
        plan.keepsEveryLog = request.wantsEveryLog
        // Whoever runs it may give its pods another image, and ends it where there is none.
        if notes.isDetached || !run.parcels.contains(.agent) {
            plan.agent = notes.agent.flatMap { name in
                run.daemonSet.container(name)["image"].string.map { (name, $0) }
            }
        }
        if run.parcels.contains(.agent) { plan.agentAdvice = CarriedAgent.adviceWithoutImage }
        for name in notes.withoutAgent {
            plan.unmet[name] = "whoever started the run had no agent for its architecture"
        }
        plan.named = notes.named
        plan.selection = "look at the node selector, the affinity and the tolerations of daemonset/\(name)"
        plan.lookBegins = since
        return plan
    }
}
