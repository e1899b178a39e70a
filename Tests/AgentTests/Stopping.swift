import Foundation
import TestSupport
import Testing

@Suite("Requests to stop") struct Stopping {
    @Test("A request to stop ends a task that waits for its file", arguments: requests, inheritances)
    func whileReading(request: (signal: Int32, ending: Ending), inheritance: String) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            try fifo.write("first line\n")
            try await withProcess(shell(inheritance, pod.agent(fifo.path))) { process in
                try await eventually("the task is under way") { process.text == "first line\n" }
                process.send(request.signal)
                #expect(try await process.end() == request.ending)
                #expect(process.stderr == "")
                #expect(!pod.isReady)
            }
        }
    }

    @Test("A request to stop ends a task that nobody lets open its file", arguments: requests)
    func whileOpening(request: (signal: Int32, ending: Ending)) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            fifo.close()
            try await withProcess(pod.agent(fifo.path)) { process in
                try await eventually("the task has started") { exists(pod.state + "/started") }
                process.send(request.signal)
                #expect(try await process.end() == request.ending)
                #expect(!pod.isReady)
            }
        }
    }

    @Test("A request to stop ends a task whose output nobody takes", arguments: requests, inheritances)
    func whileWriting(request: (signal: Int32, ending: Ending), inheritance: String) async throws {
        try await withPod { pod in
            let output = try OutputPipe()
            let command = try shell(inheritance, pod.agent(pod.file(binary(300_000))))
            try await withProcess(command, output: output) { process in
                try await eventually("the pipe is full") { output.available == output.capacity }
                process.send(request.signal)
                #expect(try await process.end() == request.ending)
                #expect(process.stderr == "")
                #expect(!pod.isReady)
            }
        }
    }

    @Test(
        "A signal that a process sends, whichever an image chose, is what an agent waits for when its task is done",
        arguments: [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGWINCH], inheritances)
    func whileWaiting(signal: Int32, inheritance: String) async throws {
        try await withPod { pod in
            let command = try shell(inheritance, pod.agent(pod.file()))
            try await withProcess(command) { process in
                try await process.isWaiting()
                process.send(signal)
                #expect(try await process.end() == .status(0))
                #expect(process.text == "127.0.0.1 localhost\n")
                #expect(process.stderr == "")
                #expect(pod.isReady)
            }
        }
    }

    @Test("A request to stop is never lost, however soon it comes")
    func atAnyMoment() async throws {
        let clock = ContinuousClock()
        for step in 0..<100 {
            try await withPod { pod in
                let command = try pod.agent(pod.file())
                try await withProcess(command) { process in
                    // From before the first instruction to after the last, for a start that takes up to 10 ms.
                    let moment = clock.now + .microseconds(step * step)
                    while clock.now < moment {}
                    process.send(SIGTERM)
                    try await expectStop(of: process, in: pod)
                }
            }
        }
    }

    @Test(
        "A request to stop is never lost, whichever system call it comes with",
        .enabled(if: catEtcHosts.isNative, "they would be the wrapper's"), .enabled("needs strace") { await canTrace() }
    )
    func atEverySystemCall() async throws {
        let calls = try await withPod { pod in
            let trace = pod.directory + "/trace"
            return try await withProcess(["strace", "-o", trace] + pod.agent(pod.file())) { _ in
                try await eventually("the pod is ready") { pod.isReady }
                return try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
                    .map { String($0.prefix { $0 != "(" }) }
            }
        }
        // Not with the first, which runs the agent. The many of a dynamic loader are of no interest either.
        for (index, call) in calls.enumerated().dropFirst().suffix(30) {
            let count = calls[...index].count { $0 == call }
            try await withPod { pod in
                let inject = ["strace", "-o", "/dev/null", "-e", "inject=\(call):signal=TERM:when=\(count)"]
                let command = try inject + pod.agent(pod.file())
                try await withProcess(command) { process in
                    try await expectStop(of: process, in: pod)
                }
            }
        }
    }

    /// Expects that the task is done and the pod ready, or neither.
    private func expectStop(of process: Running, in pod: Pod) async throws {
        let ending = try await process.end()
        switch ending {
        case .status(0): #expect(pod.isReady)
        case .status(143): #expect(!pod.isReady)
        // Before its first instruction there is nothing that the agent could do.
        default: #expect(try ending == .signal(SIGTERM) && names(in: pod.state) == [])
        }
    }

    @Test("Other signals do not disturb a task: after a stop and a continue it goes on")
    func stopAndContinue() async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            try fifo.write("first line\n")
            try await withProcess(pod.agent(fifo.path)) { process in
                try await eventually("the task is under way") { process.text == "first line\n" }
                process.send(SIGSTOP)
                process.send(SIGCONT)
                try fifo.write("second line\n")
                try await eventually("the task goes on") { process.text == "first line\nsecond line\n" }
                fifo.close()
                try await eventually("the pod is ready") { pod.isReady }
                try await process.isWaiting()
                #expect(process.isRunning)
            }
        }
    }

    @Test(
        "As process 1 it works and stops, although the kernel spares process 1 from signals by default",
        .enabled("needs unshare, and the right to create a PID namespace") { await asProcessOne() != nil },
        arguments: requests)
    func processOne(request: (signal: Int32, ending: Ending)) async throws {
        let unshare = try #require(await asProcessOne())
        try await withPod { pod in
            let fifo = try pod.fifo()
            try fifo.write("first line\n")
            try await withProcess(unshare + pod.agent(fifo.path)) { process in
                try await eventually("the task is under way") { process.text == "first line\n" }
                let agent = try #require(process.children.first)
                kill(agent, request.signal)
                #expect(try await process.end() == request.ending)
            }
        }
        try await withPod { pod in
            let command = try unshare + pod.agent(pod.file())
            try await withProcess(command) { process in
                try await eventually("the pod is ready") { pod.isReady }
                let agent = try #require(process.children.first)
                kill(agent, request.signal)
                #expect(try await process.end() == .status(0))
                #expect(process.text == "127.0.0.1 localhost\n")
            }
        }
    }
}

/// The requests to stop, and how they end a task.
private let requests: [(Int32, Ending)] = [
    (SIGTERM, .status(143)), (SIGINT, .status(130)), (SIGQUIT, .status(131)), (SIGHUP, .status(129)),
]

/// What a process may inherit: it must be all the same to the agent.
private let inheritances = [
    "exec \"$@\"",
    "trap '' INT TERM; exec \"$@\"",
    "trap '' PIPE; exec \"$@\"",
    "exec env --block-signal=INT --block-signal=TERM \"$@\"",
]
