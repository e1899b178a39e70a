import Foundation
import TestSupport
import Testing

/// The script under test.
let script = repositoryRoot + "/run-once-daemonset.sh"

/// A shell that the script is written for.
enum Shell: String, CaseIterable, CustomTestStringConvertible {
    case dash, bash, busybox

    static let installed = allCases.filter { path(of: $0.rawValue) != nil }

    /// One of them, where they do not differ.
    static let any = installed[0]

    var testDescription: String { self == .busybox ? "busybox sh" : rawValue }

    /// The command that has this shell run a script.
    func command(_ script: String, _ arguments: [String]) -> [String] {
        [path(of: rawValue) ?? rawValue] + (self == .busybox ? ["sh"] : []) + [script] + arguments
    }
}

/// Where a program is, nil where it is not on PATH.
func path(of program: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
}

@Suite("The script's text") struct Text {
    @Test("It can be read by every shell", arguments: Shell.installed)
    func readable(shell: Shell) async throws {
        let outcome = try await run(shell.command("-n", [script]))
        #expect(outcome == Outcome(ending: .status(0), stdout: Data(), stderr: ""))
    }

    @Test("shellcheck finds nothing", .enabled(if: path(of: "shellcheck") != nil, "shellcheck is not installed"))
    func shellcheck() async throws {
        let outcome = try await run(["shellcheck", script])
        #expect(outcome == Outcome(ending: .status(0), stdout: Data(), stderr: ""))
    }

    @Test("It is short enough to be read: 150 lines of 120 columns")
    func length() throws {
        let lines = try String(contentsOfFile: script, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count - 1 <= 150)
        #expect(lines.filter { $0.count > 120 } == [])
    }
}
