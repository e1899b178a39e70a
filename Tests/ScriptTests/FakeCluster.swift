import Foundation
import Glibc
import TestSupport
import Testing

/// The programs that stand in for others.
let fakes = repositoryRoot + "/Tests/ScriptTests/fake"

/// A cluster that is a folder of files, which fake/kubectl explains, and the programs that the script finds on PATH.
///
/// Its time stands still unless a test lets it pass, so nothing depends on how fast this machine is.
struct FakeCluster {
    let shell: Shell
    let directory: String

    /// What the script needs of a system.
    private static let tools = [
        "awk", "basename", "cat", "cut", "dirname", "grep", "head", "mkdir", "mktemp", "mv", "rm", "sed", "sha256sum",
        "sort", "tail", "tr", "uname", "wc", "xargs",
    ].map { (name: $0, path: path(of: $0)) }

    fileprivate init(_ shell: Shell, _ directory: String, curl: Bool) throws {
        self.shell = shell
        self.directory = directory
        for folder in ["bin", "logs", "tmp"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(folder)", withIntermediateDirectories: false)
        }
        for tool in Self.tools {
            try link(tool.name, to: #require(tool.path, "\(tool.name) is not on PATH"))
        }
        for name in ["kubectl", "date", "sleep"] + (curl ? ["curl"] : []) { try link(name, to: "\(fakes)/\(name)") }
        guard mknod("\(directory)/socket", S_IFSOCK | 0o600, 0) == 0 else { throw SystemError("mknod") }
        let files = [
            "objects": "apps/v1 DaemonSet task \n", "create": "default uid-1 task main", "clock": "1700000000\n",
            "calls": "", "pods": "", "pending": "",
            "daemonsets": "", "events": "", "nodes": "",
        ]
        for (name, text) in files { try write(name, text) }
    }

    // MARK: The machine

    /// The folder for temporary files.
    var temporary: String { directory + "/tmp" }

    /// Puts a program on PATH.
    func link(_ name: String, to path: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(directory)/bin/\(name)", withDestinationPath: path)
    }

    /// Takes a program from PATH.
    func unlink(_ name: String) throws {
        try remove("bin/\(name)")
    }

    var environment: [String: String] {
        [
            "PATH": directory + "/bin", "TMPDIR": temporary, "FAKE": directory,
            "FAKE_PATH": ProcessInfo.processInfo.environment["PATH"]!, "FAKE_PRODUCTS": productsDirectory,
        ]
    }

    /// Lets time pass, when the script knows all that was there when it started.
    func wait(seconds: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("the script watches", sourceLocation: sourceLocation) {
            ["pods", "daemonsets"].allSatisfy {
                exists("\(directory)/\($0).watched") || exists("\(directory)/\($0).error")
            }
        }
        try await goOn(sourceLocation: sourceLocation)
        try pass(seconds: seconds)
    }

    /// Lets time pass at once.
    func pass(seconds: Int) throws {
        let now = try Int(read("clock").dropLast())!
        try write("clock", "\(now + seconds)\n")
    }

    /// Waits until the script has looked at everything once more.
    func goOn(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let before = naps
        try await eventually("the script goes on", sourceLocation: sourceLocation) { naps >= before + 2 }
    }

    // MARK: The cluster

    /// Says how many nodes the DaemonSet is meant for, as its controller finds out.
    func want(_ nodes: Int, generation: Int = 1, observed: Int = 1) throws {
        try append("daemonsets", "\(generation)\u{1F}\(observed)\u{1F}\(nodes)\u{1F}.\n")
    }

    /// Changes pods.
    func add(_ pods: Pod...) throws {
        try append("pods", pods.map(\.line).joined())
    }

    /// Changes pods whose container has not started.
    func addPending(_ pods: Pod...) throws {
        try append("pending", pods.map(\.line).joined())
    }

    /// Has an event happen.
    func warn(_ object: String, uid: String = "", _ reason: String, _ message: String) throws {
        try append("events", [object, uid, reason, message, ".\n"].joined(separator: "\u{1F}"))
    }

    /// Has a pod write to its log.
    func log(_ text: String, of node: String) throws {
        try log(Data(text.utf8), of: node)
    }

    func log(_ bytes: Data, of node: String) throws {
        try bytes.write(to: URL(filePath: "\(directory)/logs/pod-of-\(node)"))
    }

    /// Has these nodes, and no others, be done with these results.
    func finish(_ results: KeyValuePairs<String, String>) throws {
        for (node, text) in results {
            try log(text, of: node)
            try add(.done(node))
        }
        try want(results.count)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
    }

    /// Writes a file in one step.
    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
    }

    /// Appends to a file that others may append to at the same time.
    func append(_ name: String, _ text: String) throws {
        let file = open("\(directory)/\(name)", O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(file) }
        let count = Glibc.write(file, text, text.utf8.count)
        guard count == text.utf8.count else { throw SystemError("write") }
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
    }

    // MARK: The script

    /// The command that runs the script.
    func command(_ arguments: [String], script: String = script) -> [String] {
        shell.command(script, arguments)
    }

