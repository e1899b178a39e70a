import FoundationEssentials
import System

/// kubectl, with the user's own global options: it reads kubeconfigs and YAML, and authenticates.
public struct Kubectl: Sendable {
    /// kubectl's global options as the user gave them, such as `--context=test`.
    let options: [String]
    /// What of them is on its command line.
    var arguments: [String]
    /// What differs in its environment.
    var variables: [String: String] = [:]

    public init(options: [String] = []) {
        self.options = options
        arguments = options
    }

    /// On one processor, and collecting garbage less often, a short kubectl takes a fifth less CPU time.
    static let environment: [String: String] = {
        let own = ProcessInfo.processInfo.environment
        return ["GOGC": own["GOGC"] ?? "400", "GOMAXPROCS": own["GOMAXPROCS"] ?? "1"]
    }()

    /// Those of its options that hold no secret.
    var openOptions: [String] {
        options.filter { option in !Kubectl.secrets.contains { option.hasPrefix("--\($0)=") } }
    }

    /// Runs it on this machine alone: no cluster is asked.
    ///
    /// - Throws: `Refusal.cluster` where there is no kubectl.
    private func runLocally(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]
    ) async throws(Refusal) -> CommandResult {
        do throws(SystemError) {
            return try await run(
                ["kubectl"] + arguments, input: input, environment: Kubectl.environment.merging(environment) { $1 })
        } catch {
            guard error.operation == "start" else { throw .cluster(error.description) }
            throw .cluster("kubectl is needed (1.20 or later), and can't be started: \(error)")
        }
    }

    /// Has it read a manifest and write it in another form.
    ///
    /// - Parameters:
    ///   - manifest: as a file would hold it.
    ///   - output: the form, such as `yaml`.
    func convert(_ manifest: [UInt8], output: String) async throws(Refusal) -> CommandResult {
        // Which cluster it is does not matter: a kubeconfig that is wrong would be taken for a wrong manifest.
        try await runLocally(
            ["patch", "--local", "--filename=-", "--type=merge", "--patch={}", "--output=\(output)"],
            input: manifest, environment: ["KUBECONFIG": "/dev/null"])
    }

    /// Reads its configuration.
    ///
    /// - Throws: `Refusal.cluster` with what is wrong with it.
    func configuration() async throws(Refusal) -> Kubeconfig {
        let result = try await runLocally(["config", "view", "--output=json"] + openOptions)
        guard result.status == 0, let config = try? JSONDecoder().decode(JSON.self, from: Data(result.output)) else {
            throw .cluster("kubectl can't read its configuration: \(Kubectl.said(result.errorText))")
        }
        return Kubeconfig(config, options: options)
    }

    /// What kubectl said, as one line without its own prefix and its log.
    static func said(_ errors: String) -> String {
        var lines: [Substring] = []
        for line in errors.split(separator: "\n") where !isLog(line) && !line.hasPrefix("See 'kubectl ") {
            let text = line.lowercased().hasPrefix("error: ") ? line.dropFirst(7) : line
            // Some errors are told twice.
            if lines.last != text { lines.append(text) }
        }
        return lines.joined(separator: " ")
    }

    /// A line of klog, such as `E1125 10:15:02.123456 …`, or of Go's own log, such as `2026/11/25 10:15:02 …`.
    static func isLog(_ line: Substring) -> Bool {
        line.prefixMatch(of: /[EFWI][0-9]{4} |[0-9]+\/[0-9]+\/[0-9]+ [0-9]+:[0-9]+:[0-9]+( |$)/) != nil
    }
}
