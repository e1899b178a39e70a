import Foundation
import TestSupport
import Testing

extension PluginTests {
    @Test("So many nodes at a time: the others are started by a patch each, when one has ended, and all results come")
    func parallel() async throws {
        try await withFakeAPI(nodes: ["a", "b", "c", "d", "e"]) { api in
            try await api.withPlugin("--parallel", "2") { process in
                let progress = "0 of 5 nodes done, 2 starting, 3 queued\n"
                try await process.says(progress)
                var ended: Set<String> = []
                while ended.count < 5 {
                    try await eventually("as many are started as may be, and the others wait") {
                        try await Task.sleep(for: .milliseconds(50))
                        let started = try await api.startedNodes()
                        #expect(started.subtracting(ended).count <= 2, "\(started) were started, \(ended) have ended")
                        return started.count == min(5, ended.count + 2)
                    }
                    let next = try #require(try await api.startedNodes().subtracting(ended).sorted().first)
                    try await api.play(.done("\(next)\n"), on: next)
                    ended.insert(next)
                }
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                for node in ["a", "b", "c", "d", "e"] { #expect(outcome.text.contains("==> \(node) <==\n\(node)\n")) }
                let patches = try await api.patches
                let type = "application/strategic-merge-patch+json"
                #expect(patches.count == 5 && patches.allSatisfy { $0.headers["Content-Type"] == type })
                // No other gate is taken away.
                let body = #"{"spec":{"schedulingGates":[{"$patch":"delete","name":"run-once/turn"}]}}"#
                #expect(patches.allSatisfy { $0.body == body })
                try await api.expectDeleted()
            }
        }
    }

    @Test(
        "A patch whose answer is lost is made again where the gate is still there: no node is lost, none is too many")
    func lostPatch() async throws {
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .running)]) { api in
            for performed in [true, false] {
                try await api.fail(.dropped(performed: performed), verb: "patch", resource: "pods", times: 1)
            }
            try await api.withPlugin("--parallel=1") { process in
                for count in 1...2 {
                    try await eventually("a node is started") { try await api.startedNodes().count == count }
                    let node = try await api.startedNodes().sorted { a, _ in a == "b" }
                    for one in node { try await api.play(.done("done\n"), on: one) }
                }
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a, b <==\ndone\n")
                #expect(try await api.patches.count > 2)
            }
        }
    }

    @Test("Without the right to patch pods the run ends with status 3 and the right that it takes; nothing is left")
    func noRightToPatch() async throws {
        try await withFakeAPI(nodes: ["a", "b"]) { api in
            try await api.fail(
                .refused(403, "Forbidden", "pods \"x\" is forbidden: User \"me\" cannot patch resource \"pods\""),
                verb: "patch", resource: "pods")
            let outcome = try await api.plugin("--parallel", "1")
            outcome.expectStatus(3)
            #expect(
                outcome.lines.contains(
                    """
                    run-once: the cluster refused: pods "x" is forbidden: User "me" cannot patch resource "pods"; \
                    --parallel takes the right to patch pods
                    """), "\(outcome.stderr)")
            #expect(try await api.startedNodes().isEmpty)
            try await api.expectDeleted()
        }
    }

    @Test("A cluster that does not know gates, whether it says so or not: status 2, one line, and nothing is created")
    func tooOld() async throws {
        let message = """
            error: --parallel takes Kubernetes 1.27 or later: this cluster does not know pods that wait for their turn\n
            """
        try await withFakeAPI(nodes: ["a"], settings: .init { $0.gates = false }) { api in
            let outcome = try await api.plugin("--parallel=50%")
            outcome.expectStatus(2)
            #expect(outcome.stderr == message)
            #expect(try await api.requests("POST", "/jobs").isEmpty)
            #expect(try await api.created("daemonsets").count == 0)
        }
        try await withFakeAPI(nodes: ["a"]) { api in
            let words = #"strict decoding error: unknown field "spec.template.spec.schedulingGates""#
            try await api.fail(.refused(400, "BadRequest", words), verb: "create", resource: "daemonsets", dryRun: true)
            let outcome = try await api.plugin("--parallel=50%")
            outcome.expectStatus(2)
            #expect(outcome.stderr == message)
        }
        try await withFakeAPI(nodes: ["a"]) { api in
            let words = "admission webhook \"w\" does not support dry run"
            try await api.fail(.refused(400, "BadRequest", words), verb: "create", resource: "daemonsets", dryRun: true)
            let outcome = try await api.plugin("--parallel=50%")
            outcome.expectStatus(3)
            #expect(outcome.stderr.contains(words) && outcome.lines.count == 1)
            #expect(try await api.created("daemonsets").count == 0)
        }
    }

    @Test(
        "When more fail than may, no further node is started and the rest is named; the Job lasts for twice the nodes")
    func maxFailures() async throws {
        let fails = FakeAPI.Step.failed(3, "no")
        let nodes = ["a", "b", "c", "d"].map { FakeAPI.Node($0, fails) }
        try await withFakeAPI(nodes: nodes) { api in
            let outcome = try await api.plugin("--parallel=1", "--max-failures=1", "--output-dir=out")
            outcome.expectStatus(1)
            let states = try (0..<4).map { try api.summary("out")["nodes"][$0]["state"].string ?? "" }
            #expect(states.sorted() == ["failed", "failed", "queued", "queued"])
            #expect(
                outcome.stderr.contains(
                    """
                    run-once: 2 nodes failed or were not reached, which is more than --max-failures 1: \
                    no further node is started
                    """), "\(outcome.stderr)")
            let recap = "0 of 4 nodes done, 2 failed, 2 not started, in "
            #expect(outcome.stderr.contains(recap))
            #expect(
                outcome.lastCommand
                    == "kubectl run-once hosts --retry out --name cat-etc-hosts --parallel 1 --max-failures 1")
            #expect(try await api.patches.count == 2)
            let time = 8 * (300 + 5 + 30) + 60
            let job = try await api.created("jobs")[0]
            #expect(job["spec"]["activeDeadlineSeconds"].number == time + 120)
            let notes = try await api.created("daemonsets")[0]["metadata"]["annotations"]
            let expected = ["timeout": "\(time)", "node-timeout": "300", "parallel": "1", "max-failures": "1"]
            for (name, text) in expected { #expect(notes["run-once-daemonset/\(name)"].string == text) }
            // Another run may have been given its name meanwhile: what it notes is for its own DaemonSet.
            let noted = try await api.requests.filter { $0.method == "PATCH" && $0.path.contains("/daemonsets/") }
            #expect(!noted.isEmpty && noted.allSatisfy { $0.body.contains(#""uid":""#) }, "\(noted)")
        }
    }

    @Test(
        "Each node has the timeout from its start; its pod is deleted, what it wrote is kept, the others go on: 124",
        .waitsLong)
    func timeoutOfSome() async throws {
        let slow = [FakeAPI.Step.running, .writes("half\n")]
        let nodes: [FakeAPI.Node] = [
            .init("a", slow[0], slow[1]), .init("b", slow[0], slow[1]), .init("c", .done("c\n").after(seconds: 0.2)),
        ]
        try await withEnoughTime(from: 4) { seconds in
            try await withFakeAPI(nodes: nodes) { api in
                let outcome = try await api.plugin("--parallel=1", "--timeout=\(seconds)", "--output-dir=out")
                guard outcome.results == "==> c <==\nc\n", exists("\(api.directory)/out/a.log"),
                    exists("\(api.directory)/out/b.log")
                else { return false }
                outcome.expectStatus(124)
                #expect(outcome.text.hasSuffix("\n\n==> a, b (failed: timed out after \(seconds) s) <==\nhalf\n"))
                for (index, node) in ["a", "b"].enumerated() {
                    let line = "run-once: \(node): failed: timed out after \(seconds) s"
                    #expect(outcome.lines.contains(line), "\(outcome.stderr)")
                    let told = try api.summary("out")["nodes"][index]
                    #expect(told["state"].string == "failed" && "\(told["partial"])" == "1")
                    #expect(try api.read("out/\(node).log") == "half\n")
                }
                // Of the last one the end of the run takes care.
                let deleted = try await api.requests.filter { $0.method == "DELETE" && $0.path.contains("/pods/") }
                #expect((1...2).contains(deleted.count), "\(deleted)")
                #expect(deleted.first?.body.contains("\"uid\"") == true)
                #expect(try await api.patches.count == 3)
                return true
            }
        }
    }
}

extension FakeAPI {
    /// The pods that are there.
    fileprivate var pods: [JSON] {
        get async throws {
            let answer = try await request("GET", "api/v1/namespaces/default/pods")
            let list = try JSON(JSONSerialization.jsonObject(with: answer))
            return (0..<list["items"].count).map { list["items"][$0] }
        }
    }

    /// The nodes whose pods wait for nobody any more.
    func startedNodes() async throws -> Set<String> {
        let started = try await pods.filter { $0["spec"]["schedulingGates"].count == 0 }
        return Set(started.compactMap { $0["spec"]["nodeName"].string })
    }

    /// The requests that let pods start.
    fileprivate var patches: [Request] {
        get async throws { try await requests.filter { $0.method == "PATCH" && $0.path.contains("/pods/") } }
    }
}
