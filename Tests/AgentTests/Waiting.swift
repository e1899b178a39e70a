import Foundation
import TestSupport
import Testing

/// Kubernetes starts a probe, waits for its answer, and starts the next: one that asks each second costs each node a
/// process each second.
@Suite("The probe that waits") struct Waiting {
    @Test("It says yes when the task is done, and waits until then", arguments: Agent.all)
    func done(agent: Agent) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            try fifo.write("first line\n")
            try await withProcess(pod.copy(fifo.path, by: agent)) { process in
                try await eventually("the task is under way") { process.text == "first line\n" }
                try await withProcess(pod.ask(agent, "--ready", "--wait", "3000")) { probe in
                    try await probe.isLocked()
                    fifo.close()
                    #expect(try await probe.end() == .status(0))
                    #expect(pod.isReady && process.isRunning)
                }
            }
        }
    }

    @Test("It may be started before the agent", arguments: Agent.all)
    func before(agent: Agent) async throws {
        try await withPod { pod in
            let file = try pod.file()
            try await withProcess(pod.ask(agent, "--ready", "--wait", "3000")) { probe in
                try await withProcess(pod.copy(file, by: agent)) { _ in
                    let ending = try await probe.end()
                    #expect(ending == .status(0))
                }
            }
        }
    }

    @Test("When it has told, the next one takes its time, and ends with the agent at the latest", arguments: Agent.all)
    func told(agent: Agent) async throws {
        try await withPod { pod in
            try await withProcess(pod.copy(try pod.file(), by: agent)) { process in
                let probe = pod.ask(agent, "--ready", "--wait", "3000")
                #expect(try await run(probe).ending == .status(0))
                #expect(try await run(pod.ask(agent, "--ready", "--wait", "1")).ending == .status(0))
                try await withProcess(probe) { next in
                    try await next.isLocked()
                    process.send(SIGTERM)
                    #expect(try await next.end() == .status(1))
                }
            }
        }
    }

    @Test("It says no when its time is over, when the agent dies, and where there is none", arguments: Agent.all)
    func no(agent: Agent) async throws {
        try await withPod { pod in
            #expect(try await run(pod.ask(agent, "--ready", "--wait", "3000")).ending == .status(1))
            let fifo = try pod.fifo()
            try fifo.write("first line\n")
            try await withProcess(pod.copy(fifo.path, by: agent)) { process in
                try await eventually("the task is under way") { process.text == "first line\n" }
                #expect(try await run(pod.ask(agent, "--ready", "--wait", "1")).ending == .status(1))
                try await withProcess(pod.ask(agent, "--ready", "--wait", "3000")) { probe in
                    try await probe.isLocked()
                    process.send(SIGKILL)
                    process.children.forEach { kill($0, SIGKILL) }
                    #expect(try await probe.end() == .status(1))
                }
            }
        }
    }

    @Test("Where the task failed, it waits as long as it may: there is nothing to tell", arguments: Agent.all)
    func failed(agent: Agent) async throws {
        try await withPod { pod in
            _ = try await run(pod.copy(pod.directory + "/none", by: agent))
            try await withProcess(pod.copy(try pod.file(), by: agent)) { process in
                try await process.isWaiting()
                #expect(try await run(pod.ask(agent, "--ready", "--wait", "1")).ending == .status(1))
                try await withProcess(pod.ask(agent, "--ready", "--wait", "3000")) { try await $0.isLocked() }
            }
        }
    }
}

extension Running {
    /// Waits until it waits for a lock.
    fileprivate func isLocked(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("the probe waits", sourceLocation: sourceLocation) {
            try #require(isRunning, sourceLocation: sourceLocation)
            return try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n").contains {
                $0.contains("->") && $0.contains(" \(pid) ")
            }
        }
    }
}
