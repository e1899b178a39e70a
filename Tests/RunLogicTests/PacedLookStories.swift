@testable import RunLogic
import Testing

/// Somebody else's client gives the nodes of a run their turn, and deletes the pods that take too long: what it decided
/// is known by what becomes of the pods.
@Suite("Looking at a run that starts some nodes at a time") struct PacedLookStories {
    private func looking(from since: Seconds, budget: Share? = nil, timeout: Seconds = 300, window: Int = 1) -> Story {
        var pace = Pace(window: .number(window), budget: budget)
        pace.latest = 5000
        return Story(lookingFrom: since, timeout: timeout, pace: pace)
    }

    @Test("More failures than may be are counted anew: it is told, the rest is named, and the status is 1")
    func budget() {
        var story = looking(from: 20, budget: .number(1), window: 2)
        story.at(20, .podsListed([RunLogicTests.failed("a", 1), running("b"), running("c"), gated("d")]), .wants(4))
        story.at(25, .pod(RunLogicTests.failed("b", 1)))
        story.at(26)
        #expect(story.verdict == nil, "c is at work")
        story.at(27, .daemonSetRemoved, .podRemoved(gated("d").leaving), .pod(done("c").leaving))
        #expect(story.verdict == .failed && story.results == ["c"] && story.isQuiet)
        let words = "2 nodes failed or were not reached, which is more than --max-failures 1"
        #expect(story.told("\(words): no further node is started") == 25)
        #expect(story.told.contains("not done: d: not started before the run ended"))
        #expect(story.run.notDone() == ["a", "b", "d"])
    }

    @Test("A run that was kept when too many had failed has failed for who comes later, at once")
    func kept() {
        var story = looking(from: 900, budget: .percent(40))
        story.at(900, .podsListed([done("a"), RunLogicTests.failed("b", 1), gated("c")]), .wants(3))
        story.at(920)
        #expect(story.verdict == nil, "one of three is not too many")
        story = looking(from: 900, budget: .percent(30))
        story.at(900, .podsListed([done("a"), RunLogicTests.failed("b", 1), gated("c")]), .wants(3))
        story.at(901)
        #expect(story.verdict == .failed && story.state(of: "c") == .queued && story.run.notDone() == ["b", "c"])
    }

    @Test("A node whose pod is deleted when its time is up has timed out, which is 124", arguments: [true, false])
    func timeout(isSeenLeaving: Bool) {
        var story = looking(from: 200)
        story.at(200, .podsListed([running("a").scheduled(50), gated("b")]), .wants(2))
        story.at(347)
        #expect(story.state(of: "a") == .waiting)
        let leaving = running("a").scheduled(50).leaving
        // The times that the cluster tells are not as exact as those of a client.
        if isSeenLeaving { story.at(347, .pod(leaving)) }
        story.at(348, .podRemoved(leaving), .pod(gated("a", uid: "new")))
        #expect(story.reason(of: "a") == "timed out after 300 s" && story.state(of: "a") == .failed)
        story.at(360, .pod(done("b").scheduled(351)))
        story.at(362)
        #expect(story.verdict == .timedOut && story.results == ["b"] && story.isQuiet)
    }

    @Test("Who comes while the pod of a node goes whose time is up, sees that it has timed out")
    func timeoutUnderway() {
        var story = looking(from: 352)
        story.at(352, .podsListed([done("b"), running("a").scheduled(50).leaving]), .wants(2))
        story.at(353, .podRemoved(running("a").scheduled(50).leaving), .pod(gated("a", uid: "new")))
        story.at(355)
        #expect(story.verdict == .timedOut)
    }

