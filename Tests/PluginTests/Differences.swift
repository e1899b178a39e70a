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
            let same = try await api.plugin("--baseline", "base", "--nodes=a,b,c")
            same.expectStatus(0)
            #expect(same.text == "" && same.lines.contains("run-once: no node has another result than in base"))
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
            try await api.plugin("--baseline=next", "-q").expectStatus(0)
            // A failure that is as it was is no difference, and a failure all the same.
            try await api.join(.init("d", .failed(3, "no", log: "half\n")))
            let failed = try await api.plugin("--baseline=base", "--nodes=c,d")
            failed.expectStatus(1)
            #expect(failed.text == "" && failed.lines.contains("run-once: no node has another result than in base"))
        }
    }

    @Test("What differences take is looked for first: a program diff, and a whole folder; else nothing is created")
    func withoutDiff() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.plugin("--output-dir=base").expectStatus(0)
            let before = try await api.requests.count
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
            try FileManager.default.removeItem(atPath: api.directory + "/base/a.log")
            let missing = try await api.plugin("--baseline=base")
            missing.expectStatus(2)
            #expect(missing.stderr == "error: --baseline: base/a.log is missing, or can't be read\n")
            try api.writeProgram("diff", "#!/bin/sh\nexit 2\n")
            let without = try await api.plugin("-o", "diff")
            without.expectStatus(3)
            #expect(without.stderr == "error: diff is needed for differences, and can't be started: diffutils has it\n")
            #expect(try await api.requests.count == before)
        }
    }
}
