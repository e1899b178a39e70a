import TestSupport
import Testing

@Suite("Failures") struct Failures {
    @Test(
        "A failed node is named with reason, exit code and log while the others run, and does not hold them up",
        arguments: Kubectl.installed)
    func atOnce(kubectl: Kubectl) async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .failed(3, "no disk", log: "first | line\nno disk")),
            .init("b", .running, .done("result\n").after(seconds: 1.5)),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            let outcome = try await api.script(kubectl: kubectl)
            outcome.expectStatus(1)
            #expect(outcome.text == "==> b <==\nresult\n")
            #expect(
                outcome.stderr.contains(
                    "run-once-daemonset: a: failed: Error, exit code 3\n==> a <==\nfirst | line\nno disk\n"))
            #expect(outcome.said.filter { $0.hasPrefix("a: failed") }.count == 1)
            #expect(outcome.said.contains("waiting: b Running"), "after a has failed: \(outcome.stderr)")
            #expect(outcome.said.last == "not done: a")
            try await api.expectDeleted()
        }
    }

    @Test(
        "Whatever ends a container fails its node, with the reason: status 0, no memory, no start, eviction, a restart"
    )
    func reasons() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .failed(5, restarted: false)), .init("b", .failed(0)),
            .init("c", .failed(137, reason: "OOMKilled")),
            .init("d", .failed(128, "exec: \"/none\": no such file", reason: "StartError")),
            .init("e", .running, .evicted("low on memory"), then: [.running]),
            .init("f", .rejected("OutOfcpu", "no room"), then: [.running]),
            .init("g", .failed(1, log: "half a result\n"), .done("whole\n")),
        ]
        try await withFakeAPI(nodes: nodes, settings: .init { $0.replaceSeconds = 1000 }) { api in
            let outcome = try await api.withScript { process in
                try await process.says("==> e <==\nlow on memory\n")
                try await process.says("==> f <==\nno room\n")
                for node in ["e", "f"] { try await api.play(.deleted, on: node) }  // and the controller makes others
                return try await process.outcome()
            }
            outcome.expectStatus(1)
            #expect(outcome.text == "")
            for line in [
                "a: failed: Error, exit code 5", "b: failed: Completed, exit code 0",
                "c: failed: OOMKilled, exit code 137",
                "d: failed: StartError, exit code 128", "e: failed: Evicted", "f: failed: OutOfcpu",
                "g: failed: Error, exit code 1", "not done: a b c d e f g",
            ] {
                #expect(outcome.said.contains(line), "\(line) in \(outcome.stderr)")
            }
            #expect(outcome.stderr.contains("==> d <==\nexec: \"/none\": no such file\n"), "where there is no log")
            #expect(outcome.stderr.contains("==> g <==\nhalf a result\n"), "it is ready now, as the task ran twice")
        }
    }

    @Test("A failed container that is restarted before its log is fetched: what is shown is what the task said")
    func restartedMeanwhile() async throws {
        try await withFakeAPI(nodes: [.init("a", .failed(1, log: "no disk\n", restarted: false))]) { api in
            try await api.fail(.hanging, verb: "log", times: 1)
            try await api.withScript { process in
                try await eventually("it fetches") { try await api.requests("GET", "/log").count == 1 }
                try await api.play(.failed(1), on: "a")
                try await api.recover()
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(outcome.stderr.contains("a: failed: Error, exit code 1\n==> a <==\nno disk\n"))
            }
        }
    }

    @Test("Done is final: a restart, a lost node or a deleted pod takes nothing back")
    func doneIsFinal() async throws {
        try await withFakeAPI(nodes: [
            .init("a", .done("of a\n"), then: [.running]), .init("b", .done("of b\n")), .init("c", .running),
        ]) { api in
            try await api.withScript { process in
                try await eventually("two are done") { process.text == "==> a <==\nof a\n==> b <==\nof b\n" }
                try await api.play(.deleted, on: "a")
                try await api.play(.failed(9), on: "b")
                try await api.eventuallyHasPods(3)
                try await api.play(.done("of c\n"), on: "c")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nof a\n==> b <==\nof b\n==> c <==\nof c\n")
            }
        }
    }
}
