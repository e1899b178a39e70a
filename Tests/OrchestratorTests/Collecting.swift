import FoundationEssentials
import Glibc
@testable import RunLogic
import Seal
import Synchronization
import System
import TestSupport
import Testing
@testable import Orchestrator

@Suite("Results from the nodes") struct CollectingTests {
    @Test(
        "Wherever an exec breaks: what is called whole is what was written, and it is whole in the end",
        arguments: seeds)
    func anything(block: Range<Int>) async throws {
        try await withTemporaryDirectory { directory in
            for seed in block {
                var dice = Dice(seed)
                let result = dice.result(seed % 20 == 0 ? 300_000 : 3000)
                let node = Node(result, dice.seal(of: result), dice, losesBytes: dice.isLucky(20))
                let collector = Collector(limits: .init(tries: 60, leap: 1, pause: .zero)) { offset throws(NoAnswer) in
                    try node.exec(from: offset)
                }
                let path = directory + "/node.log"
                switch await collector.collect(into: path, pod: pod) {
                case .proved(let proof):
                    let isSame = try contents(path) == result
                    #expect(isSame && proof == Proof(node.seal, from: .node), "seed \(seed)")
                // Where the seal itself was not whole, nobody can know that there is one.
                case .unsealed where node.losesBytes: break
                case let other: Issue.record("seed \(seed): \(other)")
                }
            }
        }
    }

    /// A node that holds a result, and whose connections break.
    private final class Node: Sendable {
        let seal: Seal
        private let result: [UInt8]
        let losesBytes: Bool
        private let dice: Mutex<Dice>

        /// - Parameter losesBytes: some answers lack bytes in their middle, and end as if they did not.
        init(_ result: [UInt8], _ seal: Seal, _ dice: Dice, losesBytes: Bool) {
            self.result = result
            self.seal = seal
            self.losesBytes = losesBytes
            self.dice = Mutex(dice)
        }

        func exec(from offset: Int) throws(NoAnswer) -> Exec {
            let answer: [UInt8] = dice.withLock { dice in
                if dice.isLucky(10) { return Array("HTTP/1.1 502 Bad Gateway\r\n\r\nno route\n".utf8) }
                let all = stream(from: offset, &dice)
                return dice.isLucky(70) ? Array(all[..<dice.below(all.count)]) : all
            }
            do throws(CallError) {
                return Exec(output: try Descriptor.memory(answer), stop: {}) { nil }
            } catch {
                throw NoAnswer(error.description)
            }
        }

        private func stream(from offset: Int, _ dice: inout Dice) -> [UInt8] {
            var rest = (result + Array((seal.line(pod: pod) + "\n").utf8)).dropFirst(offset)
            if losesBytes && dice.isLucky(50) { rest = rest.dropFirst(dice.below(9)) }
            var bytes = Array("HTTP/1.1 101 Switching Protocols\r\n\r\n".utf8) + frame(2, [1])
            while !rest.isEmpty {
                let piece = rest.prefix([1, 10, 125, 126, 1000, 70_000][dice.below(6)])
                rest = rest.dropFirst(piece.count)
                bytes += frame(2, [1] + piece)
                if dice.isLucky(10) { bytes += frame(9, [1, 2, 3]) }
            }
            return bytes + frame(2, Array("\u{3}{\"status\":\"Success\"}".utf8)) + frame(8, [3, 0xe8])
        }
    }
}

extension CollectingTests {
    @Test("What fails on this machine is tried again, as it may pass: too many open files, a full disk")
    func local() async {
        let collector = Collector(limits: .init()) { _ throws(NoAnswer) in throw NoAnswer("not asked") }
        guard case .failed(let why) = await collector.collect(into: "/none/a.log", pod: "uid") else {
            Issue.record("it is given up")
            return
        }
        #expect(why.hasPrefix("open /none/a.log: "))
    }

    @Test("Transfers wait for a slot, whoever asked for them, and none is forgotten")
    func slots() async {
        let slots = Slots(3)
        struct Counts { var now = 0, most = 0, all = 0 }
        let counts = Mutex(Counts())
        await each(Array(1...50), atOnce: 50) { _ in
            await slots.take {
                counts.withLock { counts in
                    (counts.now, counts.all) = (counts.now + 1, counts.all + 1)
                    counts.most = max(counts.most, counts.now)
                }
                for _ in 1...10 { await Task.yield() }
                counts.withLock { $0.now -= 1 }
            }
        }
        #expect(counts.withLock { [$0.now, $0.most, $0.all] } == [0, 3, 50])
    }
}

@Suite("Results from the nodes, by curl and kubectl", .enabled(if: hasKubectl, "kubectl is not installed"))
struct CollectingByCurlTests {
    private static let limits = Collector.Limits(patience: .seconds(5), tries: 3, pause: .zero)

