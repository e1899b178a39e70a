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
            throw Kubectl.missing(error)
        }
    }

    /// Has it read a manifest and write it in another form.
    ///
    /// - Parameters:
    ///   - path: of the manifest, `-` for `input`.
    ///   - output: the form, such as `yaml`.
    func convert(_ path: String, input: [UInt8] = [], output: String) async throws(Refusal) -> CommandResult {
        // Which cluster it is does not matter: a kubeconfig that is wrong would be taken for a wrong manifest.
        try await runLocally(
            ["patch", "--local", "--filename=\(path)", "--type=merge", "--patch={}", "--output=\(output)"],
            input: input, environment: ["KUBECONFIG": "/dev/null"])
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

    static func missing(_ error: SystemError) -> Refusal {
        guard error.operation == "start" else { return .cluster(error.description) }
        return .cluster("kubectl is needed (1.20 or later), and can't be started: \(error)")
    }

    /// What kubectl said, as one line without its own prefix and its log.
    static func said(_ errors: String) -> String {
        var lines: [Substring] = []
        for line in errors.split(separator: "\n") where !isLog(line) && !isHint(line) {
            let text = line.lowercased().hasPrefix("error: ") ? line.dropFirst(7) : line
            // Some errors are told twice.
            if lines.last != text { lines.append(text) }
        }
        return lines.joined(separator: " ")
    }

    /// Whether a text is so many numbers with a character between.
    private static func isNumber(_ text: Substring, _ count: Int, _ separator: Character) -> Bool {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        return parts.count == count && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
    }

    private static func isHint(_ line: Substring) -> Bool { line.hasPrefix("See 'kubectl ") }

    /// A line of klog, such as `E1125 10:15:02.123456 …`, or of Go's own log, such as `2026/11/25 10:15:02 …`.
    static func isLog(_ line: Substring) -> Bool {
        let words = line.split(separator: " ", maxSplits: 2)
        if words.count > 1, Kubectl.isNumber(words[0], 3, "/"), Kubectl.isNumber(words[1], 3, ":") { return true }
        guard let first = line.first, "EFWI".contains(first) else { return false }
        let date = line.dropFirst().prefix(4)
        return date.count == 4 && date.allSatisfy(\.isNumber) && line.dropFirst(5).first == " "
    }
}
