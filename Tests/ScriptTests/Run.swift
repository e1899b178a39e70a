import Foundation
import Glibc
import TestSupport
import Testing

/// How a test runs the script: with the real kubectl, against an API server of the test. What the real one told of a
/// manifest is kept, see `KubectlAnswers`.
extension FakeAPI {
    /// What the script gets in its environment.
    ///
    /// - Parameter hurried: its clock is ten times as fast, for what takes it long, and its kubectl waits one second.
    func environment(_ kubectl: Kubectl = .current, hurried: Bool = false) throws -> [String: String] {
        try makeFolders()
        let answers = kubectl == .current ? KubectlAnswers.all : nil
        let rest = [answers?.folder, kubectl.path].compactMap { $0 }.joined(separator: ":")
        if hurried {
            try writeProgram("date", "#!/bin/sh\nPATH=/usr/bin:/bin\necho $(($(date +%s%N) / 100000000))\n")
            try writeProgram(
                "kubectl",
                """
                #!/bin/sh
                for word; do
                  shift
                  case $word in --timeout=*) word=--timeout=1s ;; esac
                  set -- "$@" "$word"
                done
                PATH='/none:\(rest)' exec kubectl "$@"

                """)
        }
        return environment.merging(answers?.environment(self) ?? [:]) { $1 }.merging(
            ["PATH": programs + ":" + rest, "TMPDIR": temporary]) { $1 }
    }

    /// Runs the script to its end, and expects that it leaves no file and no process.
    func script(
        _ arguments: String..., shell: Shell = .any, kubectl: Kubectl = .current, hurried: Bool = false,
        input: String = "",
        script: String = ScriptTests.script, environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await run(
            shell.command(script, arguments),
            environment: self.environment(kubectl, hurried: hurried).merging(environment) { $1 },
            input: Data(input.utf8),
            directory: directory, sourceLocation: sourceLocation)
        try await expectNothingLeft(sourceLocation: sourceLocation)
        return outcome
    }

    /// Runs the script while `body` runs, and expects that it leaves no file and no process where it ends.
    func withScript<Result>(
        _ arguments: String..., shell: Shell = .any, hurried: Bool = false, output: OutputPipe? = nil,
        errors: OutputPipe? = nil,
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
}

extension Outcome {
    /// What the script said itself, without its name before each line.
    var said: [String] {
        stderr.split(separator: "\n").filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}

private let prefix = "run-once-daemonset: "
