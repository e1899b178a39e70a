import Foundation
import Glibc
import TestSupport
import Testing

/// All tests of `kubectl run-once`: the program with a real curl, against an API server of the test, and with a real
/// kubectl where it matters which one: see `KubectlAnswers`.
@Suite("kubectl run-once", .enabled(if: !Kubectl.installed.isEmpty, "kubectl is not installed")) struct PluginTests {}

/// `RUN_ONCE_PLUGIN` names the executable, where it is not the package's own build.
let pluginPath = ProcessInfo.processInfo.environment["RUN_ONCE_PLUGIN"] ?? productsDirectory + "/kubectl-run_once"

/// Starts the plugin. Where a test names nothing to run, it is the job `hosts`, under a name that the test knows.
func commandLine(_ arguments: [String]) -> [String] {
    let isSaid = arguments.contains { word in
        ["--", "hosts", "list", "attach", "delete", "help", "-h"].contains(word)
            || ["-f", "--filename", "--help", "--version"].contains { word.hasPrefix($0) }
    }
    return [pluginPath] + (isSaid ? [] : ["hosts", "--name=cat-etc-hosts"]) + arguments
}

/// The limits that tests wait for, in seconds, much shorter than the product's; all others are the product's own.
private let shortLimits: [String: Double] = [
    "late": 1, "ask": 1, "hopeless": 1, "agentImage": 2, "rejection": 2, "unreachable": 2, "resultPause": 0.3,
    "unclear": 0.3, "firstLook": 2, "lastNews": 2, "abandoned": 3, "admission": 5,
    // No container of the test's kubelet is restarted behind its back.
    "secondLook": 0,
]

/// What asks the agent to seal a result, in the words of a built-in manifest.
let sealWords = ["--seal", "$(POD_UID)", "--max-result", "67108864"]

/// How a test runs the plugin.
extension FakeAPI {
    /// What the plugin gets in its environment.
    func environment(_ kubectl: Kubectl = .current) throws -> [String: String] {
        try makeFolders()
        let answers = kubectl == .current ? KubectlAnswers.all : nil
        let path = [programs, answers?.folder, kubectl.path].compactMap { $0 }.joined(separator: ":")
        return environment.merging(answers?.environment(self) ?? [:]) { $1 }.merging(
            [
                "PATH": path, "TMPDIR": temporary, "XDG_RUNTIME_DIR": "",
                "USUAL_SOCKET": answers.flatMap { _ in directSocket() } ?? "",
                "RUN_ONCE_LIMITS": String(decoding: try JSONEncoder().encode(shortLimits), as: UTF8.self),
            ]) { $1 }
    }

    /// Runs the plugin to its end, and expects that it leaves no file and no process.
    func plugin(
        _ arguments: [String], kubectl: Kubectl = .current, input: Data = Data(), environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await run(
            commandLine(arguments), environment: self.environment(kubectl).merging(environment) { $1 }, input: input,
            directory: directory, sourceLocation: sourceLocation)
        try await expectNothingLeft(sourceLocation: sourceLocation)
        return outcome
    }

    func plugin(
        _ arguments: String..., kubectl: Kubectl = .current, environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        try await plugin(arguments, kubectl: kubectl, environment: environment, sourceLocation: sourceLocation)
    }

    /// Runs the plugin while `body` runs, and expects that it leaves no file and no process where it ends.
    func withPlugin<Result>(
        _ arguments: String..., by command: [String] = [], environment: [String: String] = [:],
        output: OutputPipe? = nil,
        errors: OutputPipe? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (Running) async throws -> Result
    ) async throws -> Result {
        try await withProcess(
            command + commandLine(arguments), environment: self.environment().merging(environment) { $1 },
            output: output, errors: errors, directory: directory
        ) { process in
            let result = try await body(process)
            if !process.isRunning { try await expectNothingLeft(sourceLocation: sourceLocation) }
            return result
        }
    }

    /// The bodies of the requests that created something, as JSON.
    func created(_ resource: String) async throws -> [JSON] {
        let requests = try await requests("POST", "/\(resource)").filter { $0.query["dryRun"] == nil }
        return try requests.map { JSON(try JSONSerialization.jsonObject(with: Data($0.body.utf8))) }
    }

    /// The summary.json of a folder.
    func summary(_ folder: String) throws -> JSON {
        try JSON(JSONSerialization.jsonObject(with: Data(read(folder + "/summary.json").utf8)))
    }

    /// Waits until the plugin has made a request.
    func isAsked(
        _ method: String, _ pathEnd: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await eventually("\(method) …\(pathEnd) is asked for", sourceLocation: sourceLocation) {
            try await Task.sleep(for: .milliseconds(20))
            return try await requests(method, pathEnd).contains { $0.query["dryRun"] == nil }
        }
    }
}

/// A JSON value to look into.
struct JSON: CustomStringConvertible {
    let value: Any?

    init(_ value: Any?) { self.value = value }

    subscript(_ key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
    subscript(_ index: Int) -> JSON {
        let list = value as? [Any] ?? []
        return JSON(list.indices.contains(index) ? list[index] : nil)
    }
    var string: String? { value as? String }
    var strings: [String]? { value as? [String] }
    var number: Int? { value as? Int }
    var list: [JSON] { (value as? [Any] ?? []).map { JSON($0) } }
    var count: Int { (value as? [Any])?.count ?? 0 }
    var keys: [String] { ((value as? [String: Any])?.keys).map { $0.sorted() } ?? [] }
    var isThere: Bool { value != nil && !(value is NSNull) }
    var description: String { value.map { "\($0)" } ?? "nothing" }

    var pod: JSON { self["spec"]["template"]["spec"] }
    var labels: [String: String] { self["metadata"]["labels"].value as? [String: String] ?? [:] }
}

extension Outcome {
    /// The lines of standard error; a command to type, which has a line of its own, is with the line before it.
    /// The command that it says to type, as its last words.
    var lastCommand: String? {
        let start = stderr.range(of: "\n    kubectl ", options: .backwards)
        return start.map { "kubectl " + stderr[$0.upperBound...].dropLast() }
    }

    var lines: [String] {
        stderr.split(separator: "\n").reduce(into: []) { lines, line in
            if line.hasPrefix("    kubectl "), let last = lines.popLast() {
                lines.append("\(last)\n\(line)")
            } else {
                lines.append(String(line))
            }
        }
    }
}

/// The label that a run has of its own.
let runLabel = "run-once-daemonset/run"
