import Glibc
import RunLogic

/// The story of a run: read the manifest, create it, follow it, print the results, delete it.
public struct Orchestrator: Sendable {
    let request: Request
    let program: Program

    public init(_ request: Request, in program: Program) {
        self.request = request
        self.program = program
    }

    /// - Returns: the exit status.
    /// - Throws: `Refusal` where there is no run.
    public func run() async throws(Refusal) -> Int32 {
        program.signals.tell { exit(128 + $0) }
        var provisions = Provisions()
        if request.readsInput { provisions.input = try Input.read(forShell: request.shell) }
        let kubectl = Kubectl(options: request.place.kubectlOptions)
        var manifest = request.changes.applied(to: try await request.source.read(kubectl))
        let task = try TaskContainer(in: manifest, chosen: request.container)
        try request.checkOutput(of: manifest)
        try Sealing.check(manifest, task)
        if request.dryRun { return try await printManifest(manifest, kubectl) }

        let directory = try program.signals.directory()
        defer { directory.remove() }
        let store = try ResultStore(named: request.outputDirectory ?? directory.results)
        let cluster = try await connect(manifest, directory)
        try await check(request.changes.nodes, in: cluster)
        provisions.agent = try await request.agent(for: manifest, in: cluster, mention: program.terminal.mention)
        manifest = provisions.given(to: manifest, task: task.name, by: cluster.identity)
        let count = request.pace == nil ? nil : await cluster.matchingNodes(of: manifest)
        let pace = request.pace(of: manifest, nodes: count)
        if pace != nil { manifest = manifest.takingTurns }
        let notes = notes(task, manifest, pace)
        for warning in try await cluster.rehearse(
            notes.noted(on: manifest), source: request.source.name, takesTurns: pace != nil
        ) {
            program.terminal.say("the cluster warns: \(warning)")
        }
        try await cluster.check(request.rights(parcels: cluster.parcels))

        let patience = Impatience(cluster: cluster, directory: directory, terminal: program.terminal)
        program.signals.keep(patience.abandon)
        let created = try await create(
            manifest, notes, provisions, in: cluster, deadline: request.deadline(pace))
        // Not before: who types the input, or logs in, may take his time.
        let start = ContinuousClock.now
        program.terminal.mention("created daemonset/\(created.name) in namespace \(cluster.namespace)")
        if request.detach, program.signals.kept == nil { return await leave(created, in: cluster) }

        let output = request.output(of: store)
        let loop = RunLoop(
            cluster: cluster, plan: plan(task, created, manifest, pace), manifest: manifest, store: store,
            output: output, terminal: program.terminal, signals: program.signals, start: start)
        let outcome = await loop.follow()

        program.signals.tell(patience.abandon(after: outcome.verdict, of: created))
        let ending = Ending(
            request: request, cluster: cluster, created: created, store: store, output: output,
            terminal: program.terminal, signals: program.signals, directory: directory, start: start)
        return await ending.finish(outcome)
    }

    private func printManifest(_ manifest: JSON, _ kubectl: Kubectl) async throws(Refusal) -> Int32 {
        let text = try await yaml(manifest, kubectl)
        do throws(SystemError) {
            try Descriptor.standardOutput.write(text)
            return 0
        } catch {
            throw .cluster("the manifest can't be written to standard output: \(error.reason)")
        }
    }

    /// Finds out which namespace it is, that there is a curl, and the way to the cluster.
    private func connect(_ manifest: JSON, _ directory: WorkDirectory) async throws(Refusal) -> Cluster {
        let named = manifest["metadata"]["namespace"].string
        if let named, let wanted = request.place.namespace, named != wanted {
            throw .usage("\(request.source.name) is for the namespace \(named), not for \(wanted)")
        }
        let (api, namespace) = try await API.connect(
            request.place, manifestNames: named, directory, program)
        let identity = RunIdentity(name: manifest["metadata"]["name"].string ?? "")
        var parcels: Set<Parcel> = request.readsInput ? [.input] : []
        if CarriedAgent.isExpected(by: manifest) { parcels.insert(.agent) }
        return Cluster(api: api, namespace: namespace, identity: identity, parcels: parcels)
    }

