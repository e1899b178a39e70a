import Foundation
import Glibc
import TestSupport
import Testing

/// What tasks write is shown while they run.
extension PluginTests {
    @Test("-o live: each line after its node's name while the task runs, and what that lacks when it has ended")
    func live() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .running, .writes("one\ntw")), .init("b", .running, .writes("first\n")),
            .init("quick", .done("at once\nlast")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.withPlugin("-o", "live") { process in
                try await eventually("the lines are there") { process.sortedLines == ["a: one", "b: first"] + quick }
                try await api.play(.writes("one\ntwo\n\nrun-once: mine\n"), on: "a")
                try await eventually("so are those that come") {
                    process.sortedLines == ["a: ", "a: one", "a: two", "b: first"] + quick
                }
                // What looks as if the agent had said it is shown when something follows, or when it is proved.
                let says = FakeAPI.Seal {
                    $0.exitStatus = 3; $0.says = "run-once: sh: exit status 3\n"
                }
                try await api.play(.failed(3, "no", log: "first\nlast words").sealed(says), on: "b")
                try await api.play(.done("one\ntwo\n\nrun-once: mine\nend"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(outcome.of("a") == ["one", "two", "", "run-once: mine", "end"])
                #expect(outcome.of("b") == ["first", "last words"] && outcome.of("quick") == ["at once", "last"])
                try await api.expectDeleted()
            }
        }
        var quick: [String] { ["quick: at once", "quick: last"] }
    }

    @Test("-o live: no line is lost and none comes twice when the API server goes away, or a stream breaks halfway")
    func liveOutage() async throws {
        let nodes = (1...5).map { FakeAPI.Node("node-\($0)", .running, .writes(lines: 60, every: 0.1)) }
        try await withFakeAPI(nodes: nodes) { api in
            try await api.fail(.cut(after: 45), verb: "log", resource: "pods", node: "node-5")
            try await api.withPlugin("-o", "live") { process in
                try await eventually("lines are there") { process.text.contains("node-1: 5 ") }
                let before = process.text.split(separator: "\n").count
                #expect(before < 5 * 60)
                try await api.outage(true)
                try await process.says("the cluster can't be reached")
                try await api.outage(false)
                try await eventually("lines come again, before all are there") {
                    process.text.contains("node-1: 50 ")
                }
                try await api.recover()
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                for node in nodes.indices.map({ "node-\($0 + 1)" }) {
                    let numbers = outcome.of(node).map { $0.prefix { $0 != " " } }
                    #expect(numbers == (1...60).map { "\($0)" }, "\(node)")
                }
            }
        }
    }

    @Test("-o live: past what a log holds it says that it stops, and the rest is shown when it is proved")
    func liveFull() async throws {
        let full = FakeAPI.Step.writes("one\ntwo\nthree\n")
        try await withFakeAPI(nodes: [.init("a", .running, full.sealed(.init { ($0.unsealed, $0.passes) = (true, 8) }))]
        ) {
            api in
            try await api.withPlugin("-o", "live") { process in
                try await process.says("run-once: a: its log is full; the rest is shown at the end")
                #expect(process.text == "a: one\na: two\n")
                try await api.play(.done("one\ntwo\nthree\nfour\n").sealed(.init { $0.passes = 8 }), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "a: one\na: two\na: three\na: four\n")
            }
        }
    }

    @Test("-o live: more nodes than one curl follows are named, and shown when they have ended")
    func liveMany() async throws {
        let nodes = (1...303).map { FakeAPI.Node("node-\($0)", .running, .writes("so far\n")) }
        try await withFakeAPI(nodes: nodes) { api in
            try await api.withPlugin("-o", "live") { process in
                try await eventually("300 are shown") { process.text.split(separator: "\n").count == 300 }
                try await process.says("-o live follows 300 nodes; these are shown when they have ended: node-")
                try await api.play(.done("so far\nend\n"))
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text.split(separator: "\n").count == 606)
                #expect(nodes.indices.allSatisfy { outcome.of("node-\($0 + 1)") == ["so far", "end"] })
            }
        }
    }

    @Test("-o live: what is written can't act on the terminal")
    func liveOnTerminal() async throws {
        let text = "\u{1b}[2J\rred\n"
        try await withFakeAPI(nodes: [.init("a", .running, .writes(text))]) { api in
            let variables = try api.environment().map { "\($0.key)=\($0.value)" }
            try await withTerminal(shell(#"env "$@"; exit $?"#, variables + [pluginPath, "hosts", "-o", "live"])) {
                terminal, _, process in
                var shown = ""
                try await eventually("the line is there") {
                    shown += try terminal.take() ?? ""
                    return shown.contains("a: ^[[2J^Mred\r\n")
                }
                try await api.play(.done(text + text), on: "a")
                try await eventually("the end") {
                    shown += try terminal.take() ?? ""
                    return !process.isRunning
                }
                shown += try terminal.take() ?? ""
                #expect(shown.components(separatedBy: "a: ^[[2J^Mred\r\n").count == 3 && !shown.contains("\u{1b}[2J"))
            }
        }
    }
}

extension Running {
    fileprivate var sortedLines: [String] { text.split(separator: "\n").map(String.init).sorted() }
}

extension Outcome {
    /// The lines of a node.
    fileprivate func of(_ node: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("\(node): ") }.map { String($0.dropFirst(node.count + 2)) }
    }
}
