import Foundation
import TestSupport
import Testing

@Suite("The record of what happened") struct Records {
    @Test(
        "A command that removes the record is not run again, however it ended",
        arguments: [
            "exit 0", "exit 3", "kill -KILL $$", "kill -TERM $PPID; sleep 1000",
        ])
    func removed(end: String) async throws {
        try await withPod { pod in
            let script = "echo ran >>\"$1\"; rm -rf \"$2\"/*; \(end)"
            let command = pod.once(script: script, pod.directory + "/runs", pod.state)
            _ = try await pod.runToTheEnd(command)
            for _ in 1...2 {
                try await withProcess(command) { process in
                    try await process.isWaiting()
                    process.send(SIGTERM)
                    #expect(try await process.end() == .status(0))
                }
            }
            #expect(try String(contentsOfFile: pod.directory + "/runs", encoding: .utf8) == "ran\n")
            #expect(pod.isReady == (end == "exit 0"))
        }
    }

    @Test(
        "A success that can't be recorded is told",
        .enabled("needs root with the right to mount") { await canMount() })
    func readOnly() async throws {
        try await withPod { pod in
            let script = "mount -t tmpfs none \"$0\"; exec \"$@\""
            let command = pod.once(script: "echo result; mount -o remount,ro \"$1\"", pod.state)
            let outcome = try await run(["unshare", "--mount", "sh", "-c", script, pod.state] + command)
            #expect(
                outcome
                    == Outcome(
                        ending: .status(1), stdout: Data("result\n".utf8),
                        stderr: "run-once: \(pod.state): Read-only file system\n"))
        }
    }

    @Test(
        "What fails when standard error is closed is told by the next start, and mended where that can be",
        .enabled(if: runOnce.isNative, "the calls would be the wrapper's"),
        .enabled("needs strace") { await canTrace() })
    func lastStep() async throws {
        try await withPod { pod in
            let command = pod.once(script: "echo ran >>\"$1\"", pod.directory + "/runs")
            let strace = ["strace", "-o", "/dev/null", "-e"]
            let failing = "inject=rename,renameat,renameat2:error=EROFS:when="
            let first = try await run(strace + [failing + "2"] + command)
            #expect(first.ending == .status(1))
            #expect(!pod.isReady)
            #expect(
                try await run(strace + [failing + "1"] + command)
                    == Outcome(
                        ending: .status(1), stdout: Data(), stderr: "run-once: \(pod.state): Read-only file system\n"))
            #expect(!pod.isReady)
            #expect(try await pod.runToTheEnd(command).ending == .status(0))
            #expect(pod.isReady)
            #expect(try String(contentsOfFile: pod.directory + "/runs", encoding: .utf8) == "ran\n")
        }
    }

    @Test(
        "A container whose directory another one uses says so, and stays alive, not ready",
        arguments: ["sleep 1000", "exit 0"])
    func shared(first: String) async throws {
        try await withPod { pod in
            try await withProcess(pod.once(script: "echo started; " + first)) { process in
                try await eventually("the first one's command runs") { process.text == "started\n" }
                if first == "exit 0" { try await process.isWaiting() }
                try await withProcess(pod.once("echo", "never")) { other in
                    let line =
                        "run-once: \(pod.state): another container uses this directory, and each needs its own; "
                        + "the task is not run\n"
                    try await eventually("the second one says why it does nothing") { other.stderr == line }
                    try await other.isWaiting()
                    #expect(try await run(runOnce.command("--ready", "--state-dir", pod.state)).ending == .status(1))
                    other.send(SIGTERM)
                    #expect(try await other.end() == .status(0))
                    #expect(other.text == "")
                }
                let probe = try await run(runOnce.command("--ready", "--state-dir", pod.state))
                #expect(probe.ending == .status(first == "exit 0" ? 0 : 1))
                #expect(process.isRunning)
            }
        }
    }

    @Test("Where nobody can tell whether the task was done, it is not run", arguments: ["ready", "succeeded"])
    func unknown(record: String) async throws {
        try await withPod { pod in
            try FileManager.default.createSymbolicLink(atPath: pod.state + "/" + record, withDestinationPath: record)
            let outcome = try await run(pod.once("echo", "never"))
            let words = "run-once: \(pod.state): Symbolic link loop\n"
            #expect(outcome == Outcome(ending: .status(1), stdout: Data(), stderr: words))
        }
    }

    @Test(
        "The first container stays ready: only the probe in the second one's root says no",
        .enabled(if: runOnce.isStatic, "not the static build"),
        .enabled(if: runOnce.isNative, "the wrapper is not there"),
        .enabled("needs root with the right to mount") { await canMount() })
    func sharedByContainers() async throws {
        try await withPod { pod in
            let script = """
                mount -t tmpfs none "$1" && cp "$2" "$1/run-once" && mkdir "$1/state" && mount --bind "$3" "$1/state" &&
                exec chroot "$1" /run-once --state-dir /state -- /run-once --version
                """
            func container(_ name: String) throws -> [String] {
                let root = pod.directory + "/" + name
                try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
                return ["unshare", "--mount"] + shell(script, [root, runOnce.path, pod.state])
            }
            func probe(_ container: Running) async throws -> Ending {
                try await run([
                    "nsenter", "--target", "\(container.pid)", "--mount", "--root", "--wd",
                    "/run-once", "--ready", "--state-dir", "/state",
                ]).ending
            }
            try await withProcess(try container("first")) { first in
                try await eventually("the first one is ready") { pod.isReady }
                try await withProcess(try container("second")) { second in
                    try await eventually("the second one says why it does nothing") { second.stderr != "" }
                    try await second.isWaiting()
                    #expect(try await probe(first) == .status(0))
                    #expect(try await probe(second) == .status(1))
                    #expect(second.text == "")
                }
            }
        }
    }
}
