import Foundation
import Glibc
import TestSupport
import Testing

/// What programs read: JSON, as `Schema/results.schema.json` says.
extension PluginTests {
    private static let many: [FakeAPI.Node] = [
        .init("binary", .done(Data([0xe9, 0x0a]))), .init("done", .done("one\ntwo")), .init("empty", .done()),
        .init("failed", .failed(3, "no \"disk\"", log: "half\n")), .init("pull", .waiting("ErrImagePull", "no image")),
        .init("running", .running, .writes("so far\n")),
    ]

    @Test(
        "summary.json, -o json, -o jsonl and list -o json are what the schema says, whatever becomes of nodes",
        .enabled("python3 has no jsonschema", Validator.isThere))
    func schema() async throws {
        try await withEnoughTime(from: 2) { seconds in
            try await withFakeAPI(nodes: PluginTests.many) { api in
                var isEnough = true
                var documents: [(Data, String)] = []
                for format in ["json", "jsonl"] {
                    let outcome = try await api.plugin(
                        "-f", try api.manifest(probed), "-o", format, "--output-dir", format, "-t", "\(seconds)s")
                    outcome.expectStatus(124)
                    documents.append((Data(try api.read("\(format)/summary.json").utf8), "summary"))
                    if format == "json" { documents.append((outcome.stdout, "document")) }
                    if format == "jsonl" {
                        let lines = outcome.stdout.split(separator: UInt8(ascii: "\n"))
                        documents += lines.map { ($0, "line") }
                        #expect(lines.count == PluginTests.many.count + 1)
                    }
                    let states = try api.summary(format)["nodes"].list.compactMap { $0["state"].string }
                    isEnough = isEnough && states == ["done", "done", "done", "failed", "waiting", "running"]
                }
                // One that has no notes, as of another version.
                try await api.addDaemonSet("old", labels: [runLabel: "x"])
                documents.append((try await api.plugin("list", "-o", "json").stdout, "list"))
                #expect(try await Validator.flaws(in: documents) == documents.map { _ in "" })
                return isEnough
            }
        }
        // It must say no as well.
        let wrong = [(#"{"schema":1,"run":{},"nodes":[]}"#, "summary"), (#"{"node":"a"}"#, "line"), ("{}", "list")]
        #expect(try await Validator.flaws(in: wrong.map { (Data($0.utf8), $1) }).allSatisfy { $0 != "" })
    }

    @Test(
        "-o jsonl: a line for each node as soon as it is done or has failed, with what it wrote; the run's is the last")
    func jsonLines() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("one\ntwo")), .init("b", .running), .init("c", .failed(3, "no", log: "half\n")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.withPlugin("-o", "jsonl", "-f", api.manifest(probed)) { process in
                func lines() throws -> [JSON] {
                    try process.text.split(separator: "\n").map {
                        JSON(try JSONSerialization.jsonObject(with: Data($0.utf8)))
                    }
                }
                try await eventually("those that have ended are told of") { try lines().count == 2 }
                let ended = try lines().sorted { $0["node"].string ?? "" < $1["node"].string ?? "" }
                #expect(ended.map { $0["node"].string } == ["a", "c"])
                #expect(ended.map { $0["state"].string } == ["done", "failed"])
                #expect(ended.map { $0["exitCode"].number } == [0, 3])
                #expect(ended.map { $0["result"].string } == ["one\ntwo", "half\n"])
                process.send(SIGINT)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                let all = try lines()
                #expect(all.count == 4 && all[2]["node"].string == "b" && all[2]["state"].string == "running")
                #expect(all[2]["exitCode"].isThere == false && all[3].keys == ["run", "schema"])
                #expect(all[3]["run"]["verdict"].string == "stopped")
                try await api.expectDeleted()
            }
        }
    }
}

/// PyPI's and Debian's jsonschema.
private enum Validator {
    private static let python = exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3"

    static let isThere: @Sendable () async -> Bool = { await succeeds(python, "-c", "import jsonschema") }

    /// What is wrong with each of these documents; nothing where it is as the schema says of what has that name.
    static func flaws(in documents: [(document: Data, name: String)]) async throws -> [String] {
        let program = """
            import json, jsonschema, sys
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            for name, document in zip(sys.argv[2:], sys.stdin.read().split("\\0")):
                validator = jsonschema.Draft202012Validator(dict(schema, anyOf=[{"$ref": "#/$defs/" + name}]))
                errors = validator.iter_errors(json.loads(document))
                print("; ".join(f"{e.json_path}: {e.message}" for error in errors for e in error.context))
            """
        let schema = repositoryRoot + "/Schema/results.schema.json"
        let outcome = try await run(
            [python, "-c", program, schema] + documents.map(\.name),
            input: Data(documents.map(\.document).joined(separator: [0])))
        outcome.expectStatus(0)
        return outcome.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}
