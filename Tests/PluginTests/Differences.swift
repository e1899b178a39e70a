import Foundation
import TestSupport
import Testing

/// How results differ: from those of most nodes, and from those of an earlier run.
extension PluginTests {
    private static let most = (1...12).map { "line \($0)\n" }.joined()
    private static let other = most.replacing("line 6\n", with: "another\n").replacing("line 12\n", with: "line 12")
    private static let difference = """
        @@ -3,10 +3,10 @@
         line 3
         line 4
         line 5
        -line 6
        +another
         line 7
         line 8
         line 9
         line 10
         line 11
        -line 12
        +line 12
        \\ No newline at end of file

        """

    @Test("-o diff: the largest group whole, and every other one as a unified diff against it")
    func diff() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done(PluginTests.other)), .init("b", .done(PluginTests.most)),
            .init("c", .done(PluginTests.most)), .init("d", .done()),
            .init("e", .failed(3, "no", log: PluginTests.other)),
            .init("f", .failed(4, "silent")), .init("g", .done(PluginTests.other)),
            .init("h", .done(PluginTests.most)),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            let outcome = try await api.plugin("-o", "diff", environment: ["LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"])
            outcome.expectStatus(1)
            let removed = PluginTests.most.split(separator: "\n").map { "-\($0)\n" }.joined()
            #expect(
                outcome.text == """
                    ==> b, c, h <==
                    \(PluginTests.most)
                    ==> a, g <==
                    --- b
                    +++ a
                    \(PluginTests.difference)
                    ==> d <==
                    --- b
                    +++ d
                    @@ -1,12 +0,0 @@
                    \(removed)
                    ==> e (failed: exit code 3) <==
                    --- b
                    +++ e
                    \(PluginTests.difference)
                    ==> f (failed: exit code 4, silent) <==

                    """)
        }
    }

    @Test("--baseline DIR: only nodes whose results are not those in DIR, as diffs, and exit 1; nothing where none is")
    func baseline() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done(PluginTests.most)), .init("b", .done(PluginTests.most)), .init("c", .done("same\n")),
            .init("d", .failed(3, "no", log: "half\n")), .init("e", .done("text\n")), .init("gone", .done("x\n")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.plugin("--output-dir=base").expectStatus(1)
            try await api.remove(node: "gone")
            try await api.join(
                .init("a", .done(PluginTests.other)), .init("b", .done(PluginTests.other)), .init("d", .done("half\n")),
                .init("e", .done(Data([0, 1, 2]))), .init("new", .done("hi\n")))
            let outcome = try await api.plugin("--baseline", "base", "-o", "diff", "--output-dir", "next")
            outcome.expectStatus(1)
            #expect(
                outcome.text == """
                    ==> a, b <==
                    --- base/a.log
                    +++ a
                    \(PluginTests.difference)
                    ==> d (was exit code 3) <==

                    ==> e <==
                    Binary files base/e.log and e differ

                    ==> new (new) <==
                    --- base/new.log
                    +++ new
                    @@ -0,0 +1 @@
                    +hi

                    """)
            #expect(outcome.lines.contains("run-once: 5 nodes have another result than in base"), "\(outcome.stderr)")
            // What was written then is what the next one is compared with.
            let next = try await api.plugin("--baseline=next")
            next.expectStatus(0)
            #expect(next.text == "" && next.lines.contains("run-once: no node has another result than in next"))
            // A failure that is as it was is no difference, and a failure all the same.
            try await api.join(.init("d", .failed(3, "no", log: "half\n")))
            let failed = try await api.plugin("--baseline=base", "--nodes=c,d")
            failed.expectStatus(1)
            #expect(failed.text == "" && failed.lines.contains("run-once: no node has another result than in base"))
        }
    }

    @Test("--retry compares what was done before with the --baseline, too; where nothing runs, nothing is compared")
    func retryWithBaseline() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("new\n")), .init("b", .done("old\n"))]) { api in
            for (folder, text, state) in [("base", "old\n", "done"), ("out", "new\n", "failed")] {
                let files = FileManager.default
                try files.createDirectory(atPath: "\(api.directory)/\(folder)", withIntermediateDirectories: false)
                for node in ["a", "b"] { _ = try api.write(text, to: "\(folder)/\(node).log") }
                let nodes = #"{"node":"a","state":"done"},{"node":"b","state":"\#(state)"}"#
                let run = #"{"verdict":"\#(state)","wanted":2}"#
                _ = try api.write(#"{"schema":1,"run":\#(run),"nodes":[\#(nodes)]}"#, to: "\(folder)/summary.json")
            }
            let outcome = try await api.plugin("--retry=out", "--baseline=base")
            outcome.expectStatus(1)
            #expect(outcome.text == "==> a <==\n--- base/a.log\n+++ a\n@@ -1 +1 @@\n-old\n+new\n")
            #expect(outcome.lines.contains("run-once: 1 node has another result than in base"), "\(outcome.stderr)")
            let again = try await api.plugin("--retry=out", "--baseline=base")
            again.expectStatus(2)
            let why = "every node in out is done, so nothing runs: compare them with diff -r"
            #expect(again.stderr == "error: --retry: \(why)\n")
        }
    }

    @Test("What differences take is looked for first: a program diff, and a whole folder; else nothing is created")
    func withoutDiff() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try FileManager.default.createDirectory(atPath: api.directory + "/base", withIntermediateDirectories: false)
            let summary = #"{"schema":1,"run":{"verdict":"done"},"nodes":[{"node":"a","state":"done"}]}"#
            _ = try api.write(summary, to: "base/summary.json")
            for (arguments, line) in [
                (["--baseline=base", "-o", "json"], "--baseline prints differences: leave out -o/--output"),
                (
                    ["--baseline=none"],
                    "--baseline: name the --output-dir of an earlier run: none/summary.json: No such file or directory"
                ),
            ] {
                let outcome = try await api.plugin(arguments)
                outcome.expectStatus(2)
                #expect(outcome.stderr == "error: \(line)\n")
            }
            let missing = try await api.plugin("--baseline=base")
            missing.expectStatus(2)
            let why = "base/a.log is missing, or can't be read: No such file or directory"
            #expect(missing.stderr == "error: --baseline: \(why)\n")
            try api.writeProgram("diff", "#!/bin/sh\nexit 2\n")
            let without = try await api.plugin("-o", "diff")
            without.expectStatus(3)
            #expect(without.stderr == "error: diff is needed for differences, and can't be started: diffutils has it\n")
            #expect(try await api.requests.isEmpty)
        }
    }
}
