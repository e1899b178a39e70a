import Foundation
import TestSupport
import Testing

@Suite("A terminal", .enabled("needs setsid") { await succeeds("setsid", "true") }) struct Terminals {
    @Test("A command can read from its terminal and set it")
    func foreground() async throws {
        try await withPod { pod in
            let script = "stty -echo && echo set && read -r x && echo \"got $x\" && read -r x"
            try await withTerminal(pod.once(script: script)) { terminal, _, _ in
                var text = ""
                try await eventually("the terminal is set") {
                    text += try terminal.take() ?? ""
                    return text == "set\r\n"
                }
                try terminal.press("hello\n")
                try await eventually("the command has read") {
                    text += try terminal.take() ?? ""
                    return text == "set\r\ngot hello\r\n"
                }
                try terminal.press("\n")
                try await eventually("the pod is ready") { pod.isReady }
            }
        }
    }

    @Test("A request to stop ends a command that has the terminal")
    func stop() async throws {
        try await withPod { pod in
            let script = "trap 'exit 0' TERM; echo started; read -r x"
            try await withTerminal(pod.once(script: script)) { terminal, agent, process in
                try await eventually("the command runs") { try terminal.take()?.contains("started") == true }
                kill(agent, SIGTERM)
                let ending = try await process.end()
                #expect(ending == .status(143))
            }
        }
    }

    @Test("The key that stops programs stops the command")
    func key() async throws {
        try await withPod { pod in
            try await withTerminal(pod.once(script: "echo started; read -r x")) { terminal, _, process in
                try await eventually("the command runs") { try terminal.take()?.contains("started") == true }
                try terminal.press("\u{3}")
                #expect(try await process.end() == .status(130))
                #expect(!pod.isReady)
            }
        }
    }

    @Test("When the command has ended, the terminal is its owner's again")
    func givenBack() async throws {
        try await withPod { pod in
            let script = "\"$@\"; echo ended; read -r x; echo \"got $x\""
            try await withTerminal(shell(script, pod.once("false"))) { terminal, _, process in
                var text = ""
                try await eventually("the command has ended") {
                    text += try terminal.take() ?? ""
                    return text.contains("ended")
                }
                try terminal.press("hello\n")
                try await eventually("its owner has read") {
                    text += try terminal.take() ?? ""
                    return text.contains("got hello")
                }
                let ending = try await process.end()
                #expect(ending == .status(0))
            }
        }
    }

    /// A container runtime keeps back a line that has no newline.
    @Test(
        "The whole text comes, a last line without a newline with one; then nobody holds the terminal",
        .enabled(if: runOnce.isNative, "the wrapper holds the terminal, too"),
        arguments: [
            ("first\\nlast", "first\r\nlast\n"), ("first\\n", "first\r\n"), ("", ""), ("a\\tb", "a\tb\n"),
        ])
    func wholeText(written: String, shown: String) async throws {
        try await withPod { pod in
            try await withTerminal(pod.once("printf", written)) { terminal, agent, process in
                var text = ""
                try await eventually("the end of the text") {
                    while let more = try terminal.take() {
                        if more.isEmpty { return false }
                        text += more
                    }
                    return true
                }
                #expect(text == shown)
                try await eventually("the pod is ready") { pod.isReady }
                // The kernel's SIGHUP is for those who use the terminal.
                terminal.close()
                kill(agent, SIGCHLD)
                #expect(try await process.end() == .status(0))
            }
        }
    }

    @Test("While it waits, what the kernel sends for a terminal does not end it, but the key that stops programs does")
    func kernelSignals() async throws {
        for lastKey in ["\u{3}", "\u{1C}", nil] {
            try await withPod { pod in
                _ = try pod.file("", name: "state/started")
                try await withTerminal(pod.once("true")) { terminal, agent, process in
                    try await eventually("it waits") { try terminal.take()?.contains("not run again") == true }
                    try terminal.resize()
                    if let lastKey { try terminal.press(lastKey) } else { terminal.close() }
                    // Without a key both signals have come by now, as the kernel sends them at once.
                    if lastKey == nil {
                        try await eventually("no signal is left to take") {
                            let status = try String(contentsOfFile: "/proc/\(agent)/status", encoding: .utf8)
                            return status.contains("ShdPnd:\t0000000000000000")
                        }
                        #expect(process.isRunning)
                        kill(agent, SIGWINCH)
                    }
                    #expect(try await process.end() == .status(0))
                }
            }
        }
    }
}