    /// Runs the script to its end, and expects that it leaves no file.
    func run(
        _ arguments: String..., script: String = script, input: String = "", environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await TestSupport.run(
            command(arguments, script: script), environment: self.environment.merging(environment) { $1 },
            input: Data(input.utf8), directory: directory, sourceLocation: sourceLocation)
        try await expectNothingLeft(sourceLocation: sourceLocation)
        return outcome
    }

    /// Starts the script, and expects that it leaves no file.
    func start<Result>(
        _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (Running) async throws -> Result
    ) async throws -> Result {
        try await start(arguments, sourceLocation: sourceLocation, body)
    }

    func start<Result>(
        _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (Running) async throws -> Result
    ) async throws -> Result {
        try await withProcess(command(arguments), environment: environment, directory: directory) { process in
            let result = try await body(process)
            if !process.isRunning { try await expectNothingLeft(sourceLocation: sourceLocation) }
            return result
        }
    }

    /// Expects that the script, when it has ended, has left no process and no file.
    private func expectNothingLeft(sourceLocation: SourceLocation) async throws {
        #expect(try names(in: temporary) == [], sourceLocation: sourceLocation)
        // A sleep that was cut short may still have a moment to live.
        try await eventually("no process is left", sourceLocation: sourceLocation) {
            if try processes(mentioning: directory).isEmpty { return true }
            try await Task.sleep(for: .milliseconds(25))
            return false
        }
    }

    /// What kubectl was called with, call by call.
    var calls: [[String]] {
        get throws {
            try read("calls").split(separator: "\n")
                .map { $0.split(separator: "\u{1E}", omittingEmptySubsequences: false).dropLast().map(String.init) }
        }
    }

    /// The calls that have all these arguments.
    func calls(_ arguments: String...) throws -> [[String]] {
        try calls.filter { call in arguments.allSatisfy(call.contains) }
    }

    /// How often the script has waited for a second.
    private var naps: Int { (try? read("naps").count) ?? 0 }
}

/// Runs `body` with a cluster of its own.
func withCluster<Result>(
    _ shell: Shell, curl: Bool = false, _ body: (FakeCluster) async throws -> Result
) async throws -> Result {
    try await turns.take {
        try await withTemporaryDirectory { directory in
            // What a test that failed left behind, in process groups of their own too.
            defer { for process in (try? processes(mentioning: directory)) ?? [] { kill(process, SIGKILL) } }
            return try await body(FakeCluster(shell, directory, curl: curl))
        }
    }
}

private let turns = Turns(2 * ProcessInfo.processInfo.activeProcessorCount)

/// A pod as a watch shows it, in the script's own format.
struct Pod {
    let node: String
    var name: String
    var isScheduled = true
    var isDeleted = false
    var isReady = false
    var restarts = 0
    /// The reason and the message of the pod itself, which a kubelet rejected or evicted.
    var rejected = ["", ""]
    /// What keeps it from being scheduled, its init container and its container from starting, in JSON.
    var waits = ["", "", ""]
    /// How its init container and its container ended, first those before the last restart, in JSON.
    var ended = ["", "", "", ""]

    private init(_ node: String) {
        self.node = node
        name = "pod-of-\(node)"
    }

    /// A pod whose task is under way.
    static func running(_ node: String) -> Pod {
        Pod(node)
    }

    /// A pod whose task is done.
    static func done(_ node: String) -> Pod {
        Pod(node).with { $0.isReady = true }
    }

    /// A pod whose container can't start.
    static func waiting(_ node: String, _ reason: String, _ message: String) -> Pod {
        Pod(node).with { $0.waits[2] = #"{"message":"\#(message)","reason":"\#(reason)"}"# }
    }

    /// A pod that is not scheduled.
    static func unscheduled(_ node: String, _ reason: String, _ message: String) -> Pod {
        Pod(node).with {
            $0.isScheduled = false
            $0.waits[0] = #"{"lastProbeTime":null,"message":"\#(message)","reason":"\#(reason)","status":"False"}"#
        }
    }

    /// A pod whose task failed, and whose container was restarted.
    static func failed(_ node: String, _ code: Int, _ message: String, reason: String = "Error") -> Pod {
        Pod(node).with {
            $0.restarts = 1
            $0.ended[2] = end(code, message, reason: reason)
        }
    }

    /// How a container ended, in JSON.
    static func end(_ code: Int, _ message: String, reason: String = "Error") -> String {
        let message = message.isEmpty ? "" : #","message":"\#(message)""#
        return #"{"exitCode":\#(code)\#(message),"reason":"\#(reason)"}"#
    }

    func with(_ change: (inout Pod) -> Void) -> Pod {
        var pod = self
        change(&pod)
        return pod
    }

    /// The same pod, being deleted.
    var deleted: Pod { with { $0.isDeleted = true } }

    var line: String {
        let fields = ["pod", name, isScheduled ? node : "", node, isDeleted ? "2026-01-01T00:00:00Z" : "",
            isReady ? "True" : "False", String(restarts)]
        return (fields + rejected + waits + ended + [".\n"]).joined(separator: "\u{1F}")
    }
}

/// The lines that a process wrote.
func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init)
}

extension Running {
    /// Waits until this was written to standard error.
    func says(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("stderr has \"\(text)\"", sourceLocation: sourceLocation) {
            if !isRunning { try #require(stderr.contains(text), "ended: \(stderr)", sourceLocation: sourceLocation) }
            return stderr.contains(text)
        }
    }
}
