@testable import RunLogic
import Testing

/// Pods that have not started are not followed: they are asked for.
@Suite("Pods that have not started") struct PendingStories {
    @Test("A node whose pod never started is missed, although the controller counts it no longer")
    func lostBeforeItsPodStarted() {
        var story = Story(wanting: 2)
        story.unfollowed = [starting("b")]
        story.at(1, .pod(done("a")))
        story.at(2, .wants(1))
        story.at(5, .nodesNotReady(["b"]))
        story.at(34)
        #expect(story.verdict == nil)
        story.at(40)
        #expect(story.verdict == .failed)
        #expect(story.told.contains("not done: b: the node is not ready"))
    }

    @Test("They are asked for once before a run is done, and not while nodes are at work and in time")
    func once() {
        var story = Story(wanting: 2)
        story.at(1, .pod(running("a")), .pod(running("b")))
        story.at(2, .pod(done("a")))
        #expect(story.count(of: .askForPending) == 0)
        story.at(3, .pod(done("b")))
        #expect(story.count(of: .askForPending) == 1 && story.verdict == .done)
    }

    @Test("Where the cluster does not say, it is asked again, and nothing is done before it said so")
    func again() {
        var story = Story(wanting: 1)
        story.listComes = false
        story.at(1, .pod(done("a")), .pendingListed(nil))
        #expect(story.verdict == nil && story.count(of: .askForPending) == 1)
        story.at(10)
        #expect(story.verdict == nil && story.count(of: .askForPending) == 2)
        story.at(11, .pendingListed([]))
        #expect(story.verdict == .done)
    }

    @Test("What changes between the question and the end has the cluster asked once more")
    func changed() {
        var story = Story(wanting: 1)
        story.listComes = false
        story.at(1, .pod(done("a")), .wants(2), .pendingListed([]))
        #expect(story.verdict == nil)
        story.at(2, .pod(done("b")))
        #expect(story.verdict == nil)
        story.at(2.1, .pendingListed([]))
        #expect(story.verdict == .done)
    }

    @Test("A list that was made before a pod started takes nothing back of what was told since")
    func listedLate() {
        var story = Story(wanting: 2)
        story.listComes = false
        let listed = starting("b").with { $0.metadata.resourceVersion = "9" }
        let told = running("b").with { $0.metadata.resourceVersion = "10" }
        story.at(1, .pod(done("a")), .pod(told), .pendingListed([listed]))
        story.at(5, .pendingListed([]))
        story.at(9, .pendingListed([]))
        #expect(story.state(of: "b") == .waiting)
    }

    @Test("A list that was asked for before something changed is not the last word")
    func askedBefore() {
        var story = Story(wanting: 2)
        story.listComes = false
        story.at(1, .pod(done("a")), .pod(done("b")))
        story.at(2, .pod(done("b").leaving), .pendingListed([]))
        #expect(story.verdict == nil && story.count(of: .askForPending) == 2)
        story.at(3, .pendingListed([starting("c")]))
        #expect(story.verdict == nil)
    }

    @Test("A pod that has ended and still changes, as one that crashes again and again, makes no list old")
    func changesAfterItsEnd() {
        var story = Story(wanting: 2)
        story.listComes = false
        story.at(1, .pod(done("a")), .pod(failed("b", 1)))
        story.at(2, .pod(pod("b", waits("CrashLoopBackOff", restarts: 1, after: end(1)))), .pendingListed([]))
        #expect(story.verdict == .failed && story.count(of: .askForPending) == 1)
    }

    @Test("One that two lists miss is gone")
    func gone() {
        var story = Story(wanting: 1)
        story.unfollowed = [starting("a")]
        story.at(4)
        #expect(story.state(of: "a") == .waiting)
        story.unfollowed = []
        story.at(14)
        #expect(story.count(of: .askForPending) == 2 && story.state(of: "a") == .waiting)
        story.at(24)
        #expect(story.state(of: "a") == .gone)
        story.at(16, .pod(running("a")))
        #expect(story.state(of: "a") == .waiting)
        story.at(17, .pod(done("a")))
        #expect(story.verdict == .done)
    }

