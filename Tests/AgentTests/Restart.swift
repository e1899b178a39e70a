import Foundation
import TestSupport
import Testing

@Suite("Restarted containers") struct Restart {
    @Test("After a success nothing is printed again, and the pod stays ready", arguments: Agent.all)
    func afterSuccess(agent: Agent) async throws {
        try await withPod { pod in
            let command = try pod.copy(pod.file(), by: agent)
            #expect(try await pod.runToTheEnd(command).text == "127.0.0.1 localhost\n")
            for _ in 1...2 {
                try await withProcess(command) { process in
                    try await process.isWaiting()
                    #expect(pod.isReady)
                    process.send(SIGTERM)
                    #expect(try await process.end() == .status(0))
                    #expect(process.text == "")
                    #expect(process.stderr == "")
                    #expect(pod.isReady)
                }
            }
        }
    }

    @Test("After a failure the task is not run again: one line says so, and the pod is not ready", arguments: Agent.all)
    func afterFailure(agent: Agent) async throws {
        try await withPod { pod in
            let path = pod.directory + "/hosts"
            #expect(try await run(pod.copy(path, by: agent)).ending == .status(1))
            try await expectNotRunAgain(in: pod, by: agent)
        }
    }

    @Test("A task that was killed half-way is not run again", arguments: Agent.all, [SIGKILL, SIGTERM])
    func afterKill(agent: Agent, signal: Int32) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            try fifo.write("first line\n")
            try await withProcess(pod.copy(fifo.path, by: agent)) { process in
                try await eventually("the task is under way") { process.text == "first line\n" }
                process.send(signal)
                #expect(try await process.end() != .status(0))
            }
            try await expectNotRunAgain(in: pod, by: agent)
        }
    }

    /// Expects an agent to say that the task was started before, and to do nothing but wait.
    private func expectNotRunAgain(in pod: Pod, by agent: Agent) async throws {
        let command = try pod.copy(pod.file(), by: agent)
        for _ in 1...2 {
            try await withProcess(command) { process in
                let line =
                    "\(agent.testDescription): \(pod.state): "
                    + "the task was started before and did not end in success; it is not run again\n"
                try await eventually("it says why it does nothing") { process.stderr == line }
                try await process.isWaiting()
                #expect(try await run(pod.ask(agent, "--ready")).ending == .status(1))
                process.send(SIGTERM)
                #expect(try await process.end() == .status(0))
                #expect(process.text == "")
                #expect(process.stderr == line)
                #expect(!pod.isReady)
            }
        }
    }

    @Test(
        "That the task was started is on the disk before the task starts",
        .enabled(if: catEtcHosts.isNative, "the trace would be the wrapper's"),
        .enabled("needs strace") { await canTrace() }, arguments: Agent.all)
    func onTheDisk(agent: Agent) async throws {
        try await withPod { pod in
            let file = try pod.file()
            let trace = pod.directory + "/trace"
            let strace = ["strace", "-f", "-o", trace, "-e", "trace=fsync,openat"]
            try await withProcess(strace + pod.copy(file, by: agent)) { _ in
                try await eventually("the pod is ready") { pod.isReady }
                let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
                let sync = try #require(calls.firstIndex { $0.contains(" fsync(") })
                let start = try #require(calls.firstIndex { $0.contains("\"\(file)\"") })
                #expect(sync < start)
            }
        }
    }

    @Test("Of many agents that start at once in one pod, one runs the task", arguments: Agent.all)
    func atOnce(agent: Agent) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            // Eight times the agent, with the output of each in files of its own.
            let script = "for i in 1 2 3 4 5 6 7 8; do \"$@\" >out.$i 2>err.$i & done; wait"
            func contents(_ prefix: String) throws -> [String] {
                try (1...8).map { try String(contentsOfFile: "\(pod.directory)/\(prefix).\($0)", encoding: .utf8) }
            }
            try await withProcess(shell(script, pod.copy(fifo.path, by: agent)), directory: pod.directory) { _ in
                try await eventually("seven say that the directory is in use") {
                    // The shell's children make their files in any order.
                    let isStarted = (1...8).allSatisfy { agent in
                        ["out", "err"].allSatisfy { exists("\(pod.directory)/\($0).\(agent)") }
                    }
                    return try isStarted && contents("err").count { $0.hasSuffix("the task is not run\n") } == 7
                }
                try fifo.write("once\n")
                try await eventually("one has copied the file") { try contents("out").contains("once\n") }
                fifo.close()
                try await eventually("the pod is ready") { pod.isReady }
                #expect(try contents("out").filter { !$0.isEmpty } == ["once\n"])
                #expect(try contents("err").count { $0.isEmpty } == 1)
            }
        }
    }
}
