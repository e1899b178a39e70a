import FoundationEssentials
import Glibc
import RunLogic
import Synchronization

/// What the user asked for.
public struct Request: Sendable {
    public var source = ManifestSource.builtIn(.etcHosts)
    public var changes = Changes()
    public var container: String?
    public var timeout: Seconds = 300
    public var outputDirectory: String?
    public var failFast = false
    public var keep = false
    public var dryRun = false
    /// The command reads on every node what this program reads.
    public var readsInput = false
    public var namespace: String?
    /// kubectl's global options, as given.
    public var kubectlOptions: [String] = []

    public init() {}
}

/// The story of a run: read the manifest, create it, follow it, print the results, delete it.
public struct Orchestrator: Sendable {
    let request: Request
    let version: String
    let signals: Signals
    let terminal: Terminal

    public init(_ request: Request, version: String, signals: Signals, terminal: Terminal) {
        self.request = request
        self.version = version
        self.signals = signals
        self.terminal = terminal
    }

    /// - Returns: the exit status.
    /// - Throws: `Refusal` where there is no run.
    public func run() async throws(Refusal) -> Int32 {
        signals.tell { exit(128 + $0) }
        let input = request.readsInput ? try Input.read() : nil
        // Not before: who types the input may take his time.
        let start = ContinuousClock.now
        let kubectl = Kubectl(options: request.kubectlOptions)
        var manifest = request.changes.applied(to: try await request.source.read(kubectl))
        let task = try TaskContainer(in: manifest, chosen: request.container)
        if request.dryRun { return try await printManifest(manifest, kubectl) }

        let directory = try WorkDirectory()
        defer { directory.remove() }
        signals.tell { number in
            directory.remove()
            exit(128 + number)
        }
        let store = try ResultStore(named: request.outputDirectory ?? directory.file("results"))
        let cluster = try await connect(manifest, kubectl, directory)
        if input != nil { manifest = Input.given(to: manifest, task: task.name, by: cluster.identity) }
        try await check(request.changes.nodes, in: cluster)
        for warning in try await cluster.rehearse(manifest, source: request.source.name) {
            terminal.say("the cluster warns: \(warning)")
        }

        let patience = Impatience(cluster: cluster, directory: directory, terminal: terminal)
        signals.keep(patience.abandon)
        let created = try await create(manifest, input, in: cluster)
        terminal.say("created daemonset/\(created.name) in namespace \(cluster.namespace)")

        let loop = RunLoop(
            cluster: cluster, plan: plan(task, created, manifest), manifest: manifest, store: store, terminal: terminal,
            signals: signals, start: start)
        let (run, verdict) = await loop.follow()

        signals.tell(patience.abandon(after: verdict))
        let ending = Ending(
            request: request, cluster: cluster, created: created, store: store, terminal: terminal, start: start)
        return await ending.finish(run, verdict)
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
    private func connect(
        _ manifest: JSON, _ kubectl: Kubectl, _ directory: WorkDirectory
    ) async throws(Refusal) -> Cluster {
        try await Curl.check()
        let named = manifest["metadata"]["namespace"].string
        if let named, let wanted = request.namespace, named != wanted {
            throw .usage("\(request.source.name) is for the namespace \(named), not for \(wanted)")
        }
        let configuration = try await kubectl.configuration()
        let namespace = request.namespace ?? named ?? configuration.namespace ?? Kubeconfig.ownNamespace ?? "default"
        let proxy = Proxy(kubectl, serverHasPath: configuration.serverHasPath, in: directory)
        let identity = RunIdentity(name: manifest["metadata"]["name"].string ?? "")
        return Cluster(
            proxy, namespace: namespace, identity: identity, hasInput: request.readsInput, version: version)
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

    private func create(_ manifest: JSON, _ input: Input?, in cluster: Cluster) async throws(Refusal) -> Created {
        let job = request.keep ? nil : await cluster.createJob(deadline: request.timeout + 120, say: terminal.say)
        do throws(Refusal) {
            if let input { try await cluster.create(input, owner: job) }
            let daemonSet = try await createDaemonSet(manifest, owner: job, in: cluster)
            return Created(name: daemonSet.metadata.name, uid: daemonSet.metadata.uid, hasJob: job != nil)
        } catch {
            // Should they be there after all, the cluster deletes the DaemonSet with the Job that owns it.
            if !request.keep { _ = await cluster.deleteJob() }
            if let signal = signals.kept { throw .stopped(signal, error.message) }
            throw error
        }
    }

    /// Where it can't be created, the Secret that it would have used is not needed.
    private func createDaemonSet(
        _ manifest: JSON, owner: String?, in cluster: Cluster
    ) async throws(Refusal) -> DaemonSet {
        do throws(Refusal) {
            return try await cluster.createDaemonSet(manifest, owner: owner, source: request.source.name)
        } catch {
            if cluster.hasInput, let why = await cluster.deleteInput(), owner == nil {
                terminal.say("can't delete the run's Secret: \(why); to remove it: \(cluster.deleteCommand)")
            }
            throw error
        }
    }

    private func plan(_ task: TaskContainer, _ created: Created, _ manifest: JSON) -> Run.Plan {
        var plan = Run.Plan(
            task: task, timeout: request.timeout, daemonSetName: created.name, daemonSetUID: created.uid)
        plan.failFast = request.failFast
        plan.keepsEveryLog = request.outputDirectory != nil
        if case .builtIn = request.source { plan.agent = agent(of: manifest, request.changes) }
        plan.selection = "look at the node selector and the affinity in \(request.source.name)"
        if !request.changes.nodes.isEmpty { plan.selection += ", and at --selector, --nodes and --exclude" }
        return plan
    }
}

/// What the run created.
struct Created: Sendable {
    let name: String
    let uid: String
    /// The run has a Job that ends it should this program not be there to do it.
    let hasJob: Bool
}

/// What a second Ctrl-C does: the program ends at once, and says what it leaves.
struct Impatience: Sendable {
    let cluster: Cluster
    let directory: WorkDirectory
    let terminal: Terminal

    func abandon(_ number: Int32) {
        abandon(with: 128 + number)
    }

    private func abandon(with status: Int32) {
        terminal.say("stopped; to remove what may be left: \(cluster.deleteCommand)")
        directory.remove()
        exit(status)
    }

    /// After the run has ended: the first signal is the second where a signal ended the run.
    func abandon(after verdict: Verdict) -> @Sendable (Int32) -> Void {
        let isSecond = Atomic(false)
        if case .stopped = verdict { isSecond.store(true, ordering: .relaxed) }
        return { number in
            if isSecond.exchange(true, ordering: .relaxed) {
                abandon(with: verdict.exitStatus == 0 ? 128 + number : verdict.exitStatus)
            }
            terminal.say("deleting what the run created; once more to leave that to the cluster")
        }
    }
}
