import RunLogic
import System

/// The story of a run: read the manifest, create it, follow it, print the results, delete it.
public struct Orchestrator: Sendable {
    var request: Request
    let program: Program
    /// The run that is brought up to date; nil where there was none.
    var earlier: EarlierRun?

    public init(_ request: Request, in program: Program) {
        self.request = request
        self.program = program
    }

    /// - Returns: the exit status.
    /// - Throws: `Refusal` where there is no run.
    public func run() async throws(Refusal) -> Int32 {
        program.signals.tell { endProgram(128 + $0) }
        var story = self
        return try story.readEarlierRun() ? try await story.begin() : 0
    }

    private mutating func begin() async throws(Refusal) -> Int32 {
        var provisions = Provisions()
        if request.readsInput { provisions.input = try Input.read(forShell: request.shell) }
        let kubectl = Kubectl(options: request.place.kubectlOptions)
        if request.dryRun == .client {
            return try await print(request.checked(request.source.read(kubectl)).manifests, kubectl)
        }
        async let tools = Tools.find(for: request.place)
        let source = try await request.source.read(kubectl)
        var (manifests, task) = try request.checked(source)

        let directory = try program.signals.directory()
        defer { directory.remove() }
        // Where nothing is run, the user's folder stays as it is.
        let results = request.dryRun == nil ? request.outputDirectory : nil
        let store = try ResultStore(named: results ?? directory.results, after: earlier)
        let output = try await request.output(of: store, directory)
        let cluster = try connect(manifests, with: await tools.get(), directory)
        try await chooseNodes(in: cluster)
        (manifests, task) = try request.checked(source)
        provisions.agent = try await request.agent(for: manifests, in: cluster)
        if let why = provisions.withoutAgent.values.first {
            let names = provisions.withoutAgent.keys.sorted()
            program.terminal.say("\(list(names)) \(names.count == 1 ? "is" : "are") left out: \(why)")
        }
        var daemonSets = provisions.given(to: manifests, task: task.name, by: cluster.identity)
        let count = await countNodes(of: daemonSets, in: cluster)
        guard count != 0 || provisions.withoutAgent.count > 0 else {
            throw .usage("no node matches \(request.changes.nodes.text ?? request.source.name)")
        }
        let pace = request.pace(of: manifests[0], nodes: count)
        if pace != nil { daemonSets = daemonSets.map(\.takingTurns) }
        let notes = notes(task, daemonSets, provisions, pace)
        let remarks = try await cluster.rehearse(
            daemonSets.map(notes.noted), source: request.source.name, takesTurns: pace != nil,
            Insistence(program.limits))
        remarks.lines.forEach { program.terminal.say($0) }
        if request.dryRun == .server {
            await cluster.disconnect()
            if let line = Right.line([], assumed: provisions.agent?.assumed) { program.terminal.mention(line) }
            return try await print(
                provisions.agent?.printed(manifests, for: request.architecture) ?? manifests, kubectl)
        }
        let lacking = try await cluster.check(
            request.rights(parcels: cluster.parcels), optional: request.detach ? [] : [.listNodes, .createJobs])

        let patience = Impatience(cluster: cluster, directory: directory, terminal: program.terminal)
        program.signals.keep(patience.abandon)
        let created = try await create(
            daemonSets, notes, provisions, in: cluster, deadline: request.deadline(pace),
            mayCreateJob: !lacking.contains(.createJobs), remarks)
        // Not before: who types the input, or logs in, may take his time.
        let start = ContinuousClock.now
        program.terminal.mention("created \(created.text) in namespace \(cluster.namespace)")
        if let line = Right.line(lacking, assumed: provisions.agent?.assumed) { program.terminal.mention(line) }
        if request.detach, program.signals.kept == nil { return await leave(created, in: cluster) }

        var plan = plan(task, created, daemonSets, pace)
        plan.unmet = provisions.withoutAgent
        plan.mayListNodes = !lacking.contains(.listNodes)
        let loop = RunLoop(
            cluster: cluster, plan: plan, manifests: daemonSets, store: store, output: output,
            terminal: program.terminal, signals: program.signals, start: start)
        let outcome = await loop.follow()

        program.signals.tell(patience.abandon(after: outcome.verdict, of: created))
        let ending = Ending(
            request: request, cluster: cluster, created: created, store: store, output: output,
            terminal: program.terminal, signals: program.signals, directory: directory, start: start, earlier: earlier)
        return await ending.finish(outcome)
    }