    @Test("Nodes that timed out count as failures: when they are too many it is 1, whatever the order of the news",
        arguments: [true, false])
    func timeoutOfTooMany(isToldFirst: Bool) {
        var story = looking(from: 20, budget: .number(0))
        story.at(20, .podsListed([running("a").scheduled(10), gated("b")]), .wants(2))
        if !isToldFirst { story.at(310, .daemonSetRemoved, .podRemoved(gated("b").leaving)) }
        story.at(310, .pod(running("a").scheduled(10).leaving))
        if isToldFirst { story.at(310, .daemonSetRemoved, .podRemoved(gated("b").leaving)) }
        story.at(312)
        #expect(story.verdict == .failed && story.state(of: "b") == .queued && story.run.notDone() == ["a", "b"])
    }

    @Test("A pod that somebody deletes before its time is up is gone, and the node's next turn counts")
    func deletedByOthers() {
        var story = looking(from: 20)
        story.at(20, .podsListed([running("a").scheduled(10), gated("b")]), .wants(2))
        story.at(100, .podRemoved(running("a").scheduled(10).leaving), .pod(gated("a", uid: "new")))
        story.at(102, .pod(running("a", uid: "new").scheduled(101)))
        story.at(380)
        #expect(story.verdict == nil && story.state(of: "a") == .waiting)
        story.at(380, .pod(done("a", uid: "new")), .pod(done("b")))
        story.at(382)
        #expect(story.verdict == .done)
    }

    @Test("A pod that is deleted after a minute in which nothing of it started has failed with the reason")
    func unstarted() {
        var story = looking(from: 20)
        let pod = stuck("a", "ErrImagePull", "not found").scheduled(10)
        story.at(20, .podsListed([pod, gated("b")]), .wants(2))
        story.at(71, .pod(pod.leaving), .podRemoved(pod.leaving), .pod(gated("a", uid: "new")))
        #expect(story.reason(of: "a") == "not started within 60 s: ErrImagePull: not found")
        story.at(80, .pod(done("b").scheduled(72)))
        story.at(82)
        #expect(story.verdict == .failed && story.isQuiet)
    }

    @Test("A pod that is deleted since no waiting mends it has failed")
    func hopeless() {
        var story = looking(from: 20)
        story.at(20, .podsListed([stuck("a", "InvalidImageName", "?").scheduled(15), done("b")]), .wants(2))
        story.at(26, .podRemoved(stuck("a", "InvalidImageName", "?").leaving), .pod(gated("a", uid: "new")))
        story.at(28)
        #expect(story.reason(of: "a") == "InvalidImageName: ?" && story.verdict == .failed)
    }

    @Test("A node that was not reached counts, and its run has failed")
    func notReached() {
        var story = looking(from: 20, budget: .number(0), timeout: 60)
        story.at(20, .podsListed([running("a").scheduled(10), gated("b")]), .wants(2))
        story.at(40, .nodesNotReady(["a"]))
        story.at(70, .pod(running("a").scheduled(10).leaving))
        story.at(100)
        #expect(story.verdict == nil && story.state(of: "a") == .unreachable)
        story.at(102, .daemonSetRemoved, .podRemoved(gated("b").leaving))
        story.at(150)
        #expect(story.told("1 node failed or was not reached, which is more than --max-failures 0") == 101)
        #expect(story.verdict == .failed && story.run.notDone() == ["a", "b"])
    }

    @Test("A run that ends since a node is lost has failed for who looks, too, with a pace or without")
    func lostAtTheEnd() {
        for isPaced in [true, false] {
            var story = isPaced ? looking(from: 20) : Story(lookingFrom: 20)
            story.at(20, .podsListed([running("a"), done("b")]), .wants(2))
            story.at(30, .nodesNotReady(["a"]))
            story.at(50, .daemonSetRemoved, .pod(running("a").leaving))
            story.at(60)
            #expect(story.verdict == .failed && story.end == 55 && story.state(of: "a") == .unreachable)
        }
    }

    @Test("Where nobody deletes the pod of a node whose time is up, nobody gives turns any more")
    func deadClient() {
        var story = looking(from: 200)
        story.at(200, .podsListed([running("a").scheduled(10), gated("b")]), .wants(2))
        story.at(330)
        #expect(story.verdict == nil, "a log may be fetched before a pod is deleted")
        story.at(400)
        #expect(story.reason(of: "a") == "timed out after 300 s" && story.told("seems to be gone") == 375)
        #expect(story.verdict == .timedOut && story.run.notDone(goesOn: true) == ["a", "b"] && story.isQuiet)
    }

