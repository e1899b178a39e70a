import Foundation
import Seal
import TestSupport
import Testing

let uid = "2e7cd5d1-6d2d-4d5a-93a7-8a1cbbe56f3b"

/// Who collects results calls one whole where the seal says so: a false seal is the worst that can happen.
@Suite("Sealed results") struct Sealing {
    @Test(
        "The log is the result, and its seal by itself in the last line; so is what --result writes",
        arguments: Agent.all, contents)
    func whole(agent: Agent, content: Data) async throws {
        try await withPod { pod in
            let file = try pod.file(content)
            try await withProcess(pod.copy(file, by: agent, "--seal", uid)) { process in
                try await eventually("the pod is ready") { pod.isReady }
                let log = process.stdout
                #expect(log.isSame(as: told(content, status: 0)))
                #expect(process.stderr == "")
                let result = try await run(pod.ask(agent, "--result"))
                #expect(result.ending == .status(0))
                #expect(result.stdout.isSame(as: log))
                let rest = try await run(pod.ask(agent, "--result", "--from", "\(content.count / 2)"))
                #expect(rest.stdout.isSame(as: log.dropFirst(content.count / 2)))
            }
        }
    }

    @Test("A container that is restarted writes the result and the seal again, and runs nothing", arguments: Agent.all)
    func restart(agent: Agent) async throws {
        try await withPod { pod in
            let command = pod.copy(try pod.file("once"), by: agent, "--seal", uid)
            for _ in 1...3 {
                let log = told(Data("once".utf8), status: 0)
                try await withProcess(command) { process in
                    // The pod was ready before, so that is no sign that this process has begun.
                    try await eventually("the log is whole, or the agent has ended") {
                        process.stdout == log && pod.isReady || !process.isRunning
                    }
                    process.send(SIGTERM)
                    #expect(try await process.end() == .status(0))
                    #expect(process.stdout == log && process.stderr == "")
                }
                _ = try pod.file("not again")
            }
        }
    }

    @Test("A failure is sealed, too, with the agent's own words between the result and the seal", arguments: Agent.all)
    func failure(agent: Agent) async throws {
        try await withPod { pod in
            let command = pod.copy(pod.directory + "/none", by: agent, "--seal", uid)
            let first = try await run(command)
            let lines = first.text.split(separator: "\n")
            #expect(first.ending == .status(1))
            let record = try #require(Seal(line: Data((lines.last ?? "").utf8), pod: uid))
            #expect(record.exitStatus == 1 && record.isWhole)
            #expect(digest(first.stdout.prefix(record.kept)) == record.digest)
            let words = first.text.dropFirst(record.kept).split(separator: "\n").dropLast()
            #expect(words.count == 1)
            #expect(words.first?.hasPrefix(agent.testDescription + ": ") == true)
            try await withProcess(command) { second in
                try await second.isWaiting()
                #expect(second.text.hasPrefix(first.text.prefix(record.kept)))
                #expect(second.text.hasSuffix("it is not run again\n" + lines[lines.count - 1] + "\n"))
                #expect(try await run(pod.ask(agent, "--result")).text.hasSuffix(lines[lines.count - 1] + "\n"))
            }
        }
    }

