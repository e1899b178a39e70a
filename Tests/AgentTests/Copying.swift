import Foundation
import TestSupport
import Testing

@Suite("Copying the file") struct Copying {
    @Test(
        "Every file arrives byte for byte",
        arguments: [
            Sample("an ordinary file", Data("127.0.0.1 localhost\n".utf8)),
            Sample("no final newline", Data("127.0.0.1 localhost".utf8)),
            Sample("an empty file", Data()),
            Sample("NUL bytes and invalid UTF-8", Data([0, 0xFF, 10, 0xC3, 0, 10, 0])),
            Sample("9 MiB of all byte values", binary(9 << 20)),
        ])
    func byteForByte(sample: Sample) async throws {
        try await withPod { pod in
            let outcome = try await pod.runToTheEnd(pod.agent(pod.file(sample.content)))
            #expect(outcome == Outcome(ending: .status(0), stdout: sample.content, stderr: ""))
        }
    }

    struct Sample: CustomTestStringConvertible {
        let testDescription: String
        let content: Data

        init(_ description: String, _ content: Data) {
            testDescription = description
            self.content = content
        }
    }

    @Test("A named pipe arrives byte for byte, in whatever pieces it is written")
    func namedPipe() async throws {
        try await withPod { pod in
            let content = binary(300_000)
            let fifo = try pod.fifo()
            let script = "dd bs=777 2>&- <\(try pod.file(content)) >\(fifo.path) & exec \"$@\""
            let outcome = try await withProcess(shell(script, pod.agent(fifo.path))) { process in
                try await eventually("everything is copied") { process.stdout.count >= content.count }
                fifo.close()
                try await eventually("the pod is ready") { pod.isReady }
                process.send(SIGTERM)
                return try await process.outcome()
            }
            #expect(outcome == Outcome(ending: .status(0), stdout: content, stderr: ""))
        }
    }

    @Test("Where standard output does not wait for room, the agent does")
    func nonBlockingOutput() async throws {
        try await withPod { pod in
            let content = binary(300_000)
            let output = try OutputPipe()
            try output.doNotBlockWriters()
            let command = try pod.agent(pod.file(content))
            try await withProcess(command, output: output) { process in
                try await eventually("the pipe is full") { output.available == output.capacity }
                #expect(try await output.takeAll().isSame(as: content))
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.stderr == "")
            }
        }
    }

    @Test(
        "A name that begins with a dash is a file after --, and - alone always is",
        arguments: [
            ["--", "--ready"], ["--", "--"], ["-"],
        ])
    func fileNames(operands: [String]) async throws {
        try await withPod { pod in
            _ = try pod.file("found", name: operands.last!)
            let command = ["env", "-C", pod.directory] + catEtcHosts.command(["--state-dir=state"] + operands)
            let outcome = try await pod.runToTheEnd(command)
            #expect(outcome == Outcome(ending: .status(0), stdout: Data("found".utf8), stderr: ""))
        }
    }

    @Test("The memory it takes does not grow with the file")
    func constantMemory() async throws {
        let small = try await peakMemory(copying: 1)
        let large = try await peakMemory(copying: 64 << 20)
        #expect(large - small < 1 << 20)
    }

    /// The most memory that an agent had resident, in bytes, when its task was done.
    private func peakMemory(copying size: Int) async throws -> Int {
        try await withPod { pod in
            let file = try pod.file("")
            guard truncate(file, off_t(size)) == 0 else { throw SystemError("truncate") }
            let output = try OutputPipe()
            return try await withProcess(pod.agent(file), output: output) { process in
                #expect(try await output.takeAll().count == size)
                try await eventually("the pod is ready") { pod.isReady }
                return try process.memory("VmHWM")
            }
        }
    }
}
