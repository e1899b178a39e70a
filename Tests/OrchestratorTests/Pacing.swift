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
        #expect(
            own.takingTurns["spec"]["template"]["spec"]["schedulingGates"] == [
                ["name": "example.com/quota"], ["name": "run-once/turn"],
            ])
    }

    @Test("What the cluster lets a run take is for twice the nodes that are counted or named, or for 5,000")
    func latest() {
        var request = Request()
        #expect(request.pace(of: pods, nodes: 3) == nil)
        request.timeout = 100
        request.pace = Pace(window: .number(2))
        #expect(request.pace(of: pods, nodes: 3)?.latest == 540 && request.pace(of: pods, nodes: 3)?.grace == 30)
        #expect(request.pace(of: pods, nodes: nil)?.latest == 400_060)
        #expect(request.pace(of: pods, nodes: 4000)?.latest == 400_060)
        #expect(request.pace(of: pods, nodes: 6000)?.latest == 480_060, "none of those that are counted is left out")
        request.changes.nodes.nodes = ["a", "b"]
        #expect(request.pace(of: pods, nodes: nil)?.latest == 380)
        request.changes.nodes.nodes = []
        request.timeout = 31_536_000
        #expect(request.pace(of: pods, nodes: nil)?.latest == 3_153_600_000)
        var slow = pods
        slow["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 600
        request.timeout = 100
        #expect(request.pace(of: slow, nodes: 3)?.grace == 600 && request.pace(of: slow, nodes: 3)?.latest == 2250)
    }

    @Test("With percent it is enough for any number of nodes up to those, of which fewer may take more rounds")
    func latestOfPercent() {
        var request = Request()
        request.timeout = 100
        request.pace = Pace(window: .percent(30))
        #expect(request.pace(of: pods, nodes: 2)?.latest == 540, "three nodes, one at a time")
        #expect(request.pace(of: pods, nodes: nil)?.latest == 700, "four nodes take two rounds, ten take four")
    }

    @Test(
        "A run has a round's time for as many rounds as its nodes take, and a minute",
        arguments: [
            (Share.number(1), 3, 540.0), (.number(2), 3, 380), (.number(10), 3, 220), (.percent(50), 5, 380),
            (.percent(1), 5, 860), (.percent(100), 5, 220), (.number(1), 0, 220), (.percent(10), 5000, 1660),
        ])
    func deadline(window: Share, nodes: Int, seconds: Seconds) {
        #expect(Pace(window: window).deadline(nodes: nodes, timeout: 100) == seconds)
    }

    @Test("A round's time is that for the task, at least the minute to start in, to gather the log, and to end the pod")
    func round() {
        var pace = Pace(window: .number(1))
        pace.grace = 5
        #expect(pace.deadline(nodes: 2, timeout: 20) == 2 * (60 + 5 + 30) + 60)
        #expect(pace.deadline(nodes: 2, timeout: 90) == 2 * (90 + 5 + 30) + 60)
    }
}
