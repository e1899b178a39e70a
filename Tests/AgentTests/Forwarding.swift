import Foundation
import TestSupport
import Testing

@Suite("Signals for the command") struct Forwarding {
    @Test(
        "A request to stop goes to the command's whole group, and run-once waits for the command",
        arguments: [SIGTERM, SIGINT, SIGQUIT, SIGHUP])
    func stop(signal: Int32) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            // The shell runs its trap when cat has ended, and cat ends when it gets the signal, too.
            let script = "trap 'echo ends; exit 0' TERM INT QUIT HUP; echo started; cat \"$1\""
            try await withProcess(pod.once(script: script, fifo.path)) { process in
                try await eventually("cat runs") {
                    try processes(mentioning: fifo.path).contains {
                        (try? String(contentsOfFile: "/proc/\($0)/comm", encoding: .utf8)) == "cat\n"
                    }
                }
                process.send(signal)
                #expect(try await process.end() == .status(128 + signal))
                #expect(process.text == "started\nends\n")
                #expect(!process.stderr.contains("run-once: "))
                #expect(!pod.isReady)
            }
        }
    }

    @Test(
        "Every other signal that can be caught is passed on to the command",
        .enabled(if: runOnce.isNative, "the wrapper keeps some signals for itself"))
    func forwarded() async throws {
        let kept = [SIGKILL, SIGSTOP, SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP]
        for signal in (1...31).filter({ !kept.contains($0) }) + [35, 64] {
            try await withPod { pod in
                // A shell that waits for a child notices a signal at the latest when the child has ended.
                let script = "trap 'echo got \(signal); exit 0' \(signal); echo started; while :; do sleep 0.05; done"
                try await withProcess(pod.once(script: script)) { process in
                    try await eventually("the command runs") { process.text == "started\n" }
                    process.send(signal)
                    try await eventually("the command got signal \(signal)") {
                        process.text == "started\ngot \(signal)\n"
                    }
                    try await eventually("the pod is ready") { pod.isReady }
                }
            }
        }
    }

    @Test(
        "So are those that C libraries keep for themselves, which no program expects",
        .enabled(if: runOnce.isNative, "the wrapper keeps them for itself"),
        .enabled("needs perl") { await succeeds("perl", "-e", "1") }, arguments: [32, 33, 34] as [Int32])
    func forwardedToo(signal: Int32) async throws {
        #if arch(arm64)
        let rt_sigaction = 134
        #else
        let rt_sigaction = 13
        #endif
        // What starts the tests ignores them, and no program can change that by way of its C library.
        let set = "my $default = pack 'Q4'; syscall \(rt_sigaction), $_, $default, 0, 8 for 32, 33; "
        let reset = ["perl", "-e", set + "exec @ARGV"]
        try await withPod { pod in
            try await withProcess(reset + pod.once(script: "echo started; exec sleep 1000")) { process in
                try await eventually("the command runs") { process.text == "started\n" }
                process.send(signal)
                #expect(try await process.end() == .status(128 + signal))
                #expect(process.stderr == "\nrun-once: /bin/sh: killed by signal \(signal)\n")
            }
        }
    }

    @Test(
        "While it waits, every signal that a process sends ends it with 0: images choose which one stops them",
        arguments: [true, false])
    func whileWaiting(isDone: Bool) async throws {
        let signals =
            runOnce.isNative
            ? (1...64).filter { ![SIGKILL, SIGSTOP].contains($0) }
            : [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGWINCH, 37]
        for signal in signals {
            try await withPod { pod in
                if !isDone { _ = try pod.file("", name: "state/started") }
                try await withProcess(pod.once("true")) { process in
                    try await eventually("the pod is ready, or not run again") {
                        isDone ? pod.isReady : process.stderr.hasSuffix("not run again\n")
                    }
                    try await process.isWaiting()
                    process.send(signal)
                    #expect(try await process.end() == .status(0), "signal \(signal)")
                }
            }
        }
    }

    @Test("The SIGPIPE of its own message is no request to stop")
    func ownSignal() async throws {
        try await withPod { pod in
            _ = try pod.file("", name: "state/started")
            let errors = try OutputPipe()
            // Its reader has gone before it begins.
            let command = shell("read -r x; exec \"$@\"", pod.once("true"))
            let fifo = try pod.fifo()
            try await withProcess(shell("exec \"$@\" <\(fifo.path)", command), errors: errors) { process in
                errors.close()
                try fifo.write("go\n")
                try await process.isWaiting()
                process.send(SIGTERM)
                #expect(try await process.end() == .status(0))
            }
        }
    }

    @Test(
        "A signal never goes to a process group that is not the command's any more",
        .enabled(if: runOnce.isNative, "the trace would be the wrapper's"),
        .enabled("needs strace") { await canTrace() })
    func noStrangers() async throws {
        // The second leaves a process outside the group, which is killed.
        for script in ["true", "setsid sleep 1000 >/dev/null 2>&1 & sleep 0.2"] {
            try await withPod { pod in
                let trace = pod.directory + "/trace"
                let strace = ["strace", "-o", trace, "-e", "trace=kill"]
                try await withProcess(strace + pod.once(script: script)) { process in
                    try await eventually("the pod is ready") { pod.isReady }
                    let calls = try String(contentsOfFile: trace, encoding: .utf8)
                    #expect(!calls.contains("kill(-"))
                    #expect(calls.contains("SIGKILL") == script.contains("setsid"))
                }
            }
        }
    }

    @Test(
        "The command has the signal mask and the ignored signals that run-once was given",
        .enabled(if: runOnce.isNative, "the wrapper has a mask of its own"),
        arguments: [
            [], ["--block-signal=USR1", "--block-signal=TERM", "--block-signal=34", "--block-signal=64"],
            ["--ignore-signal=HUP", "--ignore-signal=CHLD", "--ignore-signal=PIPE", "--ignore-signal=TERM"],
        ])
    func inherited(settings: [String]) async throws {
        try await withPod { pod in
            let show = ["grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"]
            let given = try await run(["env"] + settings + show)
            let command = runOnce.command(["--state-dir", pod.state] + show)
            #expect(try await pod.runToTheEnd(["env"] + settings + command).text == given.text)
            #expect(pod.isReady)
        }
    }
}
