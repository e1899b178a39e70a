import Foundation
import Glibc
import TestSupport
import Testing

/// What tasks wrote that failed, or did not end.
extension PluginTests {
    @Test("After the results comes what did not end, then what failed: together what wrote the same and ended alike")
    func failuresLast() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("fine\n")), .init("b", .running, .failed(3, "no disk", log: "no disk\n")),
            .init("c", .running, .failed(3, "no disk", log: "no disk\n")), .init("d", .running, .writes("half a li")),
            .init("e", .running, .failed(3, "no disk", log: "more\nno disk\n")),
            .init("f", .running, .failed(137, reason: "OOMKilled")), .init("g", .running),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.withPlugin("--output-dir", "out") { process in
                try await process.says("1 of 7 nodes done, 4 failed, 2 running")
                process.send(SIGINT)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                #expect(
                    outcome.text == """
                        ==> a <==
                        fine

                        ==> d (unfinished: stopped) <==
                        half a li

                        ==> b, c (failed: exit code 3) <==
                        no disk

                        ==> e (failed: exit code 3) <==
                        more
                        no disk

                        ==> f (failed: exit code 137, OOMKilled) <==

                        """)
                #expect(try api.read("out/d.log") == "half a li")
                #expect(try api.summary("out")["nodes"].list.map { $0["partial"].number } == [0, 0, 0, 1, 0, 1, 1])
                try await api.expectDeleted()
            }
        }
    }

    @Test(
        "Of a result that was cut, the bytes that were kept are shown after what is whole, with the reason",
        arguments: [
            ("groups", "==> a <==\nfine\n\n\(cut)01234\n"), ("prefix", "a: fine\nb: 01234\n"),
            (
                "diff",
                "==> a <==\nfine\n\n\(cut)--- a\n+++ b\n@@ -1 +1 @@\n-fine\n+01234\n\\ No newline at end of file\n"
            ),
        ])
    func cutResult(format: String, text: String) async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("fine\n")), .init("b", .done("0123456789").sealed(.init { $0.kept = 5 })),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            let outcome = try await api.plugin("-o", format)
            outcome.expectStatus(1)
            #expect(outcome.text == text, "\(outcome.stderr)")
        }
    }

    private static let cut = "==> b (only 5 of 10 bytes of it were kept on the node) <==\n"

    @Test("A signal waits some seconds for what was written, and no more; another one ends that")
    func stoppingIsBounded() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("fine\n")), .init("b", .running, .writes("half\n"))]) { api in
            try await api.fail(.stalled(after: 0), verb: "log", node: "b")
            try await api.withPlugin { process in
                try await process.says("1 of 2 nodes done")
                process.send(SIGTERM)
                try await process.says("run-once: stopping: ")
                process.send(SIGTERM)
                let outcome = try await process.outcome()
                outcome.expectStatus(143)
                #expect(outcome.text == "==> a <==\nfine\n")
                try await api.expectDeleted()
            }
        }
    }

    @Test("-o raw: the bytes that one node wrote and nothing else, where it failed too; more nodes are refused before")
    func raw() async throws {
        let bytes = Data([0, 0xff, 0x0d, 0x0a, 0x61])
        let nodes: [FakeAPI.Node] = [.init("a", .done(bytes)), .init("b", .running, .failed(3, "no", log: "no"))]
        try await withFakeAPI(nodes: nodes) { api in
            for selection in [[], ["--nodes", "a,b"], ["--exclude", "b"]] {
                let outcome = try await api.plugin(["-o", "raw"] + selection)
                outcome.expectStatus(2)
                #expect(
                    outcome.stderr == "error: -o raw prints one node's result: say which node's with --nodes NODE\n")
            }
            #expect(try await api.requests.isEmpty)
            let done = try await api.plugin("-o", "raw", "--nodes", "a")
            done.expectStatus(0)
            #expect(done.stdout == bytes)
            let failed = try await api.plugin("-o", "raw", "--nodes", "b", "-q")
            failed.expectStatus(1)
            #expect(failed.text == "no")
        }
    }
}
