import EmbeddedAgents
import FoundationEssentials
import Orchestrator
import Version

/// What the command line asks for.
enum Command: Sendable {
    /// What --help prints.
    case help(String)
    /// Nothing: it is told what can be asked for.
    case nothing
    case version
    case run(Request)
    /// The request says where the run is, and what is to be done with its results.
    case attach(name: String, Request)
    case list(Place, inAllNamespaces: Bool, asJSON: Bool)
    case delete(names: [String], Place)
    case complete(Completion)

    static let own =
        [
            Flag("image"), Flag("host", takesValue: false), Flag("stdin", "i", takesValue: false),
            Flag("filename", "f"), Flag("container", "c"), Flag("selector", "l"), Flag("nodes"), Flag("exclude"),
            Flag("timeout", "t"), Flag("parallel"), Flag("max-failures"),
            Flag("fail-fast", takesValue: false), Flag("output-dir"), Flag("retry"), Flag("max-result"),
            Flag("name"), Flag("agent-image"), Flag("arch"),
            Flag("detach", takesValue: false), Flag("keep-for"),
            Flag("keep", takesValue: false), Flag("wait", takesValue: false), Flag("namespace", "n"),
            Flag("dry-run", takesValue: false, or: DryRun.allCases.map(\.rawValue)),
            Flag("help", "h", takesValue: false), Flag("version", takesValue: false),
        ] + PodFlags.flags + Presentation.flags

    /// kubectl's global options, which go to kubectl as they are.
    static let kubectls =
        [
            "as", "as-group", "as-uid", "as-user-extra", "cache-dir", "certificate-authority", "client-certificate",
            "client-key", "cluster", "context", "kubeconfig", "kuberc", "log-flush-frequency", "password", "profile",
            "profile-output", "request-timeout", "tls-server-name", "token", "user", "username", "vmodule",
        ].map { Flag($0) } + [Flag("server", "s"), Flag("v", "v")]
        + [
            "disable-compression", "insecure-skip-tls-verify", "match-server-version", "warnings-as-errors",
        ].map { Flag($0, takesValue: false) }

    static let flags = own + kubectls + Subcommand.own

    /// What a manifest says that --dry-run printed. Of --nodes it does not say which each are to have a pod.
    static let inManifest =
        ["image", "host", "filename", "selector", "max-result", "name", "agent-image", "arch"]
        + PodFlags.flags.map(\.name)

    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - environment: may name the agent's image.
    /// - Throws: `Refusal.usage` with what is wrong.
    init(
        _ arguments: [String], environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Refusal) {
        if arguments.first == "__complete" {
            self = .complete(Completion(line: Array(arguments.dropFirst())))
            return
        }
        guard !arguments.isEmpty else {
            self = .nothing
            return
        }
        try checkDashes(arguments)
        let words = try Words(arguments, Command.flags)
        if words.isSet("help") {
            self = .help(try Help.text(about: words.operands.filter { Subcommand(rawValue: $0) != nil }))
        } else if words.isSet("version") {
            self = .version
        } else if let subcommand = try Subcommand(of: words, everywhere: Command.kubectls) {
            self = try subcommand.command(words, Command.place(words), environment)
        } else {
            self = .run(try Command.request(words, environment))
        }
    }

    private static func place(_ words: Words) -> Place {
        let kubectlOptions = words.options.filter { option in kubectls.contains(option.flag) }
        return Place(
            namespace: words.value("namespace"),
            kubectlOptions: kubectlOptions.map { "--\($0.flag.name)=\($0.value)" })
    }

    static func request(_ words: Words, _ environment: [String: String]) throws(Refusal) -> Request {
        var request = Request()
        request.source = try source(words)
        request.readsInput = try readsInput(words)
        request.changes = try changes(words, environment)
        request.container = words.value("container")
        request.architecture = try architecture(words)
        request.outputDirectory = words.value("output-dir")
        try retry(words, &request)
        let excluded = request.changes.nodes.excluded
        request.again = { typedAgain(words, $0, excluding: excluded) }
        request.runsPrinted = typedForPrinted(words, request.changes.nodes)
        try pace(words, &request)
        request.waits = words.value("wait") != "false"
        if !request.waits, words.isSet("keep") { throw .usage("--keep deletes nothing: leave out --wait=false") }
        request.keep = words.isSet("keep")
        request.dryRun = dryRun(words)
        if request.dryRun == .client, request.changes.nodes.hasPatterns {
            throw .usage(
                "--dry-run asks no cluster which nodes a pattern means: name them, or say --dry-run=server")
        }
        request.shell = words.command.flatMap(shellThatReadsStandardInput)
        request.place = place(words)
        try Presentation.apply(words, to: &request)
        try Detachment.check(words)
        try Reboot.check(words)
        request.detach = words.isSet("detach")
        if let time = words.value("keep-for") { request.keepFor = try seconds(time, of: "keep-for") }
        if let timeout = words.value("timeout") { request.timeout = try seconds(timeout, of: "timeout") }
        guard words.command != nil || words.value("filename") != nil || !words.operands.isEmpty else {
            throw .usage("nothing to run: say -- COMMAND, -f FILE, or hosts for each node's /etc/hosts (see --help)")
        }
        return request
    }