    @Test("One that a list misses and the next one holds is there")
    func back() {
        var story = Story(wanting: 1)
        for (second, pods) in [(3, [starting("a")]), (13, []), (23, [starting("a")]), (33, [])] {
            story.unfollowed = pods
            story.at(Seconds(second))
            #expect(story.state(of: "a") == .waiting)
        }
        story.at(43)
        #expect(story.state(of: "a") == .gone)
    }

    @Test("A controller that changes its mind after they were asked for has them asked for again")
    func changedMind() {
        var story = Story(wanting: 1)
        story.logsCome = false
        story.at(1, .pod(done("a")))
        story.at(4, .pendingListed([]), .wants(2))
        story.at(5, .wants(1))
        story.answer()
        #expect(story.count(of: .askForPending) == 1 && story.verdict == .done)
    }

    @Test("One that has just started is not said to be deleted, although the list is ahead of the news of that")
    func ahead() {
        var story = Story(wanting: 2)
        story.unfollowed = [starting("a"), starting("b")]
        story.at(24)
        story.unfollowed = []
        story.at(34.5, .pod(running("a")), .pod(running("b")))
        story.at(60, .pod(done("a")), .pod(done("b")))
        #expect(story.verdict == .done && story.told == [])
    }

    @Test("A list that comes while the last results are fetched changes nothing any more")
    func tooLate() {
        var story = Story(wanting: 2, timeout: 30)
        story.logsCome = false
        story.listComes = false
        story.at(1, .pod(done("a")), .pod(starting("b")))
        story.at(30, .pendingListed([]), .pendingListed([]))
        story.answer()
        #expect(story.verdict == .timedOut && story.state(of: "b") == .waiting)
    }

    @Test(
        "The run is not ended for want of pods before it is known which have not started",
        arguments: [true, false])
    func known(isRejected: Bool) {
        var story = Story(wanting: isRejected ? 1 : 0)
        story.listComes = false
        if isRejected { story.at(1, .warning(about: Story.daemonSetUID, "FailedCreate", "quota")) }
        story.at(100)
        #expect(story.verdict == nil && story.count(of: .askForPending) == 1)
        story.at(101, .pendingListed([starting("a")]), .wants(1))
        story.at(120)
        #expect(story.verdict == nil)
        story.at(121, .pod(done("a")), .pendingListed([]), .pendingListed([]))
        #expect(story.verdict == .done)
    }

    @Test(
        "When a run ends before they were asked for they are asked for then, and named with why",
        arguments: [true, false])
    func atTheEnd(failFast: Bool) {
        var story = Story(wanting: 3, timeout: failFast ? 300 : 2, failFast: failFast)
        story.unfollowed = [stuck("b", "ErrImagePull", "not found"), starting("c")]
        story.at(1, .pod(failFast ? failed("a", 1, "no") : running("a")))
        story.at(2)
        #expect(story.verdict == (failFast ? .failed : .timedOut))
        #expect(story.told.contains("not done: b: ErrImagePull: not found"))
        #expect(story.told.contains("not done: c: not started"))
        #expect(story.summary.map(\.node) == ["a", "b", "c"])
    }

    @Test("A list of those that have started takes nothing from one that has not")
    func listOfStarted() {
        var story = Story(wanting: 2)
        story.at(1, .pod(done("a")), .pod(starting("b")))
        story.at(2, .podsListed([done("a")]))
        #expect(story.state(of: "b") == .waiting)
    }

    @Test("Where an init container is the task they are followed, and never asked for")
    func initContainer() {
        var story = Story(task: TaskContainer(name: "work", isInitContainer: true))
        #expect(story.run.plan.followsPending)
        story.at(1, .wants(1), .pod(pod("a", phase: "Pending", initContainers: [runs("work")])))
        story.at(30, .pod(pod("a", phase: "Running", initContainers: [ended(end(0, reason: "Completed"), "work")])))
        #expect(story.verdict == .done && story.count(of: .askForPending) == 0)
    }
}
