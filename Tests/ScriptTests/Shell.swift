import Foundation
import TestSupport
import Testing

/// The script under test.
let script = ProcessInfo.processInfo.environment["RUN_ONCE_SCRIPT"] ?? repositoryRoot + "/run-once-daemonset.sh"

/// The folder that holds it and its manifests.
let scriptFolder = URL(filePath: script).deletingLastPathComponent().path

/// A shell that the script is written for.
enum Shell: String, CaseIterable, CustomTestStringConvertible {
    case dash, bash, busybox

    static let installed = allCases.filter(\.isInstalled)

    var isInstalled: Bool { path(of: rawValue) != nil }

    var testDescription: String { self == .busybox ? "busybox sh" : rawValue }

    /// The command that has this shell run a script.
    func command(_ script: String, _ arguments: [String]) -> [String] {
        switch self {
        case .dash, .bash:
            [path(of: rawValue)!, script] + arguments
        case .busybox:
            // It may prefer its own applets to what is on PATH, but not to functions.
            [
                path(of: rawValue)!, "sh", "-c",
                #"sleep() { "$FAKE/bin/sleep" "$@"; }; date() { "$FAKE/bin/date" "$@"; }; . "$0""#, script,
            ] + arguments
        }
    }
}

/// Where a program is, nil where it is not on PATH.
func path(of program: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
}

@Suite("Shells") struct Shells {
    @Test("The script can be read by dash", .enabled(if: Shell.dash.isInstalled, "dash is not installed"))
    func dash() async throws {
        try await expectReadable(by: "dash")
    }

    @Test("The script can be read by bash", .enabled(if: Shell.bash.isInstalled, "bash is not installed"))
    func bash() async throws {
        try await expectReadable(by: "bash")
    }

    @Test("The script can be read by busybox sh", .enabled(if: Shell.busybox.isInstalled, "busybox is not installed"))
    func busybox() async throws {
        try await expectReadable(by: "busybox", "sh")
    }

    @Test(
        "shellcheck finds nothing in the script and in the fakes",
        .enabled(if: path(of: "shellcheck") != nil, "shellcheck is not installed"))
    func shellcheck() async throws {
        let paths = try [script] + names(in: fakes).map { "\(fakes)/\($0)" }
        let outcome = try await run(["shellcheck"] + paths)
        #expect(outcome.text == "")
        #expect(outcome.ending == .status(0))
    }

    private func expectReadable(by shell: String...) async throws {
        let outcome = try await run(shell + ["-n", script])
        #expect(outcome == Outcome(ending: .status(0), stdout: Data(), stderr: ""))
    }
}
