import Foundation
import Glibc
import TestSupport
import Testing

/// What hangs on the shell, with a kubectl that answers at once.
@Suite("Every shell") struct Shells {
    @Test(
        "A signal to the script alone ends the run: everything is deleted, and the exit status says which",
        arguments: Shell.installed, [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    func signals(shell: Shell, signal: Int32) async throws {
        try await withPlayedKubectl(done: ["a": "result\n"], running: ["b"]) { api in
            try await api.withScript(shell: shell) { process in
                try await process.says("waiting: b Running")
                process.send(signal)
                let outcome = try await process.outcome()
                outcome.expectStatus(128 + signal)
                #expect(outcome.text == "==> a <==\nresult\n")
            }
            #expect(try api.asked("delete").count == 1)
        }
    }

    @Test(
        "Ctrl-C while a request waits for its answer, be it the one that creates: everything is deleted",
        arguments: Shell.installed, ["create", "pods", "log-a", "delete"])
    func controlC(shell: Shell, request: String) async throws {
        try await withPlayedKubectl(done: ["a": "result\n"]) { api in
            try api.hang(request)
            try await api.withScript(shell: shell) { process in
                try await eventually("it asks") { try api.asked(request).count == 1 }
                kill(-process.pid, SIGINT)
                if request == "delete" { try api.answer(request) }
                let outcome = try await process.outcome()
                outcome.expectStatus(request == "delete" ? 0 : 130)
                #expect(outcome.text == (request == "delete" ? "==> a <==\nresult\n" : ""))
            }
            #expect(try !api.asked("delete").isEmpty)
        }
    }

    @Test(
        "Every request has what says which cluster and which namespace, each a word of its own",
        arguments: Shell.installed)
    func options(shell: Shell) async throws {
        try await withPlayedKubectl(done: ["a": "result\n"]) { api in
            let outcome = try await api.script("-n", "team", "--context=my context", shell: shell)
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nresult\n")
            for request in ["create", "pods", "log-a", "pod", "daemonset", "delete"] {
                let asked = try api.asked(request)
                #expect(!asked.isEmpty, "\(request)")
                #expect(asked.allSatisfy { $0.contains(" <--context=my context> <--namespace=team> ") }, "\(asked)")
            }
        }
    }

    @Test("What becomes of nodes is read, printed and told alike", arguments: Shell.installed)
    func nodes(shell: Shell) async throws {
        let logs = ["a": "of a\n", "b": "a | b, no newline", "c": "no disk\n", "d": ""]
        try await withPlayedKubectl(done: logs) { api in
            let (failed, evicted) = ("c|c||false||Error 3 |Running\n", "d|d|||Evicted| |Failed\n")
            let next = "d|d2||false|| |Pending\n"
            try api.answer("pods", "b|b||true|| |Running\n" + failed + evicted + next + "a|a||true|| |Running\n")
            try api.answer("daemonset", "4")  // the node of one that was evicted has failed, and needs no other
            let outcome = try await api.script(shell: shell)
            outcome.expectStatus(1)
            #expect(outcome.text == "==> a <==\nof a\n==> b <==\na | b, no newline\n")
            #expect(outcome.stderr.contains("c: failed: Error, exit code 3\n==> c <==\nno disk\n"))
            #expect(outcome.said.contains("d: failed: Evicted"))
            #expect(outcome.said.last == "not done: c d")
        }
    }

    @Test("A task is done when three looks in a row show it ready: a kubelet that restarts calls all ready for a while")
    func threeLooks() async throws {
        try await withPlayedKubectl(done: ["a": "result\n"]) { api in
            try api.answer("pods-3", "a|a||false|| |Running\n")
            let outcome = try await api.script()
            outcome.expectStatus(0)
            let asked = try api.read("asked").split(separator: "\n")
            let looks = asked.prefix { !$0.hasPrefix("log-a:") }.count { $0.hasPrefix("pods:") }
            #expect(looks == 6 && outcome.text == "==> a <==\nresult\n")
        }
    }

    @Test("A reader that goes away keeps nothing from being deleted", arguments: Shell.installed)
    func readerGone(shell: Shell) async throws {
        let long = String(repeating: "a long result\n", count: 20_000)
        try await withPlayedKubectl(done: ["a": long, "b": long]) { api in
            let output = try OutputPipe()
            try await api.withScript(shell: shell, output: output) { process in
                try await eventually("a result comes") { output.available > 0 }
                output.close()
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(outcome.said.last == "the results can't be written to standard output")
            }
            #expect(try api.asked("delete").count == 1)
        }
    }

    @Test("Results that standard output does not take are no success", arguments: Shell.installed)
    func fullDisk(shell: Shell) async throws {
        try await withPlayedKubectl(done: ["a": "1\n"]) { api in
            let outcome = try await run(
                TestSupport.shell(#"exec "$@" >/dev/full"#, shell.command(script, [])), environment: api.environment())
            outcome.expectStatus(1)
            #expect(outcome.said.last == "the results can't be written to standard output")
            #expect(try api.asked("delete").count == 1)
        }
    }

    @Test("Messages that nobody reads any more keep nothing from being deleted", arguments: Shell.installed)
    func messagesUnread(shell: Shell) async throws {
        try await withPlayedKubectl(running: ["a"]) { api in
            let messages = try OutputPipe()
            try await api.withScript(shell: shell, errors: messages) { process in
                try await eventually("a message") { messages.available > 0 }
                messages.close()
                try api.answer("pods", "a|a||false||Error 1|Running\n")
                try await process.outcome().expectStatus(1)
            }
            #expect(try api.asked("delete").count == 1)
        }
    }
}

/// Runs `body` with a kubectl that has these nodes, each with a pod of its name.
///
/// - Parameter done: what the tasks wrote.
private func withPlayedKubectl(
    done: [String: String] = [:], running: [String] = [], _ body: (FakeAPI) async throws -> Void
) async throws {
    try await withFakeAPI { api in
        try api.makeFolders()
        let path = try api.environment()["PATH"] ?? ""
        try api.writeProgram(
            "kubectl",
            #"""
            #!/bin/sh
            case " $* " in
              *' create '*) what=create ;; *' delete '*) what=delete ;; *' get pods '*) what=pods ;;
              *' get pod '*) what=pod ;; *' get daemonset '*) what=daemonset ;;
              *' logs '*) what=${*#* logs } && what=log-${what%% *} ;;
              *) PATH='\#(path.replacing(api.programs, with: "/none"))' exec kubectl "$@" ;;
            esac
            words=; for word; do words="$words <$word>"; done
            cd '\#(api.directory)' && printf '%s\n' "$what:$words" >>asked # at once: a signal may end this at any moment
            while [ -e "$what.hangs" ]; do sleep 0.1; done
            answer=$what-$(grep -c "^$what:" asked) # such as the third one for pods, where it is another
            [ -e "$answer" ] || answer=$what
            cat "$answer"

            """#)
        for (what, answer) in ["asked": "", "create": "uid", "delete": "", "pod": "0"] { try api.answer(what, answer) }
        try api.answer("daemonset", "\(done.count + running.count)")
        let pods =
            done.keys.map { "\($0)|\($0)||true|| |Running\n" } + running.map { "\($0)|\($0)||false|| |Running\n" }
        try api.answer("pods", pods.joined())
        for (node, log) in done { try api.answer("log-" + node, log) }
        try await body(api)
    }
}

extension FakeAPI {
    /// Has the kubectl answer a request.
    fileprivate func answer(_ what: String, _ text: String = "") throws {
        _ = try write(text, to: what)
        try? FileManager.default.removeItem(atPath: "\(directory)/\(what).hangs")
    }

    /// Has the kubectl answer a request never.
    fileprivate func hang(_ what: String) throws { _ = try write("", to: what + ".hangs") }

    /// The requests of this kind up to now, each with its words.
    fileprivate func asked(_ what: String) throws -> [String] {
        try read("asked").split(separator: "\n").filter { $0.hasPrefix(what + ":") }.map(String.init)
    }
}
