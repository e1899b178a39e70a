import System

/// What kubectl knows of a word that somebody is typing. Where it can't tell, it knows nothing: the line that is being
/// typed is not the place to say what is wrong.
extension Kubectl {
    /// What may stand there, each with a tab and a description where it has one; and what the shell is to do besides
    /// (ShellCompDirective, https://cobra.dev), nil where kubectl says nothing.
    public typealias Candidates = (words: [String], directive: Int?)

    /// How long a server may take: somebody waits before a key. The user's own, which comes later, counts more.
    private static let patience = "--request-timeout=2s"

    /// Its global options that begin so.
    public func options(beginning word: String) async -> Candidates {
        await complete(options + [word])
    }

    /// The values of one of its global options that begin so, such as the contexts that are there.
    public func values(of option: String, beginning value: String) async -> Candidates {
        await complete([Kubectl.patience] + options + ["--\(option)=\(value)"])
    }

    /// The names of the runs in the namespace that its options choose.
    public func runs() async -> [String] {
        let get = ["get", "daemonsets", "--selector=\(RunIdentity.allRuns)", "--output=name"]
        let objects = await lines(get + [Kubectl.patience] + options)
        return objects.compactMap { $0.split(separator: "/").last.map(String.init) }
    }

    /// The names of the nodes.
    public func nodes() async -> [String] {
        await lines(["get", "nodes", "--output=name", Kubectl.patience] + options).map { String($0.dropFirst(5)) }
    }

    /// The labels that nodes have, as `disk=ssd`, but for those that hold their names.
    public func nodeLabels() async -> [String] {
        let each = "{{range $key, $value := .metadata.labels}}{{$key}}={{$value}}{{\"\\n\"}}{{end}}"
        let get = ["get", "nodes", "--output=go-template={{range .items}}\(each){{end}}", Kubectl.patience]
        return Set(await lines(get + options)).filter { !$0.hasPrefix("kubernetes.io/hostname=") }.sorted()
    }

    private func complete(_ words: [String]) async -> Candidates {
        // The command `options` has no options of its own.
        let lines = await lines(["__complete", "options"] + words)
        // After the directive kubectl says in words which it is.
        guard let end = lines.lastIndex(where: { $0.hasPrefix(":") }) else { return ([], nil) }
        return (Array(lines[..<end]), Int(lines[end].dropFirst()))
    }

    private func lines(_ arguments: [String]) async -> [String] {
        let result = try? await run(["kubectl"] + arguments, environment: Kubectl.environment)
        guard let result, result.status == 0 else { return [] }
        return result.text.split(separator: "\n").map(String.init)
    }
}
