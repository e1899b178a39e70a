import FoundationEssentials

/// kubectl, with the user's own global options: it reads kubeconfigs and YAML, and authenticates.
public struct Kubectl: Sendable {
    /// kubectl's global options as the user gave them, such as `--context=test`.
    let options: [String]

    public init(options: [String] = []) {
        self.options = options
    }

    /// On one processor, and collecting garbage less often, a short kubectl takes a fifth less CPU time.
    static let environment: [String: String] = {
        let own = ProcessInfo.processInfo.environment
        return ["GOGC": own["GOGC"] ?? "400", "GOMAXPROCS": own["GOMAXPROCS"] ?? "1"]
    }()

    /// Runs it on this machine alone: no cluster is asked.
    ///
    /// - Throws: `Refusal.cluster` where there is no kubectl.
    func runLocally(_ arguments: [String], input: [UInt8] = []) async throws(Refusal) -> CommandResult {
        do throws(SystemError) {
            return try await run(["kubectl"] + arguments, input: input, environment: Kubectl.environment)
        } catch {
            throw Kubectl.missing(error)
        }
    }

    static func missing(_ error: SystemError) -> Refusal {
        guard error.operation == "start" else { return .cluster(error.description) }
        return .cluster("kubectl is needed (1.20 or later), and can't be started: \(error)")
    }

    /// What kubectl said, as one line without its own prefix and its log.
    static func said(_ errors: String) -> String {
        let lines = errors.split(separator: "\n").filter { !isLog($0) }
        let text = lines.joined(separator: " ")
        return text.hasPrefix("error: ") ? String(text.dropFirst(7)) : text
    }

    /// A line of klog, such as `E1125 10:15:02.123456 …`.
    static func isLog(_ line: Substring) -> Bool {
        guard let first = line.first, "EWI".contains(first) else { return false }
        return line.dropFirst().prefix(4).allSatisfy(\.isNumber) && line.dropFirst(5).first == " "
    }

    /// The namespace that the kubeconfig or a pod's service account names.
    func namespace() async throws(Refusal) -> String {
        let result = try await runLocally(
            ["config", "view", "--minify", "--output=jsonpath={..namespace}"] + options)
        let named = result.text.split(separator: " ").first.map(String.init)
        if result.status == 0, let named { return named }
        let file = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
        let own = try? String(contentsOfFile: file, encoding: .utf8)
        return own.map { $0.filter { !$0.isWhitespace } } ?? "default"
    }
}
