import Foundation
import RunLogic
import Testing

@testable import Orchestrator

@Suite("Some nodes at a time") struct PacingTests {
    private let pods: JSON = ["metadata": ["name": "task"], "spec": ["template": ["spec": ["containers": []]]]]

    @Test("A DaemonSet whose pods take turns has one gate more, and nothing else that is new")
    func gate() {
        var expected = pods
        expected["spec"]["template"]["spec"]["schedulingGates"] = [["name": "run-once/turn"]]
        #expect(pods.takingTurns == expected)
        #expect(pods.takingTurns.takingTurns == expected)
        var own = pods
        own["spec"]["template"]["spec"]["schedulingGates"] = [["name": "example.com/quota"]]
        #expect(own.takingTurns["spec"]["template"]["spec"]["schedulingGates"] == [
            ["name": "example.com/quota"], ["name": "run-once/turn"],
        ])
    }

    @Test("The gate that the patch takes away is the one that pods are given, by name: all others stay")
    func patch() {
        #expect(Cluster.withoutGate == [
            "spec": ["schedulingGates": [["$patch": "delete", "name": .string(Pod.SchedulingGate.turn)]]],
        ])
    }

    @Test("A cluster that drops the gate is known by what it makes of the DaemonSet")
    func dropped() {
        #expect(pods.takingTurns.firstField(missingIn: pods) == "spec.template.spec.schedulingGates")
    }

    @Test("What the cluster lets a run take is for twice the nodes that are counted or named, or for 5,000")
    func latest() {
        var request = Request()
        #expect(request.pace(of: pods, nodes: 3) == nil)
        request.timeout = 100
        request.pace = Pace(window: .number(2))
        #expect(request.pace(of: pods, nodes: 3)?.latest == 360 && request.pace(of: pods, nodes: 3)?.grace == 30)
        #expect(request.pace(of: pods, nodes: nil)?.latest == 250_060)
        #expect(request.pace(of: pods, nodes: 4000)?.latest == 250_060)
        request.changes.nodes.nodes = ["a", "b"]
        #expect(request.pace(of: pods, nodes: nil)?.latest == 260)
        request.changes.nodes.nodes = []
        request.timeout = 31_536_000
        #expect(request.pace(of: pods, nodes: nil)?.latest == 3_153_600_000)
        var slow = pods
        slow["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 600
        #expect(request.pace(of: slow, nodes: 3)?.grace == 600)
    }

    @Test(
        "A run has the timeout for as many rounds as its nodes take, and a minute",
        arguments: [
            (Share.number(1), 3, 360.0), (.number(2), 3, 260), (.number(10), 3, 160), (.percent(50), 5, 260),
            (.percent(1), 5, 560), (.percent(100), 5, 160), (.number(1), 0, 160), (.percent(10), 5000, 1060),
        ])
    func deadline(window: Share, nodes: Int, seconds: Seconds) {
        #expect(Pace(window: window).deadline(nodes: nodes, timeout: 100) == seconds)
    }
}
