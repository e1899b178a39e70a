import Foundation
import Glibc
import TestSupport
import Testing

/// A log, a login or a cluster that takes its time, or never comes to an end.
extension PluginTests {
    /// What a run waits for, in short.
    func limits(_ limits: [String: Double]) throws -> [String: String] {
        ["RUN_ONCE_LIMITS": String(decoding: try JSONEncoder().encode(limits), as: UTF8.self)]
    }

    private static let three: [FakeAPI.Node] = ["a", "b", "c"].map { .init($0, .running, .done("\($0)'s\n")) }

    @Test("A log that hangs holds up no other: results come as they are there, and Ctrl-C loses none of them")
    func hangingLog() async throws {
        try await withFakeAPI(nodes: PluginTests.three) { api in
            // The first that is asked for: curl can have the others wait for it.
            try await api.fail(.hanging, verb: "log", node: "a")
            let output = try OutputPipe()
            // It is not given up meanwhile, however long the others' take.
            let limits = try limits(["standstill": 600])
            try await api.withPlugin(
                "-o", "prefix", "--output-dir=out", environment: limits, output: output
            ) { process in
                var text = ""
                try await eventually("the others' results are there") {
                    text += String(decoding: try output.take() ?? Data(), as: UTF8.self)
                    return text.contains("b: b's\n") && text.contains("c: c's\n")
                }
                process.send(SIGINT)
                try await process.outcome().expectStatus(130)
                #expect(try TestSupport.names(in: api.directory + "/out") == ["b.log", "c.log", "summary.json"])
                try await api.expectDeleted()
            }
        }
    }

    @Test("A log that hangs is given up when nothing has come for a while, and told")
    func givenUp() async throws {
        try await withFakeAPI(nodes: PluginTests.three) { api in
            try await api.fail(.hanging, verb: "log", node: "b")
            let outcome = try await api.plugin(
                environment: limits(["standstill": 1, "result": 1, "resultPause": 0.1, "unreachable": 0]))
            outcome.expectStatus(1)
            #expect(outcome.text == "==> a <==\na's\n\n==> c <==\nc's\n")
            let line = "run-once: b: done, but its result can't be fetched: the log did not come whole: "
            #expect(outcome.stderr.contains(line), "\(outcome.stderr)")
        }
    }

    @Test("A log that comes slowly comes whole, also when the time is up meanwhile: what moves goes on", .waitsLong)
    func slowLog() async throws {
        let long = String(repeating: "slow\n", count: 16_000)
        try await withFakeAPI(nodes: [.init("a", .done(long))]) { api in
            try await api.fail(.slow(bytesPerSecond: 20_000), verb: "log")
            let outcome = try await api.plugin("-t", "2s", environment: limits(["standstill": 1]))
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\n" + long)
        }
    }

    @Test("A log that is not whole when the time is up and a while has passed is told: the node was done, status 1")
    func tooSlowLog() async throws {
        let long = String(repeating: "slow\n", count: 100_000)
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .done("b\n"))]) { api in
            try await api.fail(.slow(bytesPerSecond: 20_000), verb: "log", node: "a")
            try await api.withPlugin("-t", "6s", "-o", "prefix", environment: limits(["result": 1])) { process in
                try await eventually("b's result is there") { process.text == "b: b\n" }
                try await api.play(.done(long), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(outcome.text == "b: b\n" && !outcome.stderr.contains("timed out"), "\(outcome.stderr)")
                try await api.expectDeleted()
            }
        }
    }

    @Test("A login may take longer than a request, and longer than the timeout, which begins when the run is created")
    func slowLogin() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.fail(.hanging)
            let limits = try limits(["request": 1, "loginTold": 3.5])
            try await api.withPlugin("-t", "3s", environment: limits) { process in
                try await process.says("run-once: the cluster has not answered yet; kubectl may wait for a login\n")
                try await api.recover()
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nhi\n")
            }
        }
    }

    @Test(
        "A login that nobody answers in mid-run: the run ends at its timeout with what is there, and tells what is left",
        .waitsLong
    )
    func nobodyLogsIn() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .running)]) { api in
            let limits = try limits([
                "request": 0.5, "page": 0.5, "briefRequest": 0.5, "deletion": 0.5, "removal": 1,
                "result": 1,
            ])
            try await api.withPlugin("-t", "12s", "-o", "prefix", environment: limits) { process in
                try await eventually("a's result is there") { process.text == "a: hi\n" }
                try await api.fail(.hanging)
                let outcome = try await process.outcome()
                outcome.expectStatus(124)
                let line = "run-once: can't delete daemonset/cat-etc-hosts: "
                #expect(outcome.stderr.contains(line), "\(outcome.stderr)")
                #expect(outcome.stderr.contains("; to remove it:\n    kubectl delete jobs,daemonsets,pods"))
            }
        }
    }

    @Test(
        "A refusal of what was answered before may pass: 401 and 403 are tried again, and nothing is lost",
        arguments: [(401, "Unauthorized"), (403, "Forbidden")])
    func passingRefusal(code: Int, reason: String) async throws {
        try await withFakeAPI(nodes: [.init("a", .running)], proxied: true) { api in
            try await api.withPlugin(environment: limits(["resultPause": 0.1])) { process in
                try await process.says("0 of 1 node done")
                for verb in ["list", "watch", "log"] {
                    try await api.fail(.refused(code, reason, "not now"), verb: verb, resource: "pods", times: 2)
                }
                // Every watch begins anew.
                try await api.outage(true)
                try await api.outage(false)
                try await api.play(.done("hi\n"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nhi\n")
            }
        }
    }

    @Test("A refusal that follows an outage may pass, also of what was not answered before")
    func refusalAfterOutage() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            for fault in [.text(502, "EOF"), .refused(403, "Forbidden", "not now")] as [FakeAPI.Fault] {
                try await api.fail(fault, verb: "watch", resource: "pods", times: 1)
            }
            try await api.withPlugin { process in
                try await eventually("it watches again, or has ended") {
                    let watches = try await api.requests("GET", "/pods").count { $0.query["watch"] != nil }
                    return watches == 3 || !process.isRunning
                }
                try await api.play(.done("hi\n"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nhi\n")
            }
        }
    }

    @Test("A refusal that stays ends the run, though the cluster had answered before")
    func stayingRefusal() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)], proxied: true) { api in
            try await api.withPlugin(environment: limits(["passing": 1])) { process in
                try await process.says("0 of 1 node done")
                for verb in ["list", "watch"] {
                    try await api.fail(.refused(403, "No", "not any more"), verb: verb, resource: "pods")
                }
                try await api.outage(true)
                try await api.outage(false)
                let outcome = try await process.outcome()
                outcome.expectStatus(3)
                #expect(outcome.lines.contains("run-once: the cluster refused: not any more"), "\(outcome.stderr)")
            }
        }
    }

    @Test("What a watch tells and nobody can read is told, and lists tell what happens")
    func garbledWatch() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try await api.fail(.garbled, verb: "watch", resource: "pods")
            try await api.withPlugin { process in
                try await process.says("trying again: a watch tells what can't be read: {\"type\": ")
                try await api.play(.done("hi\n"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nhi\n")
            }
        }
    }

    @Test("A DaemonSet that is created after its request was lost is found, though the first list does not have it")
    func lateCreation() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.fail(.late(seconds: 1), verb: "create", resource: "daemonsets", dryRun: false, times: 1)
            let outcome = try await api.plugin()
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            try await api.expectDeleted()
        }
    }
}
