import Foundation
import TestSupport
import Testing

@Suite("What a command leaves running") struct Remainders {
    @Test(
        "After a request to stop, the whole group has the time to clean up, though its first process ends at once",
        .enabled("the wrapper needs a PID namespace") { await canContain() },
        arguments: [SIGTERM, SIGINT, SIGQUIT, SIGHUP])
    func cleansUp(signal: Int32) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            let worker = try pod.file(
                """
                trap 'echo asked; read -r x <"$1"; echo cleaned; exit 0' TERM INT QUIT HUP
                echo started
                while :; do sleep 0.05; done
                """, name: "worker")
            let script = "sh \"$1\" \"$2\"; true"
            try await withContainer(pod.once(script: script, worker, fifo.path)) { process, agent in
                try await eventually("the worker runs") { process.text == "started\n" }
                kill(agent, signal)
                try await eventually("the worker cleans up") { process.text == "started\nasked\n" }
                #expect(process.isRunning)
                try fifo.write("go on\n")
                #expect(try await process.end() == .status(128 + signal))
                #expect(process.text == "started\nasked\ncleaned\n")
                #expect(!pod.isReady)
            }
        }
    }

    @Test(
        "After a request to stop, a process that left the group is asked to stop, too, and waited for",
        .enabled("the wrapper needs a PID namespace") { await canContain() })
    func asksOrphans() async throws {
        try await withPod { pod in
            let daemon = "trap 'echo cleaned; exit 0' TERM; echo started; while :; do sleep 0.05; done"
            let script = "setsid sh -c \"$1\" & trap 'exit 0' TERM; while :; do sleep 0.05; done"
            try await withContainer(pod.once(script: script, daemon)) { process, agent in
                try await eventually("the daemon runs") { process.text == "started\n" }
                kill(agent, SIGTERM)
                #expect(try await process.end() == .status(143))
                #expect(process.text == "started\ncleaned\n")
            }
        }
    }

    @Test("A command that is stopped goes on for a request to stop, and ends")
    func stopped() async throws {
        try await withPod { pod in
            let script = "trap 'echo ends; exit 0' TERM; echo started; kill -STOP $$; while :; do sleep 0.05; done"
            try await withProcess(pod.once(script: script)) { process in
                try await eventually("the command is stopped") {
                    process.text == "started\n" && process.children.contains { state($0) == "T" }
                }
                process.send(SIGTERM)
                #expect(try await process.end() == .status(143))
                #expect(process.text == "started\nends\n")
            }
        }
    }

    @Test(
        "Output that still drains when the command has ended is part of the result",
        .enabled("the wrapper needs a PID namespace") { await canContain() },
        .enabled("needs bash") { await succeeds("bash", "-c", "true") })
    func drains() async throws {
        for _ in 1...20 {
            try await withPod { pod in
                let script = "exec > >(sleep 0.05; sed 's/^/x: /'); echo hello"
                try await withContainer(pod.once("bash", "-c", script)) { process, _ in
                    try await eventually("the pod is ready") { pod.isReady }
                    #expect(process.text == "x: hello\n")
                    #expect(process.stderr == "")
                }
            }
        }
    }

    @Test(
        "So it is where the command failed, and the reason comes after it",
        .enabled("the wrapper needs a PID namespace") { await canContain() },
        .enabled("needs bash") { await succeeds("bash", "-c", "true") })
    func drainsAfterAFailure() async throws {
        try await withPod { pod in
            let script = "exec > >(sleep 0.05; sed 's/^/x: /'); printf hello; exit 3"
            try await withContainer(shell("exec \"$@\" 2>&1", pod.once("bash", "-c", script))) { process, _ in
                let ending = try await process.end()
                #expect(ending == .status(3))
                #expect(process.text == "x: hello\nrun-once: bash: exit status 3\n")
            }
        }
    }

    @Test(
        "Neither a grandchild that holds standard output nor a daemon keeps the last line or readiness from coming",
        .enabled(if: runOnce.isNative, "the wrapper holds standard output, too"))
    func killed() async throws {
        try await withPod { pod in
            let output = try OutputPipe()
            let script = "trap '' TERM; sleep 1000 & setsid sh -c 'sleep 1000 & wait' & printf last"
            try await withProcess(pod.once(script: script), output: output) { process in
                #expect(try await output.takeAll() == Data("last".utf8))
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.isRunning)
                #expect(process.children == [])
                #expect(process.stderr == "")
            }
        }
    }

    @Test(
        "A request to stop while output drains gives the rest its time, and is what the process ends with",
        .enabled("the wrapper needs a PID namespace") { await canContain() })
    func stopWhileDraining() async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            try await withContainer(pod.once(script: stopAsked.script, stopAsked.rest, fifo.path)) { process, _ in
                try await eventually("the rest is asked to stop") { process.text == "asked\n" }
                // Longer than the rest would have without the request; nothing may happen in this time.
                try await Task.sleep(for: .seconds(1.5))
                #expect(process.isRunning)
                try fifo.write("go on\n")
                #expect(try await process.end() == .status(143))
                #expect(process.text == "asked\ncleaned\n")
                #expect(!pod.isReady)
            }
        }
    }

    @Test(
        "A process that may not be killed is left and told, and a request to stop ends run-once as ever",
        .enabled(if: runOnce.isNative, "the wrapper adopts no orphans"),
        .enabled("needs root and setpriv") { getuid() == 0 ? await succeeds("setpriv", "true") : false })
    func notPermitted() async throws {
        try await withPod { pod in
            let mark = pod.directory + "/mark"
            defer { killProcesses(mentioning: mark) }
            let setUID = "setsid setpriv --reuid 1234 --clear-groups env mark=\"$1\" sleep 1000 >/dev/null 2>&1 & "
            let powerless = ["setpriv", "--bounding-set=-kill"]
            let leave = pod.once(script: setUID + "sleep 0.3; echo done", mark)
            try await withProcess(powerless + leave) { process in
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.text == "done\n")
                #expect(process.stderr == "\nrun-once: /bin/sh: left a process running that can't be killed\n")
                process.send(SIGTERM)
                #expect(try await process.end() == .status(0))
            }
        }
        try await withPod { pod in
            let mark = pod.directory + "/mark"
            defer { killProcesses(mentioning: mark) }
            let script =
                "setsid setpriv --reuid 1234 --clear-groups env mark=\"$1\" sleep 1000 >/dev/null 2>&1 & "
                + "sleep 0.3; echo started; sleep 1000"
            try await withProcess(["setpriv", "--bounding-set=-kill"] + pod.once(script: script, mark)) { process in
                try await eventually("the command runs") { process.text == "started\n" }
                process.send(SIGTERM)
                #expect(try await process.end() == .status(143))
            }
        }
    }

    @Test(
        "A request to stop ends run-once also where the command itself may not be told",
        .enabled("needs root and setpriv") { getuid() == 0 ? await succeeds("setpriv", "true") : false })
    func commandNotPermitted() async throws {
        try await withPod { pod in
            let mark = pod.directory + "/mark"
            defer { killProcesses(mentioning: mark) }
            let command =
                ["setpriv", "--bounding-set=-kill"]
                + pod.once(
                    "setpriv", "--reuid", "1234", "--clear-groups", "env", "mark=" + mark,
                    "sh", "-c", "echo started; exec sleep 1000")
            try await withProcess(command) { process in
                try await eventually("the command runs") { process.text == "started\n" }
                process.send(SIGTERM)
                #expect(try await process.end() == .status(143))
                #expect(process.stderr == "\nrun-once: setpriv: left a process running that can't be killed\n")
            }
        }
    }

    @Test(
        "A request to stop finds a command that has left its process group",
        .enabled("needs perl") { await succeeds("perl", "-e", "1") })
    func leftGroup() async throws {
        try await withPod { pod in
            // It joins the group of run-once.
            let script = "setpgrp(0, getpgrp(getppid)) or die; syswrite STDOUT, \"left\\n\"; sleep 1000"
            try await withProcess(pod.once("perl", "-e", script)) { process in
                try await eventually("the command has left the group") { process.text == "left\n" }
                process.send(SIGTERM)
                #expect(try await process.end() == .status(143))
            }
        }
    }

    @Test(
        "What can't be found in the /proc of another PID namespace is left and told, and no stranger is hit",
        .enabled("needs the right to create a PID namespace") { await asProcessOne() != nil })
    func otherProc() async throws {
        let unshare = try #require(await asProcessOne())
        try await withPod { pod in
            let script = "setsid sleep 1000 >/dev/null 2>&1 & sleep 0.3; echo done"
            try await withProcess(unshare + pod.once(script: script)) { process in
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.text == "done\n")
                #expect(process.stderr == "\nrun-once: /bin/sh: left a process running that can't be killed\n")
            }
        }
    }
}