    private func print(_ manifests: [JSON], _ kubectl: Kubectl) async throws(Refusal) -> Int32 {
        let text = try await yaml(manifests, kubectl)
        let command = oneLine(request.runsPrinted, atMost: .max)
        try printOut("the manifest") { Array("# To run it: \(command)\n\(text)".utf8) }
        return 0
    }

    /// Finds out which namespace it is, and the way to the cluster.
    private func connect(
        _ manifests: [JSON], with tools: Tools, _ directory: WorkDirectory
    ) throws(Refusal) -> Cluster {
        let named = manifests[0]["metadata"]["namespace"].string
        if let named, let wanted = request.place.namespace, named != wanted {
            throw .usage("\(request.source.name) is for the namespace \(named), not for \(wanted)")
        }
        let (api, namespace) = try API.connect(
            request.place, with: tools, manifestNames: named, directory, program)
        var identity = RunIdentity(name: manifests[0]["metadata"]["name"].string ?? "")
        let options = request.changes.podOptions
        (identity.labels, identity.annotations) = (options.labels, options.annotations)
        var parcels: Set<Parcel> = request.readsInput ? [.input] : []
        if manifests.contains(where: CarriedAgent.isExpected) { parcels.insert(.agent) }
        return Cluster(api: api, namespace: namespace, identity: identity, parcels: parcels)
    }

    /// How many nodes are meant, where that matters before anything is created; nil where it does not, or nobody knows.
    private func countNodes(of daemonSets: [JSON], in cluster: Cluster) async -> Int? {
        if request.source.isBuiltIn, request.pace == nil, request.changes.nodes.isEmpty { return nil }
        return await cluster.matchingNodes(of: daemonSets)
    }

    private func notes(
        _ task: TaskContainer, _ daemonSets: [JSON], _ provisions: Provisions, _ pace: Pace?
    ) -> RunNotes {
        var notes = RunNotes(timeout: pace?.latest ?? request.timeout, container: task.name, runs: request.runs)
        notes.turns = pace.map { RunNotes.Turns(pace: $0, timeout: request.timeout, budget: request.budget) }
        if request.source.isBuiltIn { notes.agent = agent(of: daemonSets[0], request.changes)?.container }
        notes.others = daemonSets.dropFirst().compactMap { $0["metadata"]["name"].string }
        notes.withoutAgent = provisions.withoutAgent.keys.sorted()
        notes.named = request.changes.nodes.named
        notes.isDetached = request.detach
        return notes
    }

    private func plan(_ task: TaskContainer, _ created: Created, _ daemonSets: [JSON], _ pace: Pace?) -> Run.Plan {
        var plan = Run.Plan(task: task, timeout: request.timeout, daemonSets: created.daemonSets)
        plan.named = request.changes.nodes.named
        plan.failFast = request.failFast
        plan.budget = request.budget
        plan.limits = program.limits
        plan.usesHostNetwork = daemonSets[0].podSpec["hostNetwork"] == true
        plan.violatesPodSecurity = created.violatesPodSecurity
        plan.pace = pace
        plan.isSealed = Sealing(of: daemonSets[0], task: task) != nil
        plan.keepsEveryLog = request.wantsEveryLog
        if request.source.isBuiltIn { plan.agent = agent(of: daemonSets[0], request.changes) }
        if request.changes.carriesAgent {
            plan.agentAdvice = CarriedAgent.adviceWithoutImage
            plan.mayReplaceImage = true
        }
        plan.selection = "look at the node selector, the affinity and the tolerations in \(request.source.name)"
        if !request.changes.nodes.isEmpty {
            plan.selection += """
                , and at --selector, --nodes and --exclude: kubectl get nodes --show-labels tells what there is
                """
        }
        return plan
    }
}
