import Foundation
import TestSupport
import Testing

@Suite("How a command ends") struct Endings {
    @Test("A command that ends with 0 makes the pod ready, and nothing is added to its output")
    func success() async throws {
        try await withPod { pod in
            let outcome = try await pod.runToTheEnd(pod.once(script: "printf 'out'; printf 'err' >&2"))
            #expect(outcome == Outcome(ending: .status(0), stdout: Data("out".utf8), stderr: "err"))
            #expect(pod.isReady)
        }
    }

    @Test("Every other exit status is passed on, with one line that names it")
    func exitStatus() async throws {
        for status in Int32(1)...255 {
            try await withPod { pod in
                let outcome = try await run(pod.once(script: "exit \(status)"))
                #expect(outcome.ending == .status(status))
                #expect(outcome.stderr == "run-once: /bin/sh: exit status \(status)\n")
                #expect(!pod.isReady)
            }
        }
    }

    @Test("A command that a signal kills gives 128 + its number, with one line that names it")
    func killed() async throws {
        // Those whose default action ends a process, see signal(7).
        for signal in (1...31).filter({ ![SIGCHLD, SIGCONT, SIGURG, SIGWINCH].contains($0) && !stops.contains($0) }) {
            try await withPod { pod in
                let outcome = try await run(pod.once(script: "ulimit -c 0; kill -\(signal) $$"))
                #expect(outcome.ending == .status(128 + signal))
                #expect(outcome.stderr == "run-once: /bin/sh: killed by signal \(signal)\n")
                #expect(!pod.isReady)
            }
        }
    }

    private let stops = [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]

    @Test("A command that is not there gives 127, one that can't be executed 126, each with one line")
    func noCommand() async throws {
        try await withPod { pod in
            let plain = try pod.file("echo never\n", name: "plain")
            let missing = pod.directory + "/missing"
            for (command, status, reason) in [
                (missing, 127, "No such file or directory"), ("no-such-command", 127, "No such file or directory"),
                (plain + "/x", 127, "Not a directory"),
                (plain, 126, "Permission denied"), (pod.directory, 126, "Permission denied"),
            ] as [(String, Int32, String)] {
                try await withPod { pod in
                    let outcome = try await run(pod.once(command))
                    #expect(outcome.ending == .status(status))
                    #expect(outcome.stderr == "run-once: \(command): \(reason)\n")
                    #expect(outcome.text == "")
                    #expect(!pod.isReady)
                }
            }
        }
    }

    @Test("Neither a grandchild that holds standard output nor a daemon keeps the last line or readiness from coming",
        .enabled(if: runOnce.isNative, "the wrapper holds standard output, too"))
    func grandchild() async throws {
        try await withPod { pod in
            let output = try OutputPipe()
            let script = "sleep 1000 & setsid sh -c 'sleep 1000 & wait' & printf last"
            try await withProcess(pod.once(script: script), output: output) { process in
                #expect(try await output.takeAll() == Data("last".utf8))
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.isRunning)
                #expect(process.children == [])
            }
        }
    }
}
