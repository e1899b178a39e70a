import Foundation
import TestSupport
import Testing

@Suite("Readiness") struct Readiness {
    @Test("The pod is not ready while the task runs, and is ready afterwards", arguments: Agent.all)
    func notBeforeTheEnd(agent: Agent) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            try fifo.write("first line\n")
            try await withProcess(pod.copy(fifo.path, by: agent)) { process in
                try await eventually("the task is under way") { process.text == "first line\n" }
                #expect(!pod.isReady)
                #expect(try await run(pod.ask(agent, "--ready")).ending == .status(1))

                fifo.close()
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.isRunning)
                #expect(try await run(pod.ask(agent, "--ready")).ending == .status(0))
            }
        }
    }

    @Test("The pod is not ready before a slow reader can have taken the last byte")
    func slowReader() async throws {
        try await withPod { pod in
            let content = binary(300_000)
            let output = try OutputPipe()
            let command = try pod.agent(pod.file(content))
            try await withProcess(command, output: output) { process in
                var taken = Data()
                while content.count - taken.count > output.capacity {
                    try await eventually("the pipe is full") { output.available == output.capacity }
                    #expect(!pod.isReady)
                    taken += try #require(try output.take(output.capacity / 2))
                }
                taken += try await output.takeAll()
                #expect(taken.isSame(as: content))
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.isRunning)
            }
        }
    }

    @Test("Readers of standard output and standard error see their end, although the agent lives", arguments: Agent.all)
    func streamsEnd(agent: Agent) async throws {
        try await withPod { pod in
            let (output, errors) = (try OutputPipe(), try OutputPipe())
            let command = try pod.copy(pod.file("no newline"), by: agent)
            try await withProcess(command, output: output, errors: errors) { process in
                #expect(try await output.takeAll() == Data("no newline".utf8))
                #expect(try await errors.takeAll().isEmpty)
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.isRunning)
            }
        }
    }

    @Test(
        "All standard streams are closed before the pod is marked ready, not after",
        .enabled(if: catEtcHosts.isNative, "the trace would be the wrapper's"),
        .enabled("needs strace") { await canTrace() })
    func closedBeforeReady() async throws {
        try await withPod { pod in
            let trace = pod.directory + "/trace"
            let strace = ["strace", "-o", trace, "-e", "trace=close,rename,renameat,renameat2"]
            // The first renaming records the success, while a failure can still be told.
            try await withProcess(strace + pod.agent(pod.file())) { process in
                try await eventually("the pod is ready") { pod.isReady }
                try await eventually("the agent waits to be stopped") {
                    let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
                    let last = ["close(1)", "rename", "close(0)", "close(1)", "close(2)", "rename"]
                    return calls.filter { !$0.hasPrefix("flock") }.suffix(6).elementsEqual(last) {
                        $0.hasPrefix($1)
                    }
                }
            }
        }
    }

    @Test(
        "An agent that waits has no file open but the state directory, and the one that probes wait for",
        .enabled(if: catEtcHosts.isNative, "the wrapper has files open too"), arguments: Agent.all)
    func openFiles(agent: Agent) async throws {
        try await withPod { pod in
            try await withProcess(pod.copy(pod.file(), by: agent)) { process in
                try await eventually("the pod is ready") { pod.isReady }
                let files = try process.openFiles()
                #expect(files.values.sorted() == [pod.state, pod.state + "/running"])
                #expect(files.keys.allSatisfy { $0 > 2 })
            }
        }
    }

    @Test("The probe prints nothing, and fails where there is no state directory", arguments: Agent.all)
    func probe(agent: Agent) async throws {
        try await withPod { pod in
            let notReady = Outcome(ending: .status(1), stdout: Data(), stderr: "")
            #expect(try await run(pod.ask(agent, "--ready")) == notReady)
            #expect(try await run(agent.program.command("--ready", "--state-dir", pod.directory + "/none")) == notReady)
            #expect(try await run(agent.program.command("--ready", "--state-dir", pod.file())) == notReady)
            #expect(try names(in: pod.state) == [])

            _ = try await pod.runToTheEnd(pod.copy(pod.file(), by: agent))
            #expect(try await run(pod.ask(agent, "--ready")) == Outcome(ending: .status(0), stdout: Data(), stderr: ""))
        }
    }
}

extension Running {
    /// The files it has open: the descriptors, and what each is.
    func openFiles() throws -> [Int: String] {
        let directory = "/proc/\(pid)/fd"
        let pairs = try names(in: directory).map { name in
            (try #require(Int(name)), try FileManager.default.destinationOfSymbolicLink(atPath: directory + "/" + name))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }
}
