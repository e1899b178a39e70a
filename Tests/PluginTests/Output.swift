import Foundation
import TestSupport
import Testing

extension PluginTests {
    @Test("-o prefix: each line after its node's name, as soon as that node is done, while others are at work")
    func prefix() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("one\n\nlast")), .init("b", .running), .init("c", .failed(1, "no", log: "half\n")),
            .init("d", .done("")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.withPlugin("--output", "prefix") { process in
                try await eventually("a's result is there") { process.text == "a: one\na: \na: last\n" }
                try await api.play(.done(Data([0x00, 0xff, 0x0a])), on: "b")
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(outcome.stdout == Data("a: one\na: \na: last\nb: ".utf8) + Data([0x00, 0xff, 0x0a]))
                try await api.expectDeleted()
            }
        }
    }

    @Test("-o prefix: a reader that does not read holds up neither the run nor its removal; one that left is told")
    func prefixReader() async throws {
        let long = String(repeating: "a long result\n", count: 20_000)
        try await withFakeAPI(nodes: [.init("a", .done(long)), .init("b", .running)]) { api in
            let output = try OutputPipe()
            try await api.withPlugin("-o", "prefix", output: output) { process in
                try await eventually("a result comes") { output.available > 0 }
                try await api.play(.done("short\n"), on: "b")
                try await eventually("the pods are deleted") { try await api.names(of: "pods").isEmpty }
                output.close()
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                let told = outcome.lines.filter { $0.contains("results could not be written to standard output") }
                #expect(told.count == 1)
            }
        }
    }

    @Test("-o json: one document with what became of each node and what it wrote, to the byte; jq reads it")
    func json() async throws {
        let long = Data((0..<100_000).map { "line \($0)\n" }.joined().utf8)
        let texts: [String: Data] = [
            "long": long, "nul": Data([0x61, 0, 0x0a]), "quotes": Data(#"say "\ü" \u0041 </a>"#.utf8 + [0x1b, 0x7f]),
            "empty": Data(), "latin": Data([0xe9, 0x0a]), "cut": Data([0x61, 0xe2, 0x82]),
            "surrogate": Data([0xed, 0xa0, 0x80]), "separator": Data("\u{2028}\u{feff}😀".utf8),
        ]
        let binary: Set = ["latin", "cut", "surrogate"]
        let failed = FakeAPI.Node("failed", .failed(3, "no", log: "half"))
        try await withFakeAPI(nodes: texts.map { .init($0.key, .done($0.value)) } + [failed]) { api in
            let outcome = try await api.plugin("-o", "json")
            outcome.expectStatus(1)
            let read = try await run(["jq", "-c", "."], input: outcome.stdout)
            read.expectStatus(0)
            for printed in [outcome.stdout, read.stdout] {
                let document = try JSON(JSONSerialization.jsonObject(with: printed))
                #expect(document["schema"].number == 1 && document["run"]["verdict"].string == "failed")
                let each = document["nodes"].list.map { ($0["node"].string ?? "", $0) }
                let nodes = Dictionary(uniqueKeysWithValues: each)
                #expect(Set(nodes.keys) == Set(texts.keys).union(["failed"]))
                for (name, text) in texts {
                    let node = try #require(nodes[name])
                    #expect(node["state"].string == "done")
                    if binary.contains(name) {
                        #expect(Data(base64Encoded: node["resultBase64"].string ?? "?") == text, "\(name)")
                        #expect(node["result"].value == nil)
                    } else {
                        #expect(node["result"].string.map { Data($0.utf8) } == text, "\(name)")
                    }
                }
                #expect(nodes["failed"]?["state"].string == "failed" && nodes["failed"]?["result"].string == "half")
                #expect(nodes["failed"]?["exitCode"].number == 3)
            }
        }
    }

    @Test("-o json: what has no output is null, and the document is whole though the time is up")
    func jsonTimedOut() async throws {
        let nodes: [FakeAPI.Node] = [.init("a", .waiting("ContainerCreating")), .init("b", .running)]
        try await withEnoughTime(from: 2) { seconds in
            try await withFakeAPI(nodes: nodes) { api in
                let outcome = try await api.plugin("-o", "json", "-t", "\(seconds)s")
                outcome.expectStatus(124)
                let filter = ".nodes[] | [.node, .state, .result] | tostring"
                let read = try await run(["jq", "-r", filter], input: outcome.stdout)
                read.expectStatus(0)
                return read.text == #"["a","waiting",null]"# + "\n" + #"["b","running",""]"# + "\n"
            }
        }
    }

    @Test("--color=always: headers and failures, and nothing else, also to a file")
    func color() async throws {
        let nodes: [FakeAPI.Node] = [.init("a", .done("hi\n")), .init("b", .failed(1, "no"))]
        func outcome(_ arguments: String..., noColor: String = "") async throws -> Outcome {
            try await withFakeAPI(nodes: nodes) { api in
                try await api.plugin(arguments, environment: ["NO_COLOR": noColor, "TERM": "xterm"])
            }
        }
        let colored = try await outcome("--color=always", noColor: "1")
        #expect(
            colored.text == "\u{1b}[1m==> a <==\u{1b}[0m\nhi\n\n"
                + "\u{1b}[31m==> b (failed: exit code 1, no) <==\u{1b}[0m\n")
        let lines = colored.lines.filter { $0.contains("\u{1b}") }
        #expect(lines == ["\u{1b}[31mrun-once: b: failed with exit code 1: no\u{1b}[0m"])
        let prefix = try await outcome("--color", "always", "-o", "prefix")
        #expect(prefix.text == "a: hi\n")
    }
}