    /// Collects from all pods of a DaemonSet whose task has ended.
    ///
    /// - Returns: what came of each, and what the files hold, by node.
    private func collect(
        _ nodes: [FakeAPI.Node], limits: Collector.Limits = limits, container: String = "task",
        _ prepare: (FakeAPI) async throws -> Void = { _ in }
    ) async throws -> [String: (outcome: Fetched.Outcome, file: [UInt8])] {
        try await withFakeAPI(nodes: nodes) { api in
            try await api.addDaemonSet("task")
            struct List: Decodable { let items: [Item] }
            struct Item: Decodable { let metadata: Metadata, spec: Spec, status: Status }
            struct Metadata: Decodable { let name, uid: String }
            struct Spec: Decodable { let nodeName: String? }
            struct Status: Decodable { let phase: String }
            var pods: [Item] = []
            try await eventually("the tasks have ended") {
                let list = try await api.request("GET", "api/v1/namespaces/default/pods")
                pods = try JSONDecoder().decode(List.self, from: list).items
                return pods.count == nodes.count && pods.allSatisfy { $0.status.phase == "Running" }
            }
            try await prepare(api)
            let requests = pods.map { pod in
                LogRequest(
                    node: pod.spec.nodeName ?? "", pod: pod.metadata.name, podUID: pod.metadata.uid,
                    source: LogSource())
            }
            let file: @Sendable (String) -> String = { "\(api.directory)/\($0).log" }
            let outcomes = Mutex<[String: Fetched.Outcome]>([:])
            try await withCluster(kubeconfig: api.kubeconfig, socketIn: api.directory) { cluster in
                await cluster.collect(
                    requests, container: container, command: ["/run-once", "--result"], limits: limits,
                    slots: Slots(16), file: file
                ) { request, outcome in outcomes.withLock { $0[request.node] = outcome } }
            }
            var all: [String: (Fetched.Outcome, [UInt8])] = [:]
            for (node, outcome) in outcomes.withLock({ $0 }) { all[node] = (outcome, try contents(file(node))) }
            #expect(all.count == nodes.count)
            return all
        }
    }

    @Test("Many results come at once, each whole, whatever its bytes")
    func whole() async throws {
        let results = ["a": binary(300_000), "b": Data(), "c": Data("no newline".utf8), "d": Data("a\r\nb\n".utf8)]
        let nodes = results.map { FakeAPI.Node($0.key, .done($0.value).sealed(.init { $0.exitStatus = 3 })) }
        let collected = try await collect(nodes)
        for (node, result) in results {
            let (outcome, file) = try #require(collected[node])
            guard case .proved(let proof) = outcome else { Issue.record("\(node): \(outcome)"); continue }
            let isSame = file == Array(result)
            #expect(isSame && proof.exitStatus == 3, "\(node)")
        }
    }

    @Test("Cut, cut off without an answer, or standing still: it goes on behind the last byte")
    func resumed() async throws {
        let result = binary(400_000)
        let collected = try await collect(
            [.init("a", .done(result).sealed())],
            limits: .init(
                patience: .seconds(1), tries: 3, leap: 1000, pause: .zero)
        ) { api in
            try await api.fail(.cut(after: 150_000), verb: "exec", times: 1)
            try await api.fail(.dropped(performed: false), verb: "exec", times: 1)
            try await api.fail(.stalled(after: 100_001), verb: "exec", times: 1)
            try await api.fail(.text(502, "no route to host\n"), verb: "exec", times: 1)
        }
        let (outcome, file) = try #require(collected["a"])
        guard case .proved = outcome else { Issue.record("\(outcome)"); return }
        let isSame = file == Array(result)
        #expect(isSame)
    }

    @Test("What can't come says why: no right, no such pod, nobody there, other bytes, a task that has not ended")
    func reasons() async throws {
        func outcome(
            _ step: FakeAPI.Step = .done("x\n").sealed(), _ fault: FakeAPI.Fault? = nil
        ) async throws -> Fetched.Outcome? {
            try await collect([.init("a", step)]) { api in
                if let fault { try await api.fail(fault, verb: "exec") }
            }["a"]?.outcome
        }
        let forbidden = #"pods "x" is forbidden: User "me" cannot create resource "pods/exec""#
        #expect(
            try await outcome(.done("x\n").sealed(), .refused(403, "Forbidden", forbidden))
                == .lost(
                    forbidden + ": to take a result from its node, the rights to get and create pods/exec are needed"))
        #expect(
            try await outcome(.done("x\n").sealed(), .refused(404, "NotFound", #"pods "x" not found"#))
                == .lost(#"pods "x" not found"#))
        #expect(
            try await outcome(.done("x\n").sealed(), .text(502, "no route to host\n")) == .failed("no route to host"))
        #expect(try await outcome(.done("x\n")) == .failed("run-once: /run-once: no result"))
        guard case .sealed = try await outcome(.done("x\n").sealed(.init { $0.corrupt = true })) else {
            Issue.record("what does not fit its seal is no result")
            return
        }
        #expect(try await outcome(.done("so far\n").sealed(.init { $0.unsealed = true })) == .unsealed)
    }
}
