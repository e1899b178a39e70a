@testable import RunLogic
import Testing

/// What a node can be: a closed table.
@Suite("What a node can be") struct NodeTable {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let state: NodeState
        let reason: String
        let happens: @Sendable (inout Story) -> Void

        init(
            _ shows: String, _ state: NodeState, _ reason: String = "",
            _ happens: @escaping @Sendable (inout Story) -> Void
        ) {
            (testDescription, self.state, self.reason, self.happens) = (shows, state, reason, happens)
        }
    }

    @Test(
        "Of what its pod shows",
        arguments: [
            Row("it has a gate of ours", .queued) { $0.at(1, .pod(gated("a"))) },
            Row("it is ready, and its result is sealed", .done) { $0.at(1, .pod(done("a"))) },
            Row("it is done, and its node is lost later", .done) {
                $0.at(1, .pod(done("a")), .nodesNotReady(["a"]), .pod(running("a")))
            },
            Row("it ended by itself with a status other than 0", .failed, "no") {
                $0.at(1, .pod(failing("a", 3, "no")))
            },
            Row("it was started again, and its log has its seal", .done) {
                $0.outcomes["a"] = .proved(proof())
                $0.at(1, .pod(failed("a", 255)))
            },
            Row("it was started again, and has none", .failed, "it was interrupted, and its result has no seal") {
                $0.outcomes["a"] = .unsealed
                $0.at(1, .pod(failed("a", 255)))
            },
            Row("the pod failed as a whole after the task had started", .failed, "Evicted: low") {
                $0.at(1, .pod(running("a")), .pod(evicted("a", "low")))
            },
            Row("it was rejected before that", .waiting, "OutOfcpu: not enough cpu") { $0.at(1, .pod(rejected("a"))) },
            Row("a container can't be started", .waiting, "ErrImagePull: no") {
                $0.at(1, .pod(stuck("a", "ErrImagePull", "no")))
            },
            Row("no waiting mends it", .failed, "InvalidImageName: no") {
                $0.at(1, .pod(stuck("a", "InvalidImageName", "no")))
            },
            Row("its node is not ready, and the task had not started", .unreachable, "the node is not ready") {
                $0.at(1, .pod(starting("a")), .nodesNotReady(["a"]))
            },
            Row("its node is not ready, and the task had started", .unreachable, "the node is not ready") {
                $0.at(1, .pod(running("a")), .nodesNotReady(["a"]))
            },
            Row("the pod was deleted before it was done", .gone, "its pod was deleted before its task was done") {
                $0.at(1, .pod(running("a").leaving))
            },
            Row("another one shows", .waiting) {
                $0.at(1, .pod(running("a").leaving), .pod(starting("a", uid: "new")))
            },
        ])
    func row(row: Row) {
        // Another node keeps the run going.
        var story = Story(wanting: 2)
        story.at(0, .pod(running("other")))
        row.happens(&story)
        story.at(14)
        #expect(story.state(of: "a") == row.state && story.reason(of: "a") == row.reason)
    }

    @Test(
        "Without a seal a container that ended with 0 has breached the contract, and one that was killed has failed",
        arguments: [0, 137])
    func unsealed(code: Int) {
        var story = Story(wanting: 1, isSealed: false)
        story.at(1, .pod(failing("a", code)))
        #expect(story.state(of: "a") == .failed && story.exitCode(of: "a") == code)
    }

    @Test("A pod that takes the place of one whose task had started is told: the task runs there once more")
    func runsAgain() {
        var story = Story(wanting: 1)
        story.at(1, .pod(running("a")))
        story.at(2, .podRemoved(running("a").leaving), .pod(running("a", uid: "new")))
        story.at(3, .pod(done("a", uid: "new")))
        #expect(story.verdict == .done)
        #expect(story.told == ["a: its pod was deleted after its task had started: it runs there once more"])
    }

    @Test("Two DaemonSets are one run: what is wanted is a sum, and each has to be seen")
    func twoSets() {
        var plan = Story.plan()
        plan.daemonSets.append(Run.Plan.DaemonSet(name: "task-arm64", uid: "second"))
        var story = Story(plan)
        story.at(1, .wants(1), .pod(done("a")))
        #expect(story.verdict == nil)
        story.at(2, .daemonSet(uid: "second", DaemonSetStatus(isObserved: true, wanted: 1)))
        #expect(story.verdict == nil && story.soFar.remarks == ["not done: 1 of 2 nodes: no pod has started"])
        story.at(3, .daemonSet(uid: "of somebody else", DaemonSetStatus(isObserved: true, wanted: 9)), .pod(done("b")))
        #expect(story.verdict == .done)
    }
}
