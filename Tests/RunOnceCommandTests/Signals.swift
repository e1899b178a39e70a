import Foundation
import TestSupport
import Testing

@Suite("Signals") struct Signals {
    @Test("A request to stop goes to the command's whole group, and run-once waits for the command",
        arguments: [SIGTERM, SIGINT])
    func stop(signal: Int32) async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            // The shell runs its trap when cat has ended, and cat ends when it gets the signal, too.
            let script = "trap 'echo ends; exit 0' TERM INT; echo started; cat \"$1\""
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

    @Test("Every other signal that can be caught is passed on to the command",
        .enabled(if: runOnce.isNative, "the wrapper keeps some signals for itself"))
    func forwarded() async throws {
        let kept = [SIGKILL, SIGSTOP, SIGCHLD, SIGTERM, SIGINT]
        for signal in (1...31).filter({ !kept.contains($0) }) {
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

    @Test("The command has the signal mask and the ignored signals that run-once was given",
        .enabled(if: runOnce.isNative, "the wrapper has a mask of its own"), arguments: [
        [], ["--block-signal=USR1", "--block-signal=TERM"],
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
