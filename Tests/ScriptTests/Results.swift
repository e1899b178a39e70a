import Foundation
import TestSupport
import Testing

@Suite("Results") struct Results {
    @Test("Each node's result is printed under its name, and everything is deleted", arguments: Kubectl.installed)
    func mainJob(kubectl: Kubectl) async throws {
        let nodes: [FakeAPI.Node] = [
            .init("node-1", .running, .done("10.0.0.1 node-1\n").after(seconds: 0.2)),
            .init("node-2", .running, .done("10.0.0.2 node-2\n").after(seconds: 0.1)),
            .init("node-3", .running, .done("no newline").after(seconds: 1.5)),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            let outcome = try await api.script(kubectl: kubectl)
            outcome.expectStatus(0)
            let results = ["node-1": "10.0.0.1 node-1", "node-2": "10.0.0.2 node-2", "node-3": "no newline"]
            #expect(outcome.text.hasSuffix("\n"))
            for (node, result) in results { #expect(outcome.text.contains("==> \(node) <==\n\(result)\n")) }
            #expect(outcome.text.split(separator: "\n").count == 6)
            #expect(outcome.text.hasSuffix("==> node-3 <==\nno newline\n"), "the last one")
            try await api.expectDeleted()
        }
    }

    @Test("Results of one moment come by the names of their nodes, each from a line of its own, to the byte")
    func bytes() async throws {
        let binary = Data((0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }) + [0]
        try await withFakeAPI(nodes: ["c", "b", "a", "d"]) { api in
            try await api.withScript { process in
                try await api.eventuallyHasPods(4)
                // Those that are there at one look are printed together.
                try await api.fail(.hanging, verb: "list", resource: "pods")
                try await api.play(.done(binary), on: "a")
                try await api.play(.done(""), on: "b")
                try await api.play(.done("\n\nno newline"), on: "c")
                try await api.play(.done("last\n"), on: "d")
                try await api.recover()
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(
                    outcome.stdout == Data("==> a <==\n".utf8) + binary
                        + Data("\n==> b <==\n\n==> c <==\n\n\nno newline\n==> d <==\nlast\n".utf8))
            }
        }
    }

    @Test("A result that can't be fetched at first is tried for again")
    func fetchedLater() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("of a\n")), .init("b", .done("of b\n"))]) { api in
            try await api.fail(.text(500, "no route to host"), verb: "log", node: "b", times: 1)
            try await api.fail(.cut(after: 2), verb: "log", node: "b", times: 1)
            let outcome = try await api.script()
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nof a\n==> b <==\nof b\n")
            #expect(
                outcome.said.contains { $0.contains("b (done, but its log can't be fetched: ") }, "\(outcome.stderr)")
        }
    }

    @Test("A result that can't be fetched is said, is no success, and is not shown in part")
    func neverFetched() async throws {
        try await withEnoughTime(from: 3) { seconds in
            try await withFakeAPI(nodes: [.init("a", .done("of a\n")), .init("b", .done("of b\n"))]) { api in
                try await api.fail(.cut(after: 2), verb: "log", node: "b")
                let outcome = try await api.script("-t", "\(seconds)")
                guard outcome.text == "==> a <==\nof a\n" else { return false }
                outcome.expectStatus(124)
                let told = outcome.said.contains { $0.contains("b (done, but its log can't be fetched: ") }
                #expect(told, "\(outcome.stderr)")
                #expect(outcome.said.last == "timed out after \(seconds) s; not done: b")
                try await api.expectDeleted()
                return true
            }
        }
    }

    @Test("A container that is restarted between Ready and the fetch does not pass its empty log off as the result")
    func restartedMeanwhile() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("result\n"))]) { api in
            try await api.fail(.hanging, verb: "log", times: 1)
            try await api.withScript { process in
                try await eventually("it fetches") { try await api.requests("GET", "/log").count == 1 }
                try await api.play(.failed(1), .done(""), on: "a")
                try await api.recover()
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(outcome.text == "")
                #expect(outcome.stderr.contains("a: failed: Error, exit code 1\n==> a <==\nresult\n"))
            }
        }
    }
}

extension FakeAPI {
    /// Waits until there are so many pods.
    func eventuallyHasPods(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("there are \(count) pods", sourceLocation: sourceLocation) {
            try await names(of: "pods").count == count
        }
    }
}
