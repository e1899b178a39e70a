import Foundation
import TestSupport
import Testing

@Suite("Failing tasks") struct Failures {
    @Test("A file that is not there is named, in one line")
    func missingFile() async throws {
        try await withPod { pod in
            let path = pod.directory + "/none"
            try await expectFailure(in: pod, pod.agent(path), "cat-etc-hosts: \(path): No such file or directory\n")
        }
    }

    @Test("A directory is not a file")
    func directory() async throws {
        try await withPod { pod in
            try await expectFailure(
                in: pod, pod.agent(pod.directory), "cat-etc-hosts: \(pod.directory): Is a directory\n")
        }
    }

    @Test(
        "An error while reading is not taken for the end of the file",
        .enabled(if: catEtcHosts.isNative, "reads the wrapper's memory"))
    func readError() async throws {
        try await withPod { pod in
            // EIO, for which C libraries have different words.
            let outcome = try await run(pod.agent("/proc/self/mem"))
            #expect(outcome.ending == .status(1))
            #expect(outcome.stdout == Data())
            #expect(outcome.stderr.hasPrefix("cat-etc-hosts: /proc/self/mem: "))
            #expect(outcome.stderr.hasSuffix("/output error\n") || outcome.stderr.hasSuffix("I/O error\n"))
            #expect(!pod.isReady)
        }
    }

    @Test(
        "What can't be written did not arrive",
        arguments: [
            (">&-", "Bad file descriptor"),
            (">/dev/full", "No space left on device"),
            ("</dev/null >&0", "Bad file descriptor"),
        ])
    func writeError(redirection: String, reason: String) async throws {
        // An empty file too: it writes nothing, but to a standard output that is there.
        for content in ["127.0.0.1 localhost\n", ""] {
            try await withPod { pod in
                try await expectFailure(
                    in: pod, shell("exec \"$@\" \(redirection)", pod.agent(pod.file(content))),
                    "cat-etc-hosts: standard output: \(reason)\n")
            }
        }
    }

    @Test("A reader that has gone is a failure, and no signal", arguments: ["trap - PIPE", "trap '' PIPE"])
    func readerGone(disposition: String) async throws {
        try await withPod { pod in
            let output = try OutputPipe()
            let command = try shell("\(disposition); exec \"$@\"", pod.agent(pod.file(binary(300_000))))
            try await withProcess(command, output: output) { process in
                try await eventually("the pipe is full") { output.available == output.capacity }
                output.close()
                #expect(try await process.end() == .status(1))
                #expect(process.stderr == "cat-etc-hosts: standard output: Broken pipe\n")
                #expect(!pod.isReady)
            }
        }
    }

    @Test("A missing standard error does not keep the task from succeeding")
    func noStandardError() async throws {
        try await withPod { pod in
            let outcome = try await pod.runToTheEnd(shell("exec \"$@\" 2>&-", pod.agent(pod.file())))
            let expected = Data("127.0.0.1 localhost\n".utf8)
            #expect(outcome == Outcome(ending: .status(0), stdout: expected, stderr: ""))
            #expect(pod.isReady)
        }
    }

    @Test("A missing standard error does not hide a failure")
    func noStandardErrorForAFailure() async throws {
        try await withPod { pod in
            let command = shell("exec \"$@\" 2>&-", pod.agent(pod.directory + "/none"))
            try await expectFailure(in: pod, command, "")
        }
    }

    @Test("Where no standard stream is open, no other file takes its place, and the task fails")
    func noStandardStreams() async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            let command = shell("exec \"$@\" <&- >&- 2>&-", pod.agent(fifo.path))
            try await withProcess(command) { process in
                try await eventually("the task is under way") {
                    let files = try? process.openFiles()
                    return files?.values.contains(fifo.path) == true && files?.values.contains(pod.state) == true
                }
                if catEtcHosts.isNative {
                    #expect(try process.openFiles().keys.allSatisfy { $0 > 2 })
                }
                try fifo.write("127.0.0.1 localhost\n")
                #expect(try await process.end() == .status(1))
                #expect(!pod.isReady)
            }
            #expect(try names(in: pod.state) == ["running", "started"])
        }
    }

    @Test("Without a state directory the task does not start")
    func noStateDirectory() async throws {
        try await withPod { pod in
            let file = try pod.file()
            for (path, reason) in [
                (pod.directory + "/none", "No such file or directory"), (file, "Not a directory"),
                ("", "No such file or directory"),
            ] {
                try await expectFailure(
                    in: pod, catEtcHosts.command("--state-dir", path, file), "cat-etc-hosts: \(path): \(reason)\n")
            }
            #expect(try names(in: pod.directory) == ["hosts", "state"])
        }
    }

    /// Expects exit status 1, nothing on standard output, this on standard error, and no pod that is ready.
    private func expectFailure(
        in pod: Pod, _ command: [String], _ line: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await run(command, sourceLocation: sourceLocation)
        let expected = Outcome(ending: .status(1), stdout: Data(), stderr: line)
        #expect(outcome == expected, sourceLocation: sourceLocation)
        #expect(!pod.isReady, sourceLocation: sourceLocation)
    }
}
