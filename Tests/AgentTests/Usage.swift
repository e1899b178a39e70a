import Foundation
import TestSupport
import Testing
import Version

@Suite("The command line") struct Usage {
    @Test("--help names every option, on standard output")
    func help() async throws {
        let outcome = try await run(catEtcHosts.command("--help"))
        #expect(outcome.ending == .status(0))
        #expect(outcome.text.hasPrefix("Usage: cat-etc-hosts [--state-dir DIR] [--seal UID] [FILE]\n"))
        for word in [
            "--state-dir", "--seal", "--max-result", "--ready", "--wait", "--result", "--from",
            "--help", "--version", "/node/etc/hosts", "/run/run-once",
            "one directory for each container",
        ] {
            #expect(outcome.text.contains(word))
        }
        #expect(outcome.text.split(separator: "\n").allSatisfy { $0.count <= 100 })
        #expect(outcome.text.hasSuffix("\n"))
        #expect(outcome.stderr == "")
    }

    @Test("--version prints the name and the package's version, a semantic one")
    func version() async throws {
        let outcome = try await run(catEtcHosts.command("--version"))
        #expect(outcome.ending == .status(0))
        #expect(outcome.text == "cat-etc-hosts \(programVersion)\n")
        #expect("\(programVersion)".wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+/) != nil)
        #expect(outcome.stderr == "")
    }

    @Test(
        "A command line that makes no sense is 2, in one line, and starts nothing",
        arguments: [
            (["--bogus"], "--bogus: unknown option (see --help)"),
            (["--host"], "--host: unknown option (see --help)"),
            (["hosts", "more"], "more: one argument too many"),
            (["hosts", "--ready"], "--ready: one argument too many"),
            (["--install", "dir"], "--install: unknown option (see --help)"),
        ])
    func wrongUsage(arguments: [String], line: String) async throws {
        try await withPod { pod in
            _ = try pod.file()
            let command = catEtcHosts.command(["--state-dir", pod.state] + arguments)
            #expect(
                try await run(command, directory: pod.directory)
                    == Outcome(
                        ending: .status(2), stdout: Data(), stderr: "cat-etc-hosts: \(line)\n"))
            #expect(try names(in: pod.state) == [])
        }
    }

    @Test("Help and version start nothing", arguments: ["--help", "--version"])
    func noStart(option: String) async throws {
        try await withPod { pod in
            let outcome = try await run(pod.agent(option))
            #expect(outcome.ending == .status(0))
            #expect(try names(in: pod.state) == [])
        }
    }

    @Test(
        "Help and version that can't be printed are a failure", arguments: ["--help", "--version"],
        [
            (">/dev/full", "No space left on device"), (">&-", "Bad file descriptor"),
        ])
    func unprintable(option: String, output: (redirection: String, reason: String)) async throws {
        #expect(
            try await run(shell("exec \"$@\" \(output.redirection)", catEtcHosts.command(option)))
                == Outcome(
                    ending: .status(1), stdout: Data(), stderr: "cat-etc-hosts: standard output: \(output.reason)\n"))
    }
}