    /// Who says no more than that it is one means that no cluster is asked.
    private static func dryRun(_ words: Words) -> DryRun? {
        words.isSet("dry-run") ? .client : words.value("dry-run").flatMap { DryRun(rawValue: $0) }
    }

    private static func source(_ words: Words) throws(Refusal) -> ManifestSource {
        if let command = words.command {
            guard words.value("filename") == nil else {
                throw .usage("a COMMAND has a manifest of its own: leave out -f/--filename")
            }
            let isOnHost = words.isSet("host")
            guard words.value("image") != nil || isOnHost else {
                throw .usage("a COMMAND needs an --image to run in, or --host")
            }
            guard words.value("image") == nil || !isOnHost else {
                throw .usage("--host runs COMMAND with the node's own programs: leave out --image, or --host")
            }
            guard !command.isEmpty else { throw .usage("-- needs a COMMAND") }
            if !words.isSet("stdin"), let shell = shellThatReadsStandardInput(command) {
                throw .usage(
                    """
                    \(shell) would read its commands from standard input, which is empty: use \(shell) -c 'COMMANDS', \
                    or -i < SCRIPT
                    """)
            }
            return .builtIn(isOnHost ? .hostCommand : .anyCommand)
        }
        guard !words.isSet("host") else {
            throw .usage("--host goes with a COMMAND: kubectl run-once --host -- COMMAND")
        }
        guard words.value("image") == nil else {
            throw .usage("--image goes with a COMMAND: kubectl run-once --image IMAGE -- COMMAND")
        }
        guard let file = words.value("filename") else { return .builtIn(.etcHosts) }
        guard words.values("filename").count == 1 else {
            throw .usage("-f/--filename is one file: a run has one DaemonSet")
        }
        for option in ["name", "agent-image", "max-result"] where words.value(option) != nil {
            throw .usage("--\(option) is for the manifests that are built in: with -f/--filename write it there")
        }
        return file == "-" ? .standardInput : .file(file)
    }

    private static func architecture(_ words: Words) throws(Refusal) -> String? {
        guard let architecture = words.value("arch") else { return nil }
        guard dryRun(words) != .client else {
            throw .usage("--dry-run prints the same manifest for all architectures: leave out --arch")
        }
        let carried = EmbeddedAgents.architectures
        guard !carried.isEmpty else {
            throw .usage("--arch: this program was built without agents: --agent-image says which image has them")
        }
        guard carried.contains(architecture) else {
            throw .usage(
                """
                --arch is \(carried.joined(separator: " or ")), not '\(architecture)': for other nodes name an image \
                that has the agent with --agent-image
                """)
        }
        return architecture
    }

    private static func readsInput(_ words: Words) throws(Refusal) -> Bool {
        guard words.isSet("stdin") else { return false }
        guard words.command != nil else {
            throw .usage("-i/--stdin goes with a COMMAND: kubectl run-once -i --image IMAGE -- COMMAND < FILE")
        }
        // Both would read it, and the command would get nothing.
        let stdin = ["@/dev/stdin", "@/dev/fd/0", "@/proc/self/fd/0"]
        for option in ["nodes", "exclude"] where words.pieces(option).contains(where: stdin.contains) {
            throw .usage("-i/--stdin passes standard input to COMMAND, and --\(option) would read it: name a file")
        }
        guard dryRun(words) == nil else {
            throw .usage("--dry-run can't show what -i/--stdin makes, a Secret and what reads it: leave one out")
        }
        return true
    }

    private static func changes(_ words: Words, _ environment: [String: String]) throws(Refusal) -> Changes {
        var changes = Changes()
        (changes.command, changes.image) = (words.command, words.value("image"))
        if words.value("filename") == nil {
            let name = words.value("name") ?? "run-once-\(RunIdentity.random(5))"
            // There must be room for what Kubernetes adds to the names of its pods.
            guard isLabel(name, atMost: 50) else {
                throw .usage("--name: small letters, digits and - only, 50 at most, and no - first or last: '\(name)'")
            }
            changes.name = name
            changes.mostBytes = Sealing.mostBytes
            if let most = words.value("max-result") { changes.mostBytes = try bytes(most, of: "max-result") }
            if let image = words.value("agent-image") ?? environment["RUN_ONCE_AGENT_IMAGE"], !image.isEmpty {
                changes.agentImage = Changes.agentImage(image, version: programVersion.description)
            } else {
                changes.carriesAgent = !EmbeddedAgents.architectures.isEmpty
            }
        }
        if let selector = words.value("selector") { changes.nodes.labels = try LabelSelector(selector) }
        changes.nodes.nodes = try nodeNames(words, "nodes")
        changes.nodes.excluded = try nodeNames(words, "exclude")
        changes.podOptions = try PodFlags.options(words)
        return changes
    }
}
