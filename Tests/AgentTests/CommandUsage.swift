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
            [], ["--"], ["--stdin"], ["--host"], ["--host-process", "1"], ["--host-process"],
            ["--host-process", "1x", "true"], ["--host-process=", "true"], ["--ready", "--host"],
            ["--install", "--host", "a"], ["--ready", "--stdin", "a"],
        ])
    func wrong(arguments: [String]) async throws {
        let outcome = try await run(runOnce.command(arguments))
        #expect(outcome.ending == .status(2))
        #expect(outcome.text == "")
        #expect(outcome.stderr.wholeMatch(of: /run-once: .+\n/) != nil)
    }
}
