import Foundation
import Glibc
import TestSupport
import Testing

extension PluginTests {
    @Test("Results arrive byte for byte, on standard output and in DIR/NODE.log", arguments: Kubectl.installed)
    func bytes(kubectl: Kubectl) async throws {
        let lines = Data((0..<100_000).map { "line \($0)\n" }.joined().utf8)
        let results: [(node: String, log: Data)] = [
            ("binary", binary(1_000_000)), ("empty", Data()), ("lines", lines), ("newline", Data("\n".utf8)),
            ("no-newline", Data("last line".utf8)), ("nul", Data([0, 0xff, 0xfe, 0x0a])),
            ("z-crlf", Data("a\r\nb\r\n".utf8)),
        ]
        let folder = "out dir\n\"\\/deep"
        try await withFakeAPI(nodes: results.map { .init($0.node, .done($0.log)) }) { api in
            let outcome = try await api.plugin("--output-dir", folder, kubectl: kubectl)
            outcome.expectStatus(0)
            var expected = Data()
            for (node, log) in results {
                let end = log.isEmpty || log.last == 0x0a ? "\n" : "\n\n"
                expected += Data("==> \(node) <==\n".utf8) + log + Data((node == "z-crlf" ? "" : end).utf8)
                let file = "\(api.directory)/\(folder)/\(node).log"
                #expect(try Data(contentsOf: URL(filePath: file)) == log, "\(node)")
            }
            #expect(outcome.stdout == expected)
            #expect(
                try TestSupport.names(in: "\(api.directory)/\(folder)")
                    == (results.map { $0.node + ".log" } + ["summary.json"]).sorted())
            let logs = try await api.requests.filter { $0.path.hasSuffix("/log") }
            #expect(logs.count == results.count && logs.allSatisfy { $0.query["container"] == "cat-etc-hosts" })
        }
    }

    @Test(
        "Nodes with the same result are together: the largest group first, then by name, each from a line of its own"
    )
    func groups() async throws {
        let logs = [
            "a": "odd\n", "b": "two\n", "c": "same\n", "d": "same\n", "e": "", "f": "same", "g": "same\n", "h": "two\n",
        ]
        let nodes = logs.map { FakeAPI.Node($0.key, .done($0.value)) }
        try await withFakeAPI(nodes: nodes) { api in
            let outcome = try await api.plugin()
            outcome.expectStatus(0)
            #expect(
                outcome.text == """
                    ==> c, d, g <==
                    same

                    ==> b, h <==
                    two

                    ==> a <==
                    odd

                    ==> e <==

                    ==> f <==
                    same

                    """)
        }
    }

    @Test(
        "When the time is up: status 124, who is not done is named, and DIR has what there is"
    )
    func timeout() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("done", .done("fine\n")),
            .init("failed", .running, .failed(3, "no \"disk\"\nat all\t\\", log: "whole log\n")),
            .init("running", .running, .writes("half a li")),
        ]
        try await withEnoughTime(from: 4) { seconds in
            try await withFakeAPI(nodes: nodes) { api in
                let outcome = try await api.plugin("-f", api.manifest(probed), "-t", "\(seconds)", "--output-dir=out")
                outcome.expectStatus(124)
                // Those that had started have logs.
                let logs = ["done", "failed", "running"].map { "\(api.directory)/out/\($0).log" }
                guard logs.allSatisfy(exists) else { return false }
                #expect(
                    outcome.text == """
                        ==> done <==
                        fine

                        ==> running (unfinished: timed out after \(seconds) s) <==
                        half a li

                        ==> failed (failed: exit code 3) <==
                        whole log

                        """)
                for line in [
                    "run-once: failed: failed with exit code 3: no \"disk\"", "    at all\t\\",
                    "run-once: timed out after \(seconds) s",
                    "run-once: not done: running: still running",
                ] { #expect(outcome.lines.contains(line), "\(line)\n\(outcome.stderr)") }
                let recap = "run-once: 1 of 3 nodes done, 1 failed, 1 not done, in "
                #expect(outcome.stderr.contains(recap))
                try await api.expectDeleted()

                let files = try TestSupport.names(in: api.directory + "/out")
                #expect(files == ["done.log", "failed.log", "running.log", "summary.json"])
                #expect(try api.read("out/failed.log") == "whole log\n")
                #expect(try api.read("out/running.log") == "half a li")

                let summary = try api.summary("out")
                #expect(summary.keys == ["nodes", "run", "schema"] && summary["schema"].number == 1)
                let run = summary["run"]
                #expect(run.keys == ["name", "namespace", "seconds", "started", "verdict", "wanted"])
                #expect(run["name"].string == "task" && run["namespace"].string == "default")
                #expect(run["verdict"].string == "timed-out" && run["seconds"].number ?? 0 >= seconds)
                #expect(run["started"].string?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
                let nodes = (0..<3).map { summary["nodes"][$0] }
                #expect(
                    nodes.allSatisfy {
                        $0.keys == [
                            "bytes", "exitCode", "node", "partial", "reason", "seconds", "sha256", "source", "state",
                        ]
                    })
                #expect(nodes.map { $0["node"].string } == ["done", "failed", "running"])
                #expect(nodes.map { $0["state"].string } == ["done", "failed", "running"])
                #expect(nodes.map { $0["exitCode"].number } == [0, 3, nil])
                #expect(nodes.map { $0["partial"].number } == [0, 0, 1])
                #expect(nodes.map { $0["seconds"].isThere } == [true, true, false])
                #expect(nodes[1]["reason"].string == "no \"disk\"\nat all\t\\")
                return true
            }
        }
    }

    @Test(
        "Why a pod does not start is told while it is waited for, at the end, and in summary.json; it has no log there")
    func stuck() async throws {
        let nodes: [FakeAPI.Node] = [.init("a", .done("fine\n")), .init("b", .waiting("ErrImagePull", "no image: é"))]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.withPlugin("-f", api.manifest(probed), "--output-dir=out") { process in
                try await process.says("run-once: b: ErrImagePull: no image: é\n")
                process.send(SIGINT)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                #expect(outcome.lines.contains("run-once: not done: b: ErrImagePull: no image: é"))
                #expect(try TestSupport.names(in: api.directory + "/out") == ["a.log", "summary.json"])
                let node = try api.summary("out")["nodes"][1]
                #expect(node["state"].string == "waiting" && node["reason"].string == "ErrImagePull: no image: é")
            }
        }
    }

    @Test(
        "A folder that holds the results of an earlier run is refused before anything happens, and left as it was",
        arguments: ["old.log", "summary.json"])
    func oldResults(file: String) async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try FileManager.default.createDirectory(atPath: api.directory + "/out", withIntermediateDirectories: false)
            _ = try api.write("old", to: "out/\(file)")
            let outcome = try await api.plugin("--output-dir", "out")
            outcome.expectStatus(2)
            #expect(outcome.stderr == "error: --output-dir: holds the results of an earlier run, name another: out\n")
            #expect(try api.read("out/\(file)") == "old")
            #expect(try await api.requests.isEmpty)
        }
    }

    @Test("--max-failures without --parallel stops the run when more nodes than that have failed")
    func maxFailuresOfAll() async throws {
        let nodes: [FakeAPI.Node] = [.init("a", .failed(1, "no")), .init("b", .running), .init("c", .running)]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.withPlugin("--max-failures", "1") { process in
                try await process.says("run-once: a: failed with exit code 1: no")
                try await api.play(.failed(1, "no"), on: "b")
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                let why = "2 nodes failed or were not reached, which is more than --max-failures 1: the run stops"
                #expect(outcome.lines.contains("run-once: \(why)") && outcome.stderr.contains("not done: c: still"))
                try await api.expectDeleted()
            }
        }
    }

    @Test("--wait=false: the end comes with the results, though pods take long to go; the Job's end takes all along")
    func noWait() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.set(.init { $0.stopSeconds = -1 })
            let outcome = try await api.plugin("--wait=false")
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            let deleted = try await api.requests.filter { $0.method == "DELETE" }
            #expect(deleted.count == 1 && deleted[0].path.contains("/jobs/"))
            #expect(deleted[0].query["propagationPolicy"] == "Background")
            try await eventually("the DaemonSet is gone") { try await api.names(of: "daemonsets").isEmpty }
        }
    }

    @Test("A failed node is told at once; with --fail-fast the run ends then, with what is there")
    func failFast() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .running), "c"]) { api in
            try await api.withPlugin("-f", api.manifest(probed), "--fail-fast") { process in
                try await process.says("1 of 3 nodes done")
                try await api.play(.failed(137, reason: "OOMKilled"), on: "b")
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(outcome.lines.contains("run-once: b: failed with exit code 137: OOMKilled"))
                #expect(outcome.stderr.contains("run-once: not done: "), "\(outcome.stderr)")
                #expect(outcome.results == "==> a <==\nhi\n")
                try await api.expectDeleted()
            }
        }
    }

    @Test(
        "A result that does not come whole is fetched again; one that never comes is missed, and no part of it shown"
    )
    func fetching() async throws {
        // So long that its beginning arrives before it is cut.
        let long = String(repeating: "one result\n", count: 50_000)
        let nodes: [FakeAPI.Node] = [
            .init("a", .done(long)), .init("b", .done("another\n")), .init("c", .done("lost\n")),
        ]
        try await withEnoughTime(from: 3) { seconds in
            try await withFakeAPI(nodes: nodes, proxied: true) { api in
                try await api.fail(.cut(after: 300_000), verb: "log", node: "a", times: 1)
                try await api.fail(.text(502, "Bad Gateway"), verb: "log", node: "b", times: 1)
                try await api.fail(.refused(403, "Forbidden", "pods/log is forbidden: no"), verb: "log", node: "c")
                let limits = try limits([
                    "result": Double(seconds), "unreachable": 0, "resultPause": 0.3, "secondLook": 0,
                ])
                let outcome = try await api.plugin("--output-dir=out", environment: limits)
                outcome.expectStatus(1)
                guard outcome.text == "==> a <==\n\(long)\n==> b <==\nanother\n" else { return false }
                #expect(
                    outcome.lines.contains(
                        "run-once: c: done, but its result can't be fetched: pods/log is forbidden: no"),
                    "\(outcome.stderr)")
                #expect(try TestSupport.names(in: api.directory + "/out") == ["a.log", "b.log", "summary.json"])
                #expect(try api.read("out/summary.json").contains(#""state" : "unfetched""#))
                try await api.expectDeleted()
                return true
            }
        }
    }

    @Test("Without a seal a log that begins long after its container is told as one that kubelet may have rotated")
    func rotated() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("all of it\n").begins(after: 1)), .init("b", .done("the end\n").begins(after: 12)),
            .init("c", .done()),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            let outcome = try await api.plugin("-f", api.manifest(probed), "--output-dir=out")
            outcome.expectStatus(0)
            #expect(outcome.text.contains("==> b <==\nthe end\n"))
            let told = outcome.lines.filter { $0.contains("the log begins") }
            #expect(told.count == 1 && told[0].hasPrefix("run-once: b: the log begins 10 s or more after its"))
            #expect(try TestSupport.names(in: api.directory + "/out") == ["a.log", "b.log", "c.log", "summary.json"])
        }
    }

    @Test("No node is meant: status 2, with what was asked for, and nothing is created")
    func noNode() async throws {
        try await withFakeAPI(nodes: ["a", .init("b", labels: ["kubernetes.io/os": "plan9"])]) { api in
            let plain = try String(contentsOfFile: api.manifest(probed), encoding: .utf8)
            let selecting = plain.replacing("tolerations:", with: "nodeSelector: {disk: ssd}\n      tolerations:")
            for (arguments, asked) in [
                (["-l", "disk=ssd,!spot"], "-l 'disk=ssd,!spot'"),
                (["--nodes=a", "--exclude=a"], "--nodes a --exclude a"),
                (["--nodes", "b"], "--nodes b"),
                (["-f", try api.write(selecting, to: "ssd.yaml")], api.directory + "/ssd.yaml"),
            ] {
                let outcome = try await api.plugin(arguments)
                outcome.expectStatus(2)
                #expect(outcome.stderr == "error: no node matches \(asked)\n" && outcome.text == "")
            }
            #expect(try await api.requests.allSatisfy { $0.method == "GET" || $0.path.contains("selfsubject") })
        }
    }

    @Test("No node is meant, and nodes may not be listed: status 3, and where to look")
    func noNodeKnown() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.refused(403, "Forbidden", "no"), resource: "nodes")
            let outcome = try await api.plugin("-l", "disk=ssd", environment: limits(["noNodeTold": 1, "noNode": 2]))
            outcome.expectStatus(3)
            #expect(
                outcome.stderr.contains(
                    "no node is meant: look at the node selector, the affinity and the tolerations in daemonset.yaml"
                ))
            #expect(outcome.text == "")
            try await api.expectDeleted()
        }
    }

    @Test("Progress goes to a file as lines, and only when something has changed")
    func progress() async throws {
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .running)]) { api in
            try await api.withPlugin { process in
                try await process.says("0 of 2 nodes done, 2 running")
                try await api.play(.done("hi\n"), on: "a")
                try await process.says("1 of 2 nodes done, 1 running")
                try await api.play(.failed(1, "no"), on: "b")
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(
                    outcome.lines.prefix(5) == [
                        "run-once: created daemonset/cat-etc-hosts in namespace default", "waiting for the first pod",
                        "0 of 2 nodes done, 2 running", "1 of 2 nodes done, 1 running",
                        "run-once: b: failed with exit code 1: no",
                    ])
                #expect(
                    outcome.lines.dropFirst(5).first?.hasPrefix(
                        "run-once: 1 of 2 nodes done, 1 failed, in ") == true)
                #expect(outcome.lines.count == 7)
                #expect(!outcome.stderr.contains("\r") && !outcome.stderr.contains("\u{1b}"))
            }
        }
    }

    @Test("On a terminal progress is one line that is rewritten; none of it stays. Ctrl-C there deletes everything")
    func terminal() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .running)]) { api in
            let variables = try api.environment().merging(["TERM": "xterm", "NO_COLOR": "1"]) { $1 }.map {
                "\($0.key)=\($0.value)"
            }
            let command = shell(#"trap : INT; env "$@"; exit $?"#, variables + commandLine([]))
            try await withTerminal(command) { terminal, _, process in
                var shown = ""
                func take() throws { shown += try terminal.take() ?? "" }
                try await eventually("the seconds are shown") {
                    try take()
                    return shown.contains(/\r1 of 2 nodes done, 1 running \(\d+ s\)\u{1b}\[K\r/)
                }
                try terminal.press("\u{3}")
                try await eventually("the end") {
                    try take()
                    return !process.isRunning
                }
                try take()
                #expect(process.ending == .status(130))
                let screen = screen(shown)
                #expect(screen.first == "run-once: created daemonset/cat-etc-hosts in namespace default")
                // After ^C.
                #expect(screen.contains { $0.contains("run-once: not done: b: still running") }, "\(screen)")
                #expect(!screen.contains { $0.contains("to go") }, "\(screen)")
                try await api.expectDeleted()
                try await api.expectNothingLeft()
            }
        }
    }
}

/// The lines that stay on a terminal.
private func screen(_ text: String) -> [String] {
    var lines: [[Character]] = [[]]
    var column = 0
    var rest = Array(text.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
        if scalar == "\n" {
            lines.append([])
        } else if scalar == "\r" {
            column = 0
        } else if scalar == "\u{1b}" {
            rest = rest.dropFirst(2)  // [K
            lines[lines.count - 1] = Array(lines[lines.count - 1].prefix(column))
        } else {
            let line = lines.count - 1
            while lines[line].count <= column { lines[line].append(" ") }
            lines[line][column] = Character(scalar)
            column += 1
        }
    }
    return lines.map { String($0) }.filter { !$0.isEmpty }
}