/// Runs a command as `withProcess` does, and where a wrapper runs it, as process 1 of a container: no other process
/// gets orphans there, as qemu has no subreapers.
///
/// - Parameter body: gets, besides, the process id of run-once.
private func withContainer(_ command: [String], _ body: (Running, pid_t) async throws -> Void) async throws {
    guard !runOnce.isNative else { return try await withProcess(command) { try await body($0, $0.pid) } }
    let unshare = try #require(await asProcessOne()) + ["--mount-proc"]
    try await withProcess(unshare + command) { process in
        try await eventually("process 1 is there, or has ended") { !process.children.isEmpty || !process.isRunning }
        try await body(process, process.children.first ?? process.pid)
    }
}

private func canContain() async -> Bool {
    runOnce.isNative ? true : await asProcessOne() != nil
}

/// The letter of a process's state, see proc(5).
func state(_ process: pid_t) -> Substring? {
    let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return text?.split(separator: ")").last?.split(separator: " ").first
}

/// A command that leaves something, which asks run-once to stop when the command itself has ended and is reaped. Told to
/// stop, it waits for a line in the file that is the command's second argument, after `rest`.
let stopAsked = (
    script: "sh -c \"$1\" sh \"$2\" $$ $PPID &",
    rest: """
    trap 'echo asked; read -r x <"$1"; echo cleaned; exit 0' TERM
    while kill -0 "$2" 2>/dev/null; do sleep 0.01; done
    kill -TERM "$3"
    while :; do sleep 0.05; done
    """
)
