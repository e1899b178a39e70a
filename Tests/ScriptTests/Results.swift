import Foundation
import TestSupport
import Testing

@Suite("Results") struct Results {
    @Test(
        "Each node's result is printed under its name, the log of the annotated container, as soon as that is ready",
        arguments: Kubectl.installed)
    func mainJob(kubectl: Kubectl) async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .running, .writes("noise\n").of("side"), .done("no newline").of("task").after(seconds: 1.5)),
            .init("b", .done("result\n").of("task"), .failed(1).of("side")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.fail(.warning(#"would violate "restricted""#), verb: "create")
            // With the newline that a block of YAML gives it.
            let manifest = try api.manifest(
                "{name: side, image: busybox}", probed,
                annotations: #"{kubectl.kubernetes.io/default-container: "task\n"}"#)
            let outcome = try await api.script("-f", manifest, kubectl: kubectl)
            outcome.expectStatus(0)
            #expect(outcome.text == "==> b <==\nresult\n==> a <==\nno newline\n")
            #expect(outcome.stderr.contains("Warning: would violate \"restricted\"\n"), "as the cluster words it")
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

    @Test("What fails for a while is tried again: a result's log, and the deletion")
    func fetchedLater() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("of a\n")), .init("b", .done("of b\n"))]) { api in
            try await api.fail(.text(500, "no route to host"), verb: "log", node: "b", times: 1)
            try await api.fail(.cut(after: 2), verb: "log", node: "b", times: 1)
            try await api.fail(
                .refused(500, "InternalError", "etcd is away"), verb: "delete", resource: "daemonsets", times: 2)
            let outcome = try await api.script()
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nof a\n==> b <==\nof b\n")
            #expect(
                outcome.said.contains { $0.contains("b (done, but its log can't be fetched: ") }, "\(outcome.stderr)")
            try await api.expectDeleted()
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