    @Test("Where the task was interrupted, what it wrote is there, and no seal", arguments: Agent.all)
    func interrupted(agent: Agent) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            try fifo.write("first line\n")
            let command = pod.copy(fifo.path, by: agent, "--seal", uid)
            try await withProcess(command) { process in
                try await eventually("the task is under way") { process.text == "first line\n" }
                #expect(try await run(pod.ask(agent, "--result")).text == "first line\n")
                process.send(SIGKILL)
                #expect(try await process.end() == .signal(SIGKILL))
            }
            try await withProcess(command) { process in
                try await process.isWaiting()
                let words = "\(agent.testDescription): \(pod.state): the task was started before"
                #expect(process.text.hasPrefix("first line\n" + words))
                #expect(!process.text.contains("# run-once"))
                #expect(try await run(pod.ask(agent, "--result")).text == "first line\n")
            }
        }
    }

    @Test("What is more than --max-result is thrown away, and the seal says so", arguments: Agent.all)
    func maximum(agent: Agent) async throws {
        try await withPod { pod in
            let content = binary(300_000)
            let command = pod.copy(try pod.file(content), by: agent, "--seal", uid, "--max-result", "100000")
            let outcome = try await pod.runToTheEnd(command)
            let record = try seal(of: outcome.stdout)
            #expect(outcome.ending == .status(0))
            #expect((record.kept, record.written) == (100_000, 300_000))
            #expect(record.digest == digest(content.prefix(100_000)))
            #expect(outcome.stdout.prefix(100_000).isSame(as: content.prefix(100_000)))
            let kept = try Data(contentsOf: URL(filePath: pod.state + "/result"))
            #expect(kept.isSame(as: content.prefix(100_000)))
        }
    }

    @Test("A log gets what fits in 8 MiB, a line that says so, and the end once more", arguments: Agent.all)
    func longLog(agent: Agent) async throws {
        try await withPod { pod in
            let content = binary(9 << 20)
            try await withProcess(pod.copy(try pod.file(content), by: agent, "--seal", uid)) { process in
                try await eventually("the pod is ready") { pod.isReady }
                let log = process.stdout
                let note = Data("\n# run-once: the rest is kept on the node\n".utf8)
                let cut = try #require(log.range(of: note)).lowerBound
                #expect(cut > 6 << 20 && log.count < 8 << 20)
                #expect(log.prefix(cut).isSame(as: content.prefix(cut)))
                let end = log.dropFirst(cut + note.count).prefix(2048)
                #expect(end.isSame(as: content.suffix(2048)))
                let record = try seal(of: log)
                #expect(record.isWhole && record.digest == digest(content) && record.exitStatus == 0)
                #expect(record.kept == content.count)
                let result = try await run(pod.ask(agent, "--result")).stdout
                #expect(result.isSame(as: told(content, record)))
            }
        }
    }

    @Test("That a log is full is told while the task goes on: who follows it is to know", arguments: Agent.all)
    func fullLog(agent: Agent) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            try await withProcess(pod.copy(fifo.path, by: agent, "--seal", uid)) { process in
                let lines = String(repeating: "a line\n", count: 500)
                let note = "\n# run-once: the rest is kept on the node\n"
                try await eventually("it is told") {
                    // As much as the agent takes.
                    for _ in 1...100 { try? fifo.write(lines) }
                    return process.text.hasSuffix(note)
                }
            }
        }
    }

    @Test("A log that takes nothing keeps neither the task nor a request to stop waiting", arguments: Agent.all)
    func fullPipe(agent: Agent) async throws {
        try await withPod { pod in
            let content = binary(1 << 20)
            let expected = told(content, status: 0)
            let output = try OutputPipe()
            let command = pod.copy(try pod.file(content), by: agent, "--seal", uid)
            try await withProcess(command, output: output) { process in
                var looks = 0
                try await eventually("all is kept, though nobody reads the log") {
                    let result = try await run(pod.ask(agent, "--result")).stdout
                    // The seal comes half a minute later. Until then the agent waits for the log, its task has ended.
                    let hasEnded = process.isPolling && process.children.isEmpty && result.isSame(as: content)
                    looks = hasEnded ? looks + 1 : 0
                    return looks == 3 || result.isSame(as: expected)
                }
                process.send(SIGTERM)
                #expect(try await process.end() == .status(0))
                #expect(pod.isReady)
            }
            let result = try await run(pod.ask(agent, "--result")).stdout
            #expect(result.isSame(as: expected))
        }
    }

    @Test("A log that can't be written to costs nothing but the log", arguments: Agent.all, [">/dev/full", ">&-"])
    func noLog(agent: Agent, redirection: String) async throws {
        try await withPod { pod in
            let command = pod.copy(try pod.file(), by: agent, "--seal", uid)
            let outcome = try await pod.runToTheEnd(shell("exec \"$@\" \(redirection)", command))
            #expect(outcome.ending == .status(0))
            let result = try await run(pod.ask(agent, "--result")).stdout
            #expect(result == told(Data("127.0.0.1 localhost\n".utf8), status: 0))
        }
    }

    @Test(
        "A disk that is full makes the result shorter, and neither the task nor the seal fail",
        .enabled("needs root with the right to mount") { await canMount() }, arguments: Agent.all)
    func fullDisk(agent: Agent) async throws {
        try await withPod { pod in
            let content = binary(3 << 20)
            let script = "mount -t tmpfs -o size=2m none \"$0\"; \"$@\" & wait $!; cat \"$0/result\" | wc -c; ls \"$0\""
            let command = pod.copy(try pod.file(content), by: agent, "--seal", uid)
            try await withProcess(["unshare", "--mount", "sh", "-c", script, pod.state] + command) { process in
                try await eventually("the seal comes") { lastSeal(in: process.stdout) != nil }
                let record = try seal(of: process.stdout)
                #expect(record.written == content.count && record.kept < 2 << 20 && record.kept > 1 << 20)
                #expect(record.exitStatus == 0 && record.digest == digest(content.prefix(record.kept)))
                children(of: process.pid).forEach { kill($0, SIGTERM) }
                _ = try await process.end()
                // Not as text: for each byte that is none, Swift Testing notes who called.
                let end = Data("\n\(record.kept)\nready\nresult\nrunning\nseal\n".utf8)
                #expect(process.stdout.suffix(end.count) == end)
            }
        }
    }

    @Test("A task that empties the state directory is not run again, and gets no false seal", arguments: [0, 3])
    func removed(status: Int32) async throws {
        try await withPod { pod in
            let script = "echo ran; rm -rf \"$1\"/*; echo on; exit \(status)"
            let command = runOnce.command(
                ["--state-dir", pod.state, "--seal", uid] + shell(script, [pod.state]))
            let outcome = try await pod.runToTheEnd(command)
            #expect(outcome.ending == .status(status))
            #expect(try seal(of: outcome.stdout).digest == digest(Data("ran\non\n".utf8)))
            try await withProcess(command) { process in
                try await process.isWaiting()
                #expect(!process.text.contains("ran"))
                #expect(try await run(pod.ask(Agent.all[1], "--result")).ending == .status(1))
            }
        }
    }

    @Test(
        "Standard output and standard error keep their order, and O_NONBLOCK on one does not hit the other",
        .enabled("needs perl") { await succeeds("perl", "-e", "1") })
    func order() async throws {
        try await withPod { pod in
            let script = """
                i=0; while [ $i -lt 200 ]; do i=$((i + 1)); echo o$i; echo e$i >&2; done
                perl -MFcntl -e '
                    fcntl(STDERR, F_SETFL, O_NONBLOCK); printf "%s", fcntl(STDOUT, F_GETFL, 0) & O_NONBLOCK'
                """
            let command = runOnce.command(["--state-dir", pod.state, "--seal", uid] + shell(script, []))
            let expected = (1...200).map { "o\($0)\ne\($0)\n" }.joined() + "0"
            let outcome = try await pod.runToTheEnd(command)
            #expect(outcome.stdout == told(Data(expected.utf8), status: 0))
        }
    }

    @Test(
        "What the command leaves is waited for until it closes its output, and killed after a second",
        .enabled(if: runOnce.isNative, "the wrapper adopts no orphans"))
    func remainders() async throws {
        for (script, result) in [
            ("(sleep 0.2; echo late) & echo early", "early\nlate\n"),
            ("sleep 1000 & setsid sleep 1000 & echo early", "early\n"),
        ] {
            try await withPod { pod in
                let command = runOnce.command(["--state-dir", pod.state, "--seal", uid] + shell(script, []))
                try await withProcess(command) { process in
                    try await eventually("the pod is ready") { pod.isReady }
                    #expect(process.stdout == told(Data(result.utf8), status: 0))
                    #expect(process.children == [])
                }
            }
        }
    }

    @Test(
        "A request to stop reaches a command that writes without end, though nobody reads the log, and that is sealed")
    func stop() async throws {
        try await withPod { pod in
            let output = try OutputPipe()
            // So much is kept for sure once the pipe is full, however slowly it is written.
            let limit = output.capacity
            let command = runOnce.command(
                ["--state-dir", pod.state, "--seal", uid, "--max-result", String(limit), "yes"])
            try await withProcess(command, output: output) { process in
                try await eventually("the pipe is full") { output.available == output.capacity }
                process.send(SIGTERM)
                #expect(try await process.end() == .status(143))
                #expect(!pod.isReady)
            }
            let result = try await run(runOnce.command("--result", "--state-dir", pod.state)).stdout
            let record = try #require(Seal(line: result.dropFirst(limit).dropLast(), pod: uid))
            #expect(record.exitStatus == 143 && record.kept == limit)
        }
    }

    @Test(
        "A terminal changes what is written to it: one line says that it can't be sealed, and nothing is run",
        .enabled("needs setsid") { await succeeds("setsid", "true") })
    func terminal() async throws {
        try await withPod { pod in
            let command = runOnce.command(["--state-dir", pod.state, "--seal", uid, "echo", "never"])
            let script = "\"$@\"; echo \"status $?\"; read -r x"
            try await withTerminal(shell(script, command)) { terminal, _, _ in
                var text = ""
                try await eventually("the agent has ended") {
                    text += try terminal.take() ?? ""
                    return text.contains("status")
                }
                let reason = "standard output is a terminal, which changes what is written: use no tty"
                #expect(text == "run-once: --seal: \(reason)\r\nstatus 2\r\n")
                #expect(try names(in: pod.state) == [])
            }
        }
    }

    private static let contents = [
        Data(), Data("127.0.0.1 localhost\n".utf8), Data("no newline".utf8), Data("\n".utf8), Data("a\r\nb".utf8),
        Data([0, 0xFF, 10, 0xC3, 0]), binary(300_000),
        told(Data("old\n".utf8), status: 0), told(Data("old".utf8), status: 0, pod: "another"),
    ]
}

/// What the log of a pod holds whose task wrote this.
func told(_ content: Data, status: UInt8, pod: String = uid) -> Data {
    told(content, Seal(kept: content.count, written: content.count, digest: digest(content), exitStatus: status), pod)
}

private func told(_ content: Data, _ record: Seal, _ pod: String = uid) -> Data {
    let isLine = content.isEmpty || content.last == 10
    return content + Data((isLine ? "" : "\n").utf8) + Data((record.line(pod: pod) + "\n").utf8)
}

/// The seal that is a log's last line.
func seal(of log: Data) throws -> Seal {
    try #require(lastSeal(in: log))
}

func lastSeal(in log: Data) -> Seal? {
    guard let end = log.lastIndex(of: 10) else { return nil }
    let start = log[..<end].lastIndex(of: 10).map { $0 + 1 } ?? log.startIndex
    return Seal(line: log[start..<end], pod: uid)
}

func digest(_ content: some DataProtocol) -> Digest {
    var hash = SHA256()
    Data(content).withUnsafeBytes { hash.update($0) }
    return hash.digest()
}