    @Test("Of nodes that were started one after the other each has its time, in whichever order they are listed")
    func order() {
        var story = looking(from: 200, window: 2)
        story.at(200, .podsListed([running("a").scheduled(150), running("b").scheduled(10), gated("c")]), .wants(3))
        story.at(350)
        #expect(story.state(of: "a") == .waiting && story.reason(of: "b") == "timed out after 300 s")
    }

    @Test("A node whose pod was deleted before it started waits for its turn, and does not time out meanwhile")
    func queuedAgain() {
        var story = looking(from: 20)
        story.at(20, .podsListed([starting("a").scheduled(10), running("b").scheduled(200)]), .wants(2))
        story.at(30, .podRemoved(starting("a").leaving), .pod(gated("a", uid: "new")))
        story.at(350)
        #expect(story.state(of: "a") == .queued)
    }

    @Test("A run that is deleted after a node's time, and before its own, has not timed out")
    func deletedBeforeTheDeadline() {
        var story = looking(from: 80, timeout: 60)
        story.at(80, .podsListed([done("a"), gated("b"), gated("c")]), .wants(3))
        story.at(90, .pod(running("b").scheduled(90)))
        story.at(100, .daemonSetRemoved, .pod(running("b").scheduled(90).leaving), .podRemoved(gated("c").leaving))
        story.at(110)
        #expect(story.verdict == .refused && story.run.notDone() == ["c"])
    }

    @Test("Tasks of a dead client that are done are done; the nodes that wait for a turn are named")
    func deadClientsTasks() {
        var story = looking(from: 200)
        story.at(200, .podsListed([running("a").scheduled(10), gated("b")]), .wants(2))
        story.at(320, .pod(done("a").scheduled(10)))
        story.at(360)
        #expect(story.verdict == .failed && story.results == ["a"] && story.run.notDone() == ["b"])
        #expect(story.told("seems to be gone") == 350)
    }

    @Test("A pod that takes its time to go keeps its turn: nobody is told to be gone")
    func slowPod() {
        var story = looking(from: 20, timeout: 60)
        story.at(20, .podsListed([running("a").scheduled(10), gated("b")]), .wants(2))
        story.at(70, .pod(running("a").scheduled(10).leaving))
        story.at(125)
        #expect(story.state(of: "a") == .failed && story.verdict == nil)
        story.at(126, .podRemoved(running("a").leaving), .pod(done("b").scheduled(125)))
        story.at(128)
        #expect(story.verdict == .timedOut)
    }

    @Test("The deadline is that of the run: for as many rounds as there are, at most what the cluster lets it take")
    func deadline() {
        var story = looking(from: 10, timeout: 100)
        story.at(10, .podsListed([done("a"), gated("b"), gated("c")]), .wants(3), .outage("refused"))
        story.at(1000)
        #expect(story.told("timed out after 540 s") == 540 && story.verdict == .timedOut)
    }

    @Test("Progress shows the queue")
    func progress() {
        var story = looking(from: 10)
        story.at(10, .podsListed([done("a"), running("b"), gated("c")]), .wants(3))
        story.at(12)
        #expect(story.progress.map(\.text) == ["nodes: 1 of 3 done, 0 failed, 1 at work, 1 queued"])
    }
}

extension Pod {
    /// The pod that got its node so many seconds after noon.
    fileprivate func scheduled(_ seconds: Seconds) -> Pod {
        with {
            $0.status.conditions = [
                Pod.Condition(type: "PodScheduled", status: "True", lastTransitionTime: noon(plus: seconds)),
            ]
        }
    }
}

extension Story {
    /// Who only looks changes nothing.
    fileprivate var isQuiet: Bool {
        actions.allSatisfy {
            switch $0.action {
            case .release, .delete: false
            default: true
            }
        }
    }
}
