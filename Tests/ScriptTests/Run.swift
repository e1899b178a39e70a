import Foundation
import Glibc
import TestSupport
import Testing

/// How a test runs the script: with the real kubectl, against an API server of the test.
extension FakeAPI {
    /// What the script gets in its environment.
    ///
    /// - Parameter hurried: its clock is ten times as fast, for what takes it long.
    func environment(_ kubectl: Kubectl = .current, hurried: Bool = false) throws -> [String: String] {
        let bin = directory + "/bin"
        for folder in [bin, temporary] where !exists(folder) {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        }
        if hurried {
            try writeProgram("date", "#!/bin/sh\nPATH=/usr/bin:/bin\necho $(($(date +%s%N) / 100000000))\n")
        }
        return environment.merging(["PATH": bin + ":" + kubectl.path, "TMPDIR": temporary]) { $1 }
    }

    /// The folder for temporary files.
    var temporary: String { directory + "/tmp" }

    /// Puts a program on the script's PATH, before all others.
    func writeProgram(_ name: String, _ text: String) throws {
        let folder = directory + "/bin"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        guard chmod("\(folder)/\(name)", 0o755) == 0 else { throw SystemError("chmod") }
    }

    /// Runs the script to its end, and expects that it leaves no file and no process.
    func script(
        _ arguments: String..., shell: Shell = .any, kubectl: Kubectl = .current, hurried: Bool = false, input: String = "",
        script: String = ScriptTests.script, environment: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await run(
            shell.command(script, arguments),
            environment: self.environment(kubectl, hurried: hurried).merging(environment) { $1 }, input: Data(input.utf8),
            directory: directory, timeout: .seconds(60), sourceLocation: sourceLocation)
        try await expectNothingLeft(sourceLocation: sourceLocation)
        return outcome
    }

    /// Runs the script while `body` runs, and expects that it leaves no file and no process where it ends.
    func withScript<Result>(
        _ arguments: String..., shell: Shell = .any, hurried: Bool = false, output: OutputPipe? = nil, errors: OutputPipe? = nil,
        sourceLocation: SourceLocation = #_sourceLocation, _ body: (Running) async throws -> Result
    ) async throws -> Result {
        try await withProcess(
            shell.command(ScriptTests.script, arguments), environment: environment(hurried: hurried), output: output,
            errors: errors, directory: directory
        ) { process in
            let result = try await body(process)
            if !process.isRunning { try await expectNothingLeft(sourceLocation: sourceLocation) }
            return result
        }
    }

    private func expectNothingLeft(sourceLocation: SourceLocation) async throws {
        #expect(try TestSupport.names(in: temporary) == [], sourceLocation: sourceLocation)
        try await eventually("no process is left", sourceLocation: sourceLocation) {
            try processes(mentioning: "TMPDIR=" + temporary).isEmpty
        }
    }

    /// Expects that nothing of this kind is left on the cluster.
    func expectDeleted(namespace: String = "default", sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for kind in ["daemonsets", "pods"] {
            #expect(try await names(of: kind, namespace: namespace) == [], sourceLocation: sourceLocation)
        }
    }

    /// Writes a file, such as a manifest.
    ///
    /// - Returns: its path.
    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
        return "\(directory)/\(name)"
    }

    /// Writes the manifest of a DaemonSet with these containers.
    func manifest(_ containers: String..., metadata: String = "name: task", annotations: String = "{}") throws -> String {
        try write("""
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {\(metadata)}
            spec:
              selector: {matchLabels: {task: task}}
              template:
                metadata: {labels: {task: task}, annotations: \(annotations)}
                spec:
                  tolerations: [{operator: Exists}]
                  containers: [\(containers.joined(separator: ", "))]
            """, to: "task.yaml")
    }
}

/// A container of a manifest that tells when it is done.
let probed = "{name: task, image: busybox, readinessProbe: {exec: {command: [test, -e, /done]}}}"

extension Outcome {
    /// Expects this exit status, and shows what the script said where it is another.
    func expectStatus(_ status: Int32, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(ending == .status(status), "\(stderr)", sourceLocation: sourceLocation)
    }

    /// What the script said itself, without its name before each line.
    var said: [String] {
        stderr.split(separator: "\n").filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}

private let prefix = "run-once-daemonset: "

extension Running {
    /// Waits until this was written to standard error.
    func says(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("stderr has \"\(text)\"", sourceLocation: sourceLocation) {
            if !isRunning { try #require(stderr.contains(text), "ended: \(stderr)", sourceLocation: sourceLocation) }
            return stderr.contains(text)
        }
    }

    /// Waits for the end.
    func outcome(
        within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let ending = try await end(within: limit, sourceLocation: sourceLocation)
        return Outcome(ending: ending, stdout: stdout, stderr: stderr)
    }
}
