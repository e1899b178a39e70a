import Foundation
import TestSupport
import Testing
import Version

@Suite("The command line of run-once") struct CommandUsage {
    @Test("--help and --version answer on standard output")
    func help() async throws {
        let help = try await run(runOnce.command("--help"))
        #expect(help.ending == .status(0) && help.text.hasPrefix("Usage: run-once ") && help.stderr == "")
        #expect(help.text.contains("one directory for each container"))
        #expect(try await run(runOnce.command("--install", "--help")) == help)
        let version = try await run(runOnce.command("--version"))
        #expect(version.ending == .status(0) && version.text == "run-once \(programVersion)\n")
    }

    @Test(
        "Wrong usage is one line on standard error and exit 2, and no command is run",
        arguments: [
            [], ["--"], ["--bogus", "true"], ["--state-dir"], ["--ready", "true"], ["--install"],
            ["--install", "a", "b"],
            ["--install", "--bogus", "a"], ["--stdin"], ["--host"], ["--host-process", "1"], ["--host-process"],
            ["--host-process", "1x", "true"], ["--host-process=", "true"], ["--ready", "--host"],
            ["--install", "--host", "a"], ["--ready", "--stdin", "a"],
        ])
    func wrong(arguments: [String]) async throws {
        let outcome = try await run(runOnce.command(arguments))
        #expect(outcome.ending == .status(2))
        #expect(outcome.text == "")
        #expect(outcome.stderr.wholeMatch(of: /run-once: .+\n/) != nil)
    }

    @Test("The command's own options are left alone, and -- may come before a command")
    func options() async throws {
        try await withPod { pod in
            let command = runOnce.command(["--state-dir=" + pod.state, "echo", "--ready", "--help"])
            let outcome = try await pod.runToTheEnd(command)
            #expect(outcome.text == "--ready --help\n")
        }
        try await withPod { pod in
            let outcome = try await pod.runToTheEnd(pod.once("echo", "--", "x"))
            #expect(outcome.text == "-- x\n")
        }
    }

    @Test("Without a state directory the command is not run")
    func noState() async throws {
        let outcome = try await run(runOnce.command("--state-dir", "/no/such/directory", "echo", "never"))
        #expect(
            outcome
                == Outcome(
                    ending: .status(1), stdout: Data(),
                    stderr: "run-once: /no/such/directory: No such file or directory\n"))
    }

    @Test(
        "The static executable is at most 46,080 bytes, and keeps at most 60 kB of memory while it waits",
        .enabled(if: runOnce.isStatic, "not the static build"), .enabled(if: runOnce.isNative, "measures the wrapper"))
    func footprint() async throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: runOnce.path)
        #expect(try #require(attributes[.size] as? Int) <= 46_080)
        try await withPod { pod in
            try await withProcess(pod.once("true")) { process in
                try await process.isWaiting()
                #expect(try process.memory("VmRSS") <= 60 * 1024)
            }
        }
    }
}
