import Foundation
import Glibc
import TestSupport
import Testing

/// attach, where some nodes are started at a time.
extension PluginTests {
    @Test("Who attaches sees the queue, and that too many have failed: the same words and status as the run's")
    func attachedWhenTooManyFail() async throws {
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .running), .init("c", .running)]) { api in
            try await api.withPlugin("--parallel=1", "--max-failures=0") { run in
                let failed = try await api.firstStarted()
                try await api.withAnother("attach", "cat-etc-hosts") { look in
                    for process in [run, look] { try await process.says("0 of 3 nodes done, 1 running, 2 queued") }
                    // Nothing is deleted before both have seen the failure.
                    try await api.fail(.hanging, verb: "delete", resource: "daemonsets")
                    try await api.play(.failed(3, "no"), on: failed)
                    let seen = try await look.outcome()
                    try await api.recover()
                    let rest = ["a", "b", "c"].filter { $0 != failed }.joined(separator: ", ")
                    for outcome in [seen, try await run.outcome()] {
                        outcome.expectStatus(1)
                        #expect(
                            outcome.lines.contains(
                                """
                                run-once: 1 node failed or was not reached, which is more than --max-failures 0: \
                                no further node is started
                                """), "\(outcome.stderr)")
                        #expect(outcome.stderr.contains("not done: \(rest): not started before the run ended"))
                        #expect(outcome.stderr.contains(" --nodes a,b,c"))
                    }
                }
            }
        }
    }

    @Test("A run that was kept when too many had failed has failed for who comes later, and who only reads")
    func attachedToWhatWasKept() async throws {
        let fails = FakeAPI.Step.failed(3, "no")
        try await withFakeAPI(nodes: [.init("a", fails), .init("b", fails)]) { api in
            try await api.plugin("--parallel=1", "--max-failures=0", "--keep").expectStatus(1)
            let before = try await api.requests.count
            let outcome = try await api.plugin("attach", "cat-etc-hosts")
            outcome.expectStatus(1)
            #expect(outcome.stderr.contains("which is more than --max-failures 0: no further node is started"))
            #expect(!outcome.stderr.contains("seems to be gone"))
            #expect(outcome.lines.contains("run-once: to run it there again: --nodes a,b"))
            #expect(try await api.requests.dropFirst(before).allSatisfy { $0.method == "GET" })
        }
    }
}

extension FakeAPI {
    /// Waits until a node is started, the first one; and says which.
    fileprivate func firstStarted(sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        try await eventually("a node is started", sourceLocation: sourceLocation) { try await !startedNodes().isEmpty }
        return try #require(try await startedNodes().first, sourceLocation: sourceLocation)
    }
}
