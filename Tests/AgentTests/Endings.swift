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
        for status in [1, 2, 9, 10, 99, 100, 125, 126, 127, 128, 137, 255] as [Int32] {
            try await withPod { pod in
                let outcome = try await run(pod.once(script: "exit \(status)"))
                #expect(outcome.ending == .status(status))
                #expect(outcome.stderr == "\nrun-once: /bin/sh: exit status \(status)\n")
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
                #expect(outcome.stderr == "\nrun-once: /bin/sh: killed by signal \(signal)\n")
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

    @Test("A script without #! is run by a shell, as a shell would do, wherever it is found", arguments: [true, false])
    func script(isInPath: Bool) async throws {
        try await withPod { pod in
            let script = try await pod.executable(Data("printf '<%s>' \"$@\"".utf8), name: "script")
            // One that may not be executed, and one that is not there, come before it.
            let path = "\(pod.state):/no/such/folder:\(pod.directory):/bin:/usr/bin"
            _ = try pod.file("", name: "state/script")
            let command = pod.once(isInPath ? "script" : script, "a b", "", "--ready")
            let outcome = try await pod.runToTheEnd(["env", "PATH=\(path)"] + command)
            #expect(outcome == Outcome(ending: .status(0), stdout: Data("<a b><><--ready>".utf8), stderr: ""))
        }
    }

    @Test("A command that is found, but may be executed nowhere in PATH, gives 126")
    func notExecutable() async throws {
        try await withPod { pod in
            _ = try pod.file("", name: "command")
            let path = "\(pod.directory):/no/such/folder:/bin"
            let outcome = try await run(["env", "PATH=\(path)"] + pod.once("command"))
            #expect(
                outcome
                    == Outcome(
                        ending: .status(126), stdout: Data(), stderr: "run-once: command: Permission denied\n"))
        }
    }

    @Test("A program for another machine is no script")
    func otherMachine() async throws {
        try await withPod { pod in
            let header: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 10]
            let program = try await pod.executable(Data(header) + Data(count: 100), name: "program")
            let outcome = try await run(pod.once(program))
            #expect(
                outcome
                    == Outcome(
                        ending: .status(126), stdout: Data(), stderr: "run-once: \(program): Exec format error\n"))
        }
    }

    @Test(
        "Where no process can be started, that is the reason, not the command",
        .enabled(if: runOnce.isNative, "the wrapper starts threads"),
        .enabled("needs root, setpriv and prlimit") { getuid() == 0 ? await succeeds("prlimit", "true") : false })
    func noProcess() async throws {
        try await withPod { pod in
            chmod(pod.state, 0o777)
            let copy = try await pod.executable(Data(contentsOf: URL(filePath: runOnce.path)), name: "run-once")
            // Nobody else is this user.
            let limit = ["setpriv", "--reuid", "61234", "--clear-groups", "prlimit", "--nproc=1"]
            let outcome = try await run(limit + [copy, "--state-dir", pod.state, "echo", "never"])
            #expect(
                outcome
                    == Outcome(
                        ending: .status(1), stdout: Data(), stderr: "run-once: fork: Resource temporarily unavailable\n"
                    ))
        }
    }
}

extension Pod {
    /// Creates a file that can be executed.
    ///
    /// Not by the test itself: a process that another test starts meanwhile would have it open for writing for a
    /// moment, and what is open for writing can't be executed.
    fileprivate func executable(_ content: Data, name: String) async throws -> String {
        let path = directory + "/" + name
        let outcome = try await run(shell("cat >\"$1\" && chmod 755 \"$1\"", [path]), input: content)
        #expect(outcome.ending == .status(0))
        return path
    }
}
