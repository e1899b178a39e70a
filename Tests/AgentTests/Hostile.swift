import Foundation
import Seal
import TestSupport
import Testing

/// A task may do anything to what the agent needs: never is there a false seal, a second run, or no end.
@Suite("A result where the log or the state directory fails") struct Hostile {
    @Test(
        "What random tasks write is kept, told and sealed byte for byte, also by an agent that is started again",
        .enabled("needs python3") { await succeeds("python3", "--version") })
    func randomOutputs() async throws {
        let count = ProcessInfo.processInfo.environment["RUN_ONCE_CASES"] ?? "15"
        let wrapper = runOnce.wrapper.flatMap { ["--wrapper", $0] }
        let folder = URL(filePath: runOnce.path).deletingLastPathComponent().path
        let outcome = try await run([repositoryRoot + "/Benchmarks/outputs", "--count", count] + wrapper + [folder])
        #expect(outcome.ending == .status(0), "\(outcome.text)")
    }

    @Test("A log whose reader goes away costs nothing but the log", arguments: Agent.all)
    func noReader(agent: Agent) async throws {
        try await withPod { pod in
            let content = binary(300_000)
            let command = pod.copy(try pod.file(content), by: agent, "--seal", uid)
            try await withProcess(shell("\"$@\" | head -c 9", command)) { process in
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.stdout.elementsEqual(content.prefix(9)))
                let result = try await run(pod.ask(agent, "--result")).stdout
                #expect(result.elementsEqual(told(content, status: 0)))
                try await stopAll(of: process)
            }
        }
    }

    @Test(
        "There is room for the seal, also on a disk that the task has filled",
        .enabled("needs root with the right to mount") { await canMount() })
    func filledDisk() async throws {
        try await withPod { pod in
            let task = "cat /dev/zero >\"$1\"/mine 2>/dev/null; echo result"
            let command = runOnce.command(["--state-dir", pod.state, "--seal", uid] + shell(task, [pod.state]))
            let script = "mount -t tmpfs -o size=64k none \"$0\"; exec \"$@\""
            try await withProcess(["unshare", "--mount", "sh", "-c", script, pod.state] + command) { process in
                try await eventually("the seal comes") { lastSeal(in: process.stdout) != nil }
                let record = try seal(of: process.stdout)
                #expect((record.kept, record.written, record.exitStatus) == (0, 7, 0))
                #expect(record.digest == digest(Data()))
                #expect(process.text.hasPrefix("result\n"))
                try await process.isWaiting()
            }
        }
    }

    @Test("Where the state directory is removed, the task goes on, there is no seal, and no second run")
    func removedDirectory() async throws {
        try await withPod { pod in
            let task = "echo ran >>\"$2\"; rm -r \"$1\"; echo on >>\"$2\""
            let runs = pod.directory + "/runs"
            let command = runOnce.command(["--state-dir", pod.state, "--seal", uid] + shell(task, [pod.state, runs]))
            for _ in 1...2 {
                let outcome = try await run(command)
                #expect(outcome.ending == .status(1))
                let words = "run-once: \(pod.state): No such file or directory\n"
                #expect((outcome.text + outcome.stderr).hasSuffix(words))
                #expect(!outcome.text.contains("# run-once"))
            }
            #expect(try String(contentsOfFile: runs, encoding: .utf8) == "ran\non\n")
        }
    }

    @Test(
        "Where the state directory has become read-only, success is not told before it can be recorded",
        .enabled("needs root, and setpriv") { await succeeds("setpriv", "--reuid", "65534", "true") })
    func readOnlyDirectory() async throws {
        try await withPod { pod in
            let user = ["setpriv", "--reuid", "65534", "--clear-groups"]
            for path in [pod.directory, pod.state] { chown(path, 65534, 65534) }
            let task = "echo result; chmod 555 \"$1\""
            let command = user + runOnce.command(["--state-dir", pod.state, "--seal", uid] + shell(task, [pod.state]))
            let words = "run-once: \(pod.state): Permission denied\n"
            for start in 1...2 {
                let outcome = try await run(command)
                #expect(outcome.ending == .status(1))
                #expect(outcome.text + outcome.stderr == (start == 1 ? "result\n" : "") + words)
                #expect(!pod.isReady)
            }
            chmod(pod.state, 0o755)
            let outcome = try await pod.runToTheEnd(command)
            #expect(
                outcome
                    == Outcome(
                        ending: .status(0), stdout: told(Data("result\n".utf8), status: 0), stderr: ""))
        }
    }

    /// Ends the agent that a shell has started, and waits for both.
    private func stopAll(of process: Running) async throws {
        children(of: process.pid).forEach { kill($0, SIGTERM) }
        _ = try await process.end()
    }
}
