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
                try await run.says("1 at work, 2 queued")
                try await api.withAnother("attach", "cat-etc-hosts") { look in
                    try await look.says("0 of 3 done, 0 failed, 1 at work, 2 queued")
                    let failed = try await api.startedNodes().first!
                    try await api.play(.failed(3, "no"), on: failed)
                    let rest = ["a", "b", "c"].filter { $0 != failed }
                    for process in [run, look] {
                        let outcome = try await process.outcome()
                        outcome.expectStatus(1)
                        #expect(outcome.lines.contains("""
                            run-once: 1 node failed or was not reached, which is more than --max-failures 0: \
                            no further node is started
                            """), "\(outcome.stderr)")
                        let names = rest.joined(separator: ", ")
                        #expect(outcome.stderr.contains("not done: \(names): not started before the run ended"))
                        #expect(outcome.lines.contains("run-once: to run it there again: --nodes a,b,c"))
                    }
                }
            }
        }
    }

    @Test("A node that times out while somebody looks on has timed out for both: 124")
    func attachedWhenOneTimesOut() async throws {
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .running)]) { api in
            try await api.withPlugin("--parallel=1", "--timeout=8") { run in
                try await run.says("1 at work, 1 queued")
                try await api.withAnother("attach", "cat-etc-hosts") { look in
                    try await look.says("1 at work, 1 queued")
                    let first = try await api.startedNodes().first!
                    let second = first == "a" ? "b" : "a"
                    for process in [run, look] { try await process.says("\(first): failed: timed out after 8 s") }
                    try await eventually("the next node is started") { try await api.startedNodes() == [second] }
                    try await api.play(.done("hi\n"), on: second)
                    for process in [run, look] {
                        let outcome = try await process.outcome()
                        outcome.expectStatus(124)
                        #expect(outcome.stderr.contains("nodes: 1 of 2 done, 1 failed, 0 not reached, 0 not done, "))
                        #expect(outcome.lines.contains("run-once: to run it there again: --nodes \(first)"))
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

    @Test("Nodes that wait for a turn that a killed client does not give are not started: named, and the status is 1")
    func nobodyGivesTurns() async throws {
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .running), .init("c", .running)]) { api in
            try await withProcess(
                [pluginPath, "--parallel=1"], environment: api.environment(), directory: api.directory
            ) { run in
                try await run.says("1 at work, 2 queued")
                run.send(SIGKILL)
                _ = try await run.end()
            }
            // SIGKILL leaves its folder.
            try FileManager.default.removeItem(atPath: api.temporary)
            let first = try await api.startedNodes().first!
            try await api.play(.done("hi\n"), on: first)
            let outcome = try await api.plugin("attach", "cat-etc-hosts")
            outcome.expectStatus(1)
            #expect(outcome.text == "==> \(first) <==\nhi\n")
            #expect(
                outcome.lines.contains(
                    "run-once: no node has been started for 30 s, and none is at work: "
                        + "whoever started this run seems to be gone"))
            let rest = ["a", "b", "c"].filter { $0 != first }
            #expect(outcome.lines.contains(
                "run-once: not done: \(rest.joined(separator: ", ")): not started before the run ended"))
            #expect(outcome.lines.contains("run-once: to run it there again: --nodes \(rest.joined(separator: ","))"))
        }
    }
}
