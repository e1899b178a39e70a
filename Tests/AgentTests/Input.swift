import Foundation
import TestSupport
import Testing

@Suite("Standard input from a file") struct Input {
    @Test(
        "The command reads the file, byte for byte, and not what run-once has as its standard input",
        arguments: [
            "exec \"$@\"", "exec \"$@\" <&-",
        ])
    func file(start: String) async throws {
        try await withPod { pod in
            let content = binary(200_000)
            let file = try pod.file(content, name: "input")
            let command = pod.once(reading: file, "cat")
            try await withProcess(shell(start, command), input: Data("other".utf8)) { process in
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.stdout == content)
                #expect(process.stderr == "")
            }
        }
    }

    @Test("Nothing else is open", .enabled(if: runOnce.isNative, "the wrapper has files open"))
    func descriptors() async throws {
        try await withPod { pod in
            let command = pod.once(reading: try pod.file(), "sh", "-c", "ls /proc/$$/fd; readlink /proc/$$/fd/0")
            #expect(try await pod.runToTheEnd(command).text == "0\n1\n2\n\(pod.directory)/hosts\n")
        }
    }

    @Test("A file that can't be opened is told in one line, and the command is not run, now or later")
    func missing() async throws {
        try await withPod { pod in
            let command = pod.once(reading: pod.directory + "/missing", "echo", "never")
            #expect(
                try await run(command)
                    == Outcome(
                        ending: .status(1), stdout: Data(),
                        stderr: "run-once: \(pod.directory)/missing: No such file or directory\n"))
            _ = try pod.file(name: "missing")
            try await withProcess(command) { process in
                try await process.isWaiting()
                #expect(process.stderr.hasSuffix("it is not run again\n"))
                #expect(process.text == "")
                #expect(!pod.isReady)
            }
        }
    }

    @Test("A file that keeps who opens it waiting does not keep a request to stop waiting")
    func waiting() async throws {
        try await withPod { pod in
            let path = pod.directory + "/nobody-writes"
            #expect(mkfifo(path, 0o644) == 0)
            try await withProcess(pod.once(reading: path, "echo", "never")) { process in
                try await eventually("the command's process is there") { !process.children.isEmpty }
                try await process.isWaiting()
                process.send(SIGTERM)
                #expect(try await process.end() == .status(143))
                #expect(process.text == "")
            }
        }
    }
}

extension Pod {
    /// The command that runs another command once in this pod, with a file as its standard input.
    fileprivate func once(reading file: String, _ command: String...) -> [String] {
        runOnce.command(["--state-dir", state, "--stdin", file, "--"] + command)
    }
}