    /// A name that no node has is a mistake, where nodes may be listed.
    private func check(_ selection: NodeSelection, in cluster: Cluster) async throws(Refusal) {
        let names = selection.nodes + selection.excluded
        guard !names.isEmpty, let known = await cluster.nodeNames() else { return }
        let unknown = names.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw .usage("no node is called \(unknown.joined(separator: ", ")): kubectl get nodes tells their names")
        }
    }

    private func create(
        _ manifest: JSON, _ notes: RunNotes, _ provisions: Provisions, in cluster: Cluster, deadline: Seconds
    ) async throws(Refusal) -> Created {
        var job: DaemonSet.Metadata?
        var taken: Set<Parcel> = []
        do throws(Refusal) {
            job = try await createJob(in: cluster, deadline: deadline)
            var notes = notes
            notes.deadline = job?.creationTimestamp.flatMap { Timestamp($0) }.map {
                Timestamp(seconds: $0.seconds + Int(deadline))
            }
            for (parcel, object, need) in provisions.objects(of: cluster.identity, owner: job?.uid) {
                try await cluster.create(parcel, object, need: need)
                taken.insert(parcel)
            }
            let daemonSet = try await cluster.createDaemonSet(
                notes.noted(on: manifest), owner: job?.uid, source: request.source.name)
            return Created(name: daemonSet.metadata.name, uid: daemonSet.metadata.uid, hasJob: job != nil)
        } catch {
            for (parcel, why) in await cluster.delete(taken) where job == nil {
                program.terminal.say("""
                    can't delete the run's \(parcel.kind): \(why); to remove it: \(cluster.removalCommand)
                    """)
            }
            // Should they be there after all, the cluster deletes the DaemonSet with the Job that owns it.
            if !request.keep { _ = await cluster.deleteJob() }
            if let signal = program.signals.kept { throw .stopped(signal, error.message) }
            throw error
        }
    }

    /// A run goes on without its Job, where somebody is there to end it.
    private func createJob(in cluster: Cluster, deadline: Seconds) async throws(Refusal) -> DaemonSet.Metadata? {
        guard !request.keep else { return nil }
        do throws(Refusal) {
            return try await cluster.createJob(deadline: deadline)
        } catch {
            guard request.detach else {
                program.terminal.say("""
                    should this machine fail, the cluster will not end the run by itself: \(error.message)
                    """)
                return nil
            }
            throw .cluster("""
                --detach needs a Job, which ends the run in time; the cluster did not take it: \(error.message)
                """)
        }
    }

    private func notes(_ task: TaskContainer, _ manifest: JSON, _ pace: Pace?) -> RunNotes {
        var notes = RunNotes(timeout: pace?.latest ?? request.timeout, container: task.name, runs: request.runs)
        notes.turns = pace.map { RunNotes.Turns(pace: $0, timeout: request.timeout) }
        if case .builtIn = request.source { notes.agent = agent(of: manifest, request.changes)?.container }
        notes.isDetached = request.detach
        return notes
    }

    private func plan(_ task: TaskContainer, _ created: Created, _ manifest: JSON, _ pace: Pace?) -> Run.Plan {
        var plan = Run.Plan(task: task, timeout: request.timeout, daemonSets: created.daemonSets)
        let nodes = request.changes.nodes
        plan.named = nodes.nodes.filter { !nodes.excluded.contains($0) }
        plan.failFast = request.failFast
        plan.limits = program.limits
        plan.pace = pace
        plan.isSealed = Sealing(of: manifest, task: task) != nil
        plan.keepsEveryLog = request.wantsEveryLog
        if case .builtIn = request.source { plan.agent = agent(of: manifest, request.changes) }
        if request.changes.carriesAgent { plan.agentAdvice = CarriedAgent.adviceWithoutImage }
        plan.selection = "look at the node selector and the affinity in \(request.source.name)"
        if !request.changes.nodes.isEmpty {
            plan.selection += """
                , and at --selector, --nodes and --exclude: kubectl get nodes --show-labels tells what there is
                """
        }
        return plan
    }
}

/// What the run created.
struct Created: Sendable {
    let name: String
    let uid: String
    /// The run has a Job that ends it should this program not be there to do it.
    let hasJob: Bool

    var daemonSets: [Run.Plan.DaemonSet] { [Run.Plan.DaemonSet(name: name, uid: uid)] }
}
