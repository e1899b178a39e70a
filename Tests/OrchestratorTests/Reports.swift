import Foundation
import Glibc
@testable import RunLogic
import System
import func TestSupport.exists
import func TestSupport.names
import func TestSupport.withTemporaryDirectory
import Testing
@testable import Orchestrator

@Suite("Reports") struct ReportTests {
    private func withStore(_ logs: [String: String], _ body: @Sendable (ResultStore) throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let store = try ResultStore(named: directory + "/results")
            for (node, log) in logs { try Data(log.utf8).write(to: URL(filePath: store.file(of: node))) }
            try body(store)
        }
    }

    @Test("Of a node on which --retry started nothing stays what is known, where its task had run")
    func whatStands() async throws {
        try await withTemporaryDirectory { directory in
            let states = ["failed", "running", "unfetched", "gone", "waiting", "unreachable", "queued", "unmet"]
            let nodes = states.map { #"{"node":"\#($0)","state":"\#($0)"}"# }.joined(separator: ",")
            let summary = Data(#"{"schema":1,"run":{},"nodes":[\#(nodes)]}"#.utf8)
            try summary.write(to: URL(filePath: directory + "/summary.json"))
            let earlier = try EarlierRun(in: directory, "--retry")
            let stand = states.filter { earlier.stands(after: NodeSummary(node: $0, state: .waiting)) }
            #expect(stand == ["failed", "running", "unfetched", "gone"])
            #expect(!earlier.stands(after: NodeSummary(node: "failed", state: .waiting, hasStarted: true)))
        }
    }

    @Test("A summary that no run wrote, or that is broken or of another version, is refused")
    func foreignSummary() async throws {
        try await withTemporaryDirectory { directory in
            let (file, node) = ("\(directory)/summary.json", #"{"node":"a","state":"failed"}"#)
            for text in [
                "", "[]", #"{"schema":1}"#, #"{"schema":1,"nodes":[]}"#, #"{"schema":2,"nodes":[\#(node)]}"#,
                #"{"schema":1,"nodes":[{"node":"a"}]}"#, #"{"schema":1,"nodes":[{"node":"../a","state":"failed"}]}"#,
                #"{"schema":1,"nodes":[\#(node),3]}"#,
            ] {
                try Data(text.utf8).write(to: URL(filePath: file))
                let refusal = Refusal.usage("--retry: this is not what --output-dir writes: \(file)")
                #expect(throws: refusal, "\(text)") { try EarlierRun(in: directory, "--retry") }
            }
        }
    }

    private func done(_ nodes: some Collection<String>) -> Outcome {
        Outcome(
            verdict: .done, nodes: nodes.sorted().map { NodeSummary(node: $0, state: .done, hasOutput: true) })
    }

    @Test("Equal results are one group: the largest first, those of a size by their first node")
    func groups() async throws {
        let long = String(repeating: "x", count: 70_000)
        let logs = [
            "e": "1", "d": "2", "c": "2", "b": "3", "a": "3", "f": "", "g": long + "1", "h": long + "2",
            "i": long + "1",
        ]
        try await withStore(logs) { store in
            let groups = try Group.all(of: done(logs.keys), in: store)
            #expect(groups.map(\.nodes) == [["a", "b"], ["c", "d"], ["g", "i"], ["e"], ["f"], ["h"]])
            #expect(try Group.all(of: done([]), in: store).isEmpty)
        }
    }

    @Test("A result that is gone is told, not left out")
    func missingFile() async throws {
        try await withStore([:]) { store in
            #expect(throws: SystemError.self) { try Group.all(of: done(["a"]), in: store) }
        }
    }

    @Test("Only results that came whole stay in the folder; nobody else's files are touched")
    func keepOnly() async throws {
        try await withStore([:]) { store in
            for file in [store.part(of: "a"), store.part(of: "b"), store.part(of: "c")] {
                try Data("1".utf8).write(to: URL(filePath: file))
            }
            // Written by others while the run goes on, and one of them where a result is to be.
            for file in ["console.log", "notes.txt", "other.log.part", "c.log"] {
                try Data("2".utf8).write(to: URL(filePath: "\(store.directory)/\(file)"))
            }
            #expect(store.accept("a") == nil && store.accept("b") == nil)
            #expect(store.accept("c") == .lost("\(store.directory)/c.log is there already, and not of this run"))
            #expect(try store.result(of: "c") == Array("2".utf8))
            store.keepOnly(["a"])
            #expect(try names(in: store.directory) == ["a.log", "c.log", "console.log", "notes.txt", "other.log.part"])
        }
    }

    @Test("Results never go to the folder for sockets, which may be small and in memory; both go at the end")
    func largeFolder() async throws {
        try await withTemporaryDirectory { directory in
            let made = try WorkDirectory(environment: ["XDG_RUNTIME_DIR": directory, "TMPDIR": "/tmp"])
            #expect(made.path.hasPrefix(directory) && made.results.hasPrefix("/tmp/run-once-"))
            var status = stat()
            #expect(stat(made.results, &status) == 0 && status.st_mode & 0o777 == 0o700)
            made.remove()
            #expect(!exists(made.path) && !exists(made.results))
        }
    }

    @Test("A folder for a socket: the first of those given whose path is short enough and that can be written to")
    func workDirectory() async throws {
        try await withTemporaryDirectory { directory in
            let long = directory + "/" + String(repeating: "x", count: 76 - directory.utf8.count - 1)
            try FileManager.default.createDirectory(atPath: long, withIntermediateDirectories: false)
            for (runtime, temporary, expected) in [
                (directory, "/tmp", directory), (nil, directory, directory), ("/none", directory, directory),
                ("relative", directory, directory),
                ("", directory, directory), (long, directory, directory), (long, long, "/tmp"),
                (String(long.dropLast()), nil, "/tmp"), (nil, "relative", "/tmp"), (nil, "", "/tmp"),
            ] as [(String?, String?, String)] {
                var environment: [String: String] = [:]
                (environment["XDG_RUNTIME_DIR"], environment["TMPDIR"]) = (runtime, temporary)
                let made = try WorkDirectory(environment: environment)
                #expect(made.path.hasPrefix(expected + "/run-once-") && made.file("api").utf8.count <= 107)
                var status = stat()
                #expect(stat(made.path, &status) == 0 && status.st_mode & 0o777 == 0o700)
                made.remove()
                #expect(!exists(made.path))
            }
        }
    }
}
