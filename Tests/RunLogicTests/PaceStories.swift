@testable import RunLogic
import Testing

/// Runs in which some nodes are at work at a time, and the others wait for their turn.
@Suite("Some nodes at a time") struct PaceStories {
    @Test("As many nodes are started as may be at work, together, and each that ends makes room for the next")
    func window() {
        var story = Story(of: "abcd", at: .number(2))
        #expect(story.releases == [["a", "b"]])
        story.at(5, .pod(running("a")), .pod(running("b")))
        story.at(10)
        #expect(story.releases.count == 1 && story.state(of: "c") == .queued)
        story.at(11, .pod(done("a")))
        story.at(12, .pod(running("c")))
        #expect(story.releases == [["a", "b"], ["c"]])
        story.at(13, .pod(failed("b", 3)))
        story.at(14, .pod(done("d")), .pod(done("c")))
        #expect(story.releases == [["a", "b"], ["c"], ["d"]] && story.verdict == .failed)
        #expect(story.results == ["a", "c", "d"])
    }

    @Test("Turns that are free within half a second of one another are given together")
    func gathering() {
        var story = Story(of: "abcdef", at: .number(3))
        story.at(5, .pod(failed("a", 1)))
        story.at(5.3, .pod(failed("b", 1)))
        #expect(story.releases.count == 1)
        story.at(5.5, .clock)
        #expect(story.releases == [["a", "b", "c"], ["d", "e"]])
    }

    @Test("Percent are of the nodes that are meant, rounded up, and grow with them")
    func percent() {
        var story = Story(of: "abcde", at: .percent(30))
        #expect(story.releases == [["a", "b"]])
        story.at(5, .pod(gated("f")), .pod(gated("g")), .wants(7))
        story.at(7)
        #expect(story.releases == [["a", "b"], ["c"]])
    }

    @Test("Before it is known how many nodes are meant, none is started by percent")
    func percentOfNothing() {
        var story = Story(of: "", at: .percent(100))
        story.at(1, .notObserved, .pod(gated("a")))
        story.at(5)
        #expect(story.releases.isEmpty)
        story.at(6, .wants(1))
        story.at(7)
        #expect(story.releases == [["a"]])
    }

    @Test("Before it is known how many nodes are meant, none is started where so many percent of them may fail")
    func budgetOfNothing() {
        var story = Story(of: "", at: .number(2), budget: .percent(20))
        story.at(1, .notObserved, .pod(gated("a")), .pod(gated("b")))
        story.at(5)
        #expect(story.releases.isEmpty)
        story.at(6, .wants(10), .pod(gated("c")))
        story.at(8, .pod(failed("a", 1)))
        story.at(10)
        #expect(story.releases == [["a", "b"], ["c"]])
    }

    @Test("Nodes that are not ready come last, and one that is ready again does not")
    func notReady() {
        var story = Story(of: "abcd", at: .number(1), notReady: ["a", "b"])
        #expect(story.releases == [["c"]])
        story.at(5, .pod(done("c")), .nodesNotReady(["a"]))
        story.at(7, .pod(done("b")))
        story.at(9, .pod(done("d")))
        story.at(11)
        #expect(story.releases == [["c"], ["b"], ["d"], ["a"]])
    }

    @Test("No node is started before it is known which are ready; where nobody says it, ten seconds are enough")
    func unknown() {
        var story = Story(of: "ab", at: .number(1), notReady: nil)
        story.at(9)
        #expect(story.releases.isEmpty && story.times(of: .askAboutNodes).first == 0)
        story.at(12)
        #expect(story.releases == [["a"]])
        var forbidden = Story(of: "ab", at: .number(1), notReady: nil)
        forbidden.at(1, .nodesForbidden)
        forbidden.at(2)
        #expect(forbidden.releases == [["a"]])
    }

    @Test("A node that joins waits for its turn")
    func joining() {
        var story = Story(of: "a", at: .number(1))
        story.at(5, .wants(2), .pod(gated("b")))
        story.at(9)
        #expect(story.releases == [["a"]] && story.state(of: "b") == .queued)
        story.at(10, .pod(done("a")))
        story.at(12, .pod(done("b")))
        #expect(story.releases == [["a"], ["b"]] && story.verdict == .done)
    }

    @Test("A pod that somebody else lets start is at work, and nobody starts in its place")
    func startedByOthers() {
        var story = Story(of: "abcd", at: .number(2))
        story.at(5, .pod(running("c")), .pod(done("a")))
        story.at(10)
        #expect(story.releases == [["a", "b"]])
        story.at(11, .pod(done("c")), .pod(done("b")))
        story.at(13, .pod(done("d")))
        #expect(story.releases == [["a", "b"], ["d"]] && story.verdict == .done)
    }

    @Test("A node that is done stays so when its node is lost, and takes no turn by that")
    func readyTakenBack() {
        var story = Story(of: "abc", at: .number(1))
        story.at(2, .pod(done("c")), .pod(running("c")))
        story.at(5, .pod(done("a")))
        story.at(6, .pod(running("a")))
        story.at(8)
        #expect(story.releases == [["a"], ["b"]] && story.state(of: "a") == .done)
    }

    @Test("Progress tells how many are at work and how many wait")
    func progress() {
        var story = Story(of: "abcd", at: .number(2))
        story.at(3, .pod(done("a")), .pod(failed("b", 1)))
        story.at(6)
        #expect(story.progress.map(\.text).contains("0 of 4 nodes done, 2 starting, 2 queued"))
        #expect(story.progress.last?.text == "1 of 4 nodes done, 1 failed, 2 starting")
    }

    @Test("A node that was not reached counts once, also when somebody else had deleted its pod")
    func progressOfTheLost() {
        var story = Story(of: "ab", at: .number(1))
        story.at(3, .pod(starting("a").leaving), .nodesNotReady(["a"]))
        story.at(95)
        #expect(story.releases == [["a"], ["b"]] && story.state(of: "a") == .unreachable)
        #expect(story.progress.last?.text == "0 of 2 nodes done, 1 not reached, 1 starting: b")
    }

    @Test("What did not start is named at the end, as queued and as such on which to run it again")
    func notStarted() {
        var story = Story(of: "abc", at: .number(1))
        story.at(5, .signal(2))
        #expect(story.state(of: "b") == .queued && story.soFar.notDone() == ["a", "b", "c"])
        #expect(story.told.contains("not done: b, c: not started before the run ended"))
    }
}

/// What becomes of the requests that let a pod start.
@Suite("Letting pods start") struct ReleaseStories {
    @Test("An answer that is lost counts as started, and the request is made again until the gate is gone")
    func lost() {
        var story = Story(of: "abc", at: .number(1))
        let pods = story.lastRelease
        story.at(2, .released(pods.map { PodAnswer($0, .unclear("timed out")) }))
        story.at(5)
        #expect(story.releases == [["a"], ["a"]])
        story.at(6, .released(pods.map { PodAnswer($0, .unclear("timed out")) }), .pod(starting("a")))
        story.at(20)
        #expect(story.releases == [["a"], ["a"]] && story.state(of: "b") == .queued)
    }

    @Test("While the cluster can't be reached nothing is let start; what may have been, keeps its turn")
    func outage() {
        var story = Story(of: "abc", at: .number(1))
        story.at(2, .released(story.lastRelease.map { PodAnswer($0, .unclear("refused")) }), .outage("refused"))
        story.at(30)
        #expect(story.releases == [["a"]])
        story.at(31, .reachable, .podsListed([gated("a"), gated("b"), gated("c")]))
        story.at(34)
        #expect(story.releases == [["a"], ["a"]])
        story.at(35, .outage("refused"), .reachable, .podsListed([done("a"), gated("b"), gated("c")]))
        story.at(37)
        #expect(story.releases == [["a"], ["a"], ["b"]])
    }

    @Test("A turn that is free when an outage begins is given when the cluster answers again")
    func outageWithRoom() {
        var story = Story(of: "abc", at: .number(2))
        story.at(5, .pod(done("a")), .outage("refused"))
        story.at(20)
        #expect(story.releases == [["a", "b"]])
        story.at(21, .reachable, .podsListed([done("a"), starting("b"), gated("c")]))
        story.at(23)
        #expect(story.releases == [["a", "b"], ["c"]])
    }

    @Test("After an outage nothing is started before it is known what happened meanwhile")
    func failedInAnOutage() {
        var story = Story(of: "abc", at: .number(2), budget: .number(0))
        story.at(5, .pod(done("a")), .outage("refused"))
        story.at(20, .reachable, .podsListed([done("a"), failed("b", 1), gated("c")]))
        story.at(40)
        #expect(story.releases == [["a", "b"]] && story.verdict == .failed)
    }

    @Test("Where only the news of the DaemonSet were lost no list of the pods comes: ten seconds are enough")
    func outageOfTheDaemonSet() {
        var story = Story(of: "abc", at: .number(2))
        story.at(5, .pod(done("a")), .outage("refused"))
        story.at(20, .reachable)
        story.at(29)
        #expect(story.releases == [["a", "b"]])
        story.at(32)
        #expect(story.releases == [["a", "b"], ["c"]])
    }

    @Test("A pod that is gone is not waited for, and its successor takes its turn before the others")
    func gone() {
        var story = Story(of: "abc", at: .number(1))
        story.at(2, .released(story.lastRelease.map { PodAnswer($0, .refused(404, "not found")) }))
        story.at(2.1, .podRemoved(gated("a")), .pod(gated("a", uid: "new")))
        story.at(5)
        #expect(story.releases == [["a"], ["a"]] && story.lastRelease.map(\.uid) == ["new"])
        story.at(6, .released(story.lastRelease.map { PodAnswer($0, .refused(404, "not found")) }))
        story.at(8)
        #expect(story.releases == [["a"], ["a"], ["b"]])
    }

    @Test("A pod that somebody changes at the same moment is patched again")
    func conflict() {
        var story = Story(of: "ab", at: .number(1))
        story.at(2, .released(story.lastRelease.map { PodAnswer($0, .refused(409, "conflict")) }))
        story.at(6)
        #expect(story.releases == [["a"], ["a"]])
    }

    @Test("When a later patch is refused the run ends as well, and what is done by then is not lost")
    func forbiddenLater() {
        var story = Story(of: "abc", at: .number(2))
        story.logsCome = false
        story.at(2, .released(story.lastRelease.map { PodAnswer($0, .taken) }))
        story.at(3, .pod(done("a")))
        story.answer()
        story.at(4, .pod(done("b")))
        story.at(5, .released(story.lastRelease.map { PodAnswer($0, .refused(403, "no patch for you")) }))
        #expect(story.releases == [["a", "b"], ["c"]] && story.verdict == nil)
        story.answer()
        #expect(story.verdict == .refused && story.results == ["a", "b"] && story.announced == ["a", "b"])
        #expect(
            story.count(
                of: .tellFailure(
                    "the cluster refused: no patch for you; --parallel takes the right to patch pods")) == 1)
    }

    @Test("Of the first patches, too, one may be taken and another be refused: what is at work is not forgotten")
    func forbiddenInPart() {
        var story = Story(of: "ab", at: .number(2))
        story.logsCome = false
        let pods = story.lastRelease
        story.at(2, .pod(done("b")), .released([PodAnswer(pods[0], .refused(403, "no")), PodAnswer(pods[1], .taken)]))
        #expect(story.verdict == nil)
        story.answer()
        #expect(story.verdict == .refused && story.results == ["b"])
    }

    @Test("What is refused when the run is about to end takes nothing from it")
    func forbiddenAtTheEnd() {
        var story = Story(of: "abc", at: .number(2), failFast: true, keepsEveryLog: true)
        story.logsCome = false
        let pods = story.lastRelease
        story.at(2, .pod(failed("a", 1)), .released([PodAnswer(pods[1], .refused(403, "no"))]))
        #expect(story.verdict == nil)
        story.answer()
        #expect(story.verdict == .failed && story.soFar.logs == ["a"])
    }

    @Test("A late word of a pod that is held back takes no turn back, and gives no second one")
    func lateNews() {
        var story = Story(of: "ab", at: .number(1))
        story.at(3, .pod(gated("a")), .podsListed([gated("a"), gated("b")]))
        story.at(9)
        #expect(story.releases == [["a"]] && story.state(of: "a") == .waiting)
    }

    @Test("A pod that is deleted in its turn is at work until it is gone; a node that has started has no second turn")
    func deleted() {
        var story = Story(of: "abc", at: .number(1))
        story.at(3, .pod(running("a")))
        story.at(4, .pod(running("a").leaving))
        story.at(20)
        #expect(story.releases == [["a"]])
        story.at(21, .podRemoved(running("a").leaving), .pod(gated("a", uid: "new")))
        story.at(30)
        #expect(story.releases == [["a"], ["b"]] && story.state(of: "a") == .gone)
        story.at(31, .pod(done("b")))
        story.at(33, .pod(done("c")))
        #expect(story.releases == [["a"], ["b"], ["c"]] && story.verdict == .failed)
    }

    @Test("A pod that was let start and was replaced while nobody could see it may have run: its node starts no other")
    func replacedUnseen() {
        var story = Story(of: "ab", at: .number(1))
        story.at(3, .released([PodAnswer(story.lastRelease[0], .taken)]), .outage("gone"))
        story.at(40, .podsListed([gated("a", uid: "new"), gated("b")]), .reachable)
        story.at(50, .pod(done("b")))
        story.at(60)
        #expect(story.releases == [["a"], ["b"]] && story.state(of: "a") == .gone)
    }
}

/// Nodes that take too long in their turn.
@Suite("Turns that take too long") struct TurnStories {
    @Test("Each node has the timeout from its turn on; then its pod is deleted, and it is 124 in the end")
    func timeout() {
        var story = Story(of: "abc", at: .number(1), timeout: 20)
        story.at(3, .pod(running("a")))
        story.at(10, .pod(done("a")))
        story.at(12, .pod(running("b")))
        story.at(30)
        #expect(story.deletions.isEmpty)
        story.at(33)
        #expect(story.deletions == [["b"]] && story.state(of: "b") == .failed)
        #expect(story.reason(of: "b") == "timed out after 20 s" && story.releases.count == 2)
        story.at(35, .podRemoved(running("b").leaving), .pod(gated("b", uid: "new")))
        story.at(37, .pod(done("c")))
        #expect(story.releases == [["a"], ["b"], ["c"]] && story.verdict == .timedOut)
        #expect(story.results == ["a", "c"] && story.soFar.notDone() == ["b"])
    }

    @Test("A task that ended in time is not timed out while its result is on its way")
    func resultIsLate() {
        var story = Story(of: "ab", at: .number(1), timeout: 20)
        story.logsCome = false
        story.at(3, .pod(running("a")))
        story.at(20, .pod(done("a")))
        story.at(30)
        #expect(story.state(of: "a") != .failed && story.deletions.isEmpty)
        story.answer()
        story.logsCome = true
        story.at(35, .pod(done("b")))
        #expect(story.verdict == .done && story.results == ["a", "b"])
    }

    @Test("A node whose pods are turned down again and again has the timeout once")
    func timeoutOfTheRejected() {
        var story = Story(of: "ab", at: .number(1))
        story.at(3, .pod(rejected("a")))
        story.at(5, .pod(running("b")))
        story.at(6, .podRemoved(rejected("a")), .pod(gated("a", uid: "new")))
        story.at(300)
        #expect(story.state(of: "a") == .queued)
        story.at(302)
        #expect(story.reason(of: "a") == "timed out after 300 s")
    }

    @Test("The log of a node whose time is up is fetched before its pod is deleted, as far as it goes")
    func partialLog() {
        var story = Story(of: "ab", at: .number(1), timeout: 20, keepsEveryLog: true)
        story.logsCome = false
        story.at(3, .pod(running("a")))
        story.at(24)
        #expect(story.requests(for: "a").count == 1 && story.deletions.isEmpty)
        story.answer()
        // The node may have more than the log.
        #expect(story.requests(for: "a").count == 2 && story.deletions.isEmpty)
        story.answer()
        story.at(25)
        #expect(story.deletions == [["a"]])
        #expect(story.summary.first?.partial == true && story.soFar.logs == ["a"])
    }

    @Test("The run has the time for as many rounds as it takes, and a minute; also when nodes join")
    func deadline() {
        var story = Story(of: "abcde", at: .number(2), timeout: 20)
        story.at(5, .outage("refused"))
        story.at(3 * 120 + 60 - 1)
        #expect(story.verdict == nil)
        story.at(3 * 120 + 60 + 31)
        #expect(story.verdict == .timedOut && story.told("timed out after 420 s") == 420)
        var joined = Story(of: "abcde", at: .number(2), timeout: 20)
        joined.at(5, .wants(7), .outage("refused"))
        joined.at(600)
        #expect(joined.told("timed out after 540 s") == 540)
    }

    @Test("The time does not get shorter when a node joins that makes the window wider")
    func deadlineStays() {
        var story = Story(of: "abc", at: .percent(30), timeout: 20)
        story.at(5, .wants(4), .outage("refused"))
        story.at(500)
        #expect(story.told("timed out after 420 s") == 420)
    }

    @Test("A run does not outlast what the cluster lets it")
    func latest() {
        var story = Story(of: "abcde", at: .number(1), timeout: 20, latest: 70)
        story.at(5, .outage("refused"))
        story.at(102)
        #expect(story.told("timed out after 70 s") == 70 && story.verdict == .timedOut)
    }

    @Test("A pod of which nothing starts within a minute is deleted; when it is gone its node has failed, for good")
    func unstarted() {
        var story = Story(of: "abc", at: .number(1))
        story.at(3, .pod(stuck("a", "ErrImagePull", "not found")))
        story.at(60)
        #expect(story.deletions.isEmpty)
        story.at(62)
        #expect(story.deletions == [["a"]] && story.state(of: "a") == .waiting && story.releases.count == 1)
        story.at(63, .pod(stuck("a", "ErrImagePull").leaving))
        #expect(story.state(of: "a") == .waiting)
        story.at(64, .podRemoved(stuck("a", "ErrImagePull").leaving), .pod(gated("a", uid: "new")))
        story.at(66)
        #expect(story.reason(of: "a") == "not started within 60 s: ErrImagePull: not found")
        #expect(story.releases == [["a"], ["b"]])
        story.at(67, .pod(done("b")))
        story.at(69, .pod(done("c")))
        #expect(story.releases == [["a"], ["b"], ["c"]] && story.verdict == .failed)
    }

    @Test("A pod one of whose containers has started has the whole timeout")
    func slowStart() {
        var story = Story(of: "ab", at: .number(1))
        let slow = pod("a", waits("PodInitializing"), phase: "Pending", initContainers: [runs("install")])
        story.at(3, .pod(slow))
        story.at(200)
        #expect(story.deletions.isEmpty)
    }

    @Test("What no waiting mends has failed, and its pod is deleted before the next node starts")
    func hopeless() {
        var story = Story(of: "ab", at: .number(1))
        story.at(3, .pod(stuck("a", "InvalidImageName", "?")))
        story.at(15)
        #expect(story.state(of: "a") == .failed && story.deletions == [["a"]] && story.releases.count == 1)
        story.at(16, .podRemoved(stuck("a", "InvalidImageName")))
        story.at(18)
        #expect(story.releases == [["a"], ["b"]])
    }

    @Test("A request to delete that is lost is made again; a pod that is gone makes room")
    func deletion() {
        var story = Story(of: "ab", at: .number(1), timeout: 20)
        let pods = story.lastRelease
        story.at(22, .deleted(pods.map { PodAnswer($0, .unclear("reset")) }))
        story.at(26)
        #expect(story.deletions == [["a"], ["a"]])
        story.at(27, .deleted(pods.map { PodAnswer($0, .refused(404, "not found")) }))
        story.at(29)
        #expect(story.releases == [["a"], ["b"]])
    }

    @Test("A node that is lost in its turn is given up half a minute after its pod was told to go, as not reached")
    func unreachable() {
        var story = Story(of: "ab", at: .number(1), timeout: 20)
        story.at(5, .pod(running("a")))
        story.at(6, .nodesNotReady(["a"]))
        story.at(23, .pod(running("a").leaving))
        #expect(story.deletions == [["a"]])
        story.at(45)
        #expect(story.releases == [["a"]])
        story.at(56, .pod(running("b")))
        #expect(story.releases == [["a"], ["b"]] && story.state(of: "a") == .unreachable)
        #expect(story.progress.last?.text == "0 of 2 nodes done, 1 not reached, 1 running: b")
        story.at(57, .pod(done("b")))
        story.at(100)
        #expect(story.verdict == .failed && story.soFar.notDone() == ["a"])
    }

    @Test("A node that was given up and comes back has failed, and counts once")
    func back() {
        var story = Story(of: "abc", at: .number(1), budget: .number(1), timeout: 20)
        story.at(5, .pod(running("a")), .nodesNotReady(["a"]))
        story.at(56, .pod(running("b")))
        story.at(57, .nodesNotReady([]))
        story.at(60)
        #expect(story.progress.last?.text == "0 of 3 nodes done, 1 not reached, 1 running, 1 queued: b")
        story.at(61, .podRemoved(running("a").leaving), .pod(gated("a", uid: "new")))
        story.at(62, .pod(done("b")))
        story.at(64, .pod(done("c")))
        #expect(story.releases == [["a"], ["b"], ["c"]] && story.state(of: "a") == .failed)
        #expect(story.results == ["b", "c"])
    }

    @Test("A node that was given up and comes back for a moment does not keep a turn for good")
    func backForAMoment() {
        var story = Story(of: "abc", at: .number(1), budget: .number(1), timeout: 20)
        story.at(5, .pod(running("a")), .nodesNotReady(["a"]))
        story.at(56, .pod(running("b")))
        story.at(57, .nodesNotReady([]), .pod(running("a").leaving))
        story.at(58, .pod(done("b")), .nodesNotReady(["a"]))
        #expect(story.releases == [["a"], ["b"]])
        story.at(115)
        #expect(story.releases == [["a"], ["b"], ["c"]])
    }

    @Test("A pod that was lost before its task started is no failure: the next one gets its turn")
    func lostBeforeItStarted() {
        var story = Story(of: "ab", at: .number(1), budget: .number(0))
        story.at(5, .pod(rejected("a")))
        story.at(7)
        #expect(story.releases == [["a"], ["b"]])
        story.at(7, .podRemoved(rejected("a")), .pod(gated("a", uid: "new")))
        story.at(8, .pod(done("b")))
        story.at(10, .pod(done("a", uid: "new")))
        #expect(story.releases == [["a"], ["b"], ["a"]] && story.verdict == .done)
    }

    @Test("A pod that took another one's place in the line during an outage gets its turn")
    func replacedInTheLine() {
        var story = Story(of: "ab", at: .number(1))
        story.at(5, .pod(running("a")), .outage("no route"))
        story.at(6, .reachable, .podsListed([running("a"), gated("b", uid: "new")]))
        story.at(8, .pod(done("a")))
        story.at(10, .pod(done("b", uid: "new")))
        #expect(story.releases == [["a"], ["b"]] && story.verdict == .done)
    }

    @Test("A node that was given up does not stand for another that is not ready, when it comes back itself")
    func backWhileAnotherIsAway() {
        var story = Story(of: "abc", at: .number(1), budget: .number(1), timeout: 20)
        story.at(5, .pod(running("a")), .nodesNotReady(["a"]))
        story.at(56, .pod(running("b")))
        story.at(57, .nodesNotReady(["b"]))
        story.at(60)
        #expect(story.progress.last?.text == "0 of 3 nodes done, 1 not reached, 1 not ready, 1 queued: b")
    }

    @Test("A pod that does not go keeps its turn; when all turns are kept so, the run ends and names the rest")
    func stuckPods() {
        var story = Story(of: "abc", at: .number(1), timeout: 20)
        story.at(5, .pod(running("a")))
        story.at(22, .pod(running("a").leaving), .deleted(story.lastRelease.map { PodAnswer($0, .taken) }))
        // It has its grace period besides.
        story.at(105)
        #expect(story.verdict == nil)
        story.at(115)
        #expect(story.releases == [["a"]] && story.verdict == .timedOut)
        #expect(story.told("pods that were deleted do not go: no further node can be started") != nil)
        #expect(story.soFar.notDone() == ["a", "b", "c"])
    }

    @Test("A pod that does not go gives its turn back as soon as its node is not ready: nobody is there to stop it")
    func downWhileDeleted() {
        var story = Story(of: "ab", at: .number(1), timeout: 20)
        story.at(5, .pod(running("a")))
        story.at(22, .pod(running("a").leaving), .deleted(story.lastRelease.map { PodAnswer($0, .taken) }))
        story.at(70, .nodesNotReady(["a"]))
        story.at(73)
        #expect(story.releases == [["a"], ["b"]])
    }

    @Test("Where pods may not be deleted it is told why, once, and the turn is kept")
    func noRightToDelete() {
        var story = Story(of: "abc", at: .number(2), timeout: 20)
        let pods = story.lastRelease
        story.at(22, .deleted(pods.map { PodAnswer($0, .refused(403, "no")) }))
        story.at(40)
        let words = "a pod can't be deleted: no; --parallel takes the right to delete pods"
        #expect(story.count(of: .tellFailure(words)) == 1 && story.releases.count == 1)
    }

    @Test("A node whose pod may not be deleted does not say that it was")
    func notDeleted() {
        var story = Story(of: "ab", at: .number(1))
        story.at(63, .deleted(story.lastRelease.map { PodAnswer($0, .refused(403, "no")) }))
        story.at(155)
        #expect(story.reason(of: "a") == "not started within 60 s; its pod can't be deleted: no")
        #expect(story.told("pods can't be deleted: no further node can be started") != nil && story.verdict == .failed)
    }

    @Test("A pod that somebody else deleted and that does not go is given up as well when its time is up")
    func stuckByOthers() {
        var story = Story(of: "abc", at: .number(1), timeout: 20)
        story.at(3, .pod(running("a")))
        story.at(4, .pod(running("a").leaving))
        story.at(23)
        #expect(story.reason(of: "a") == "timed out after 20 s" && story.deletions == [["a"]])
        story.at(115)
        #expect(story.told("pods that were deleted do not go: no further node can be started") != nil)
        #expect(story.verdict == .timedOut && story.end! < 115)
    }

    @Test("A pod that is done before it goes is done")
    func doneAllTheSame() {
        var story = Story(of: "ab", at: .number(1))
        story.at(62)
        #expect(story.deletions == [["a"]])
        story.at(63, .pod(done("a").leaving), .podRemoved(done("a").leaving), .pod(gated("a", uid: "new")))
        story.at(65, .pod(done("b")))
        #expect(story.verdict == .done)
    }

    @Test("A refusal to delete may pass: the pod is deleted again now and then")
    func deletedAgain() {
        var story = Story(of: "abc", at: .number(1), timeout: 20)
        story.at(3, .pod(running("a")))
        story.at(22, .deleted(story.lastRelease.map { PodAnswer($0, .refused(403, "not yet")) }))
        story.at(40)
        #expect(story.deletions.count == 2)
        story.at(41, .podRemoved(running("a").leaving))
        story.at(45)
        #expect(story.releases == [["a"], ["b"]])
    }

    @Test("A pod that was called ready too soon, whose result could not be had then, is done when it is ready again")
    func readyTooSoon() {
        var story = Story(of: "ab", at: .number(1))
        story.outcomes["a"] = .failed("dial tcp: connection refused")
        story.at(3, .pod(running("a")))
        story.at(5, .pod(done("a")), .pod(running("a")))
        story.at(80)
        story.outcomes["a"] = nil
        story.at(100, .pod(done("a")))
        #expect(story.state(of: "a") == .done)
    }
}

/// How many may fail.
@Suite("Too many failures") struct BudgetStories {
    @Test("When more have failed than may, no node is started; those at work end, and the rest is named")
    func spent() {
        var story = Story(of: "abcdef", at: .number(2), budget: .number(1))
        story.at(3, .pod(failed("a", 1)))
        story.at(5, .pod(running("c")), .pod(running("b")))
        #expect(story.releases == [["a", "b"], ["c"]])
        story.at(6, .pod(failed("b", 1)))
        story.at(60)
        #expect(story.releases == [["a", "b"], ["c"]] && story.verdict == nil)
        story.at(61, .pod(done("c")))
        #expect(story.verdict == .failed && story.results == ["c"])
        #expect(story.told("2 nodes failed or were not reached, which is more than --max-failures 1") == 6)
        #expect(story.soFar.notDone() == ["a", "b", "d", "e", "f"] && story.state(of: "f") == .queued)
    }

    @Test("A task that was killed may have failed: nothing starts in its place before that is known")
    func killed() {
        var story = Story(of: "ab", at: .number(1), budget: .number(0))
        story.outcomes["a"] = .unsealed
        story.at(3, .pod(failed("a", 137, "begin", reason: "OOMKilled")))
        story.at(60)
        #expect(story.releases == [["a"]] && story.verdict == .failed && story.reason(of: "a") == "OOMKilled: begin")
        // The one that is known to have ended makes room, also where its container was killed.
        story = Story(of: "ab", at: .number(1))
        story.at(3, .pod(done("a", restarts: 1)))
        story.at(5, .pod(done("b")))
        #expect(story.releases == [["a"], ["b"]] && story.verdict == .done)
    }

    @Test("Where no node waits for its turn, nothing is said of it")
    func noneLeft() {
        var story = Story(of: "ab", at: .number(2), budget: .number(0))
        story.at(3, .pod(running("b")), .pod(failed("a", 1)))
        #expect(story.told.contains("1 node failed or was not reached, which is more than --max-failures 0"))
    }

    @Test("A pod that may not have been let start is not when too many have failed: it is deleted")
    func notTriedAgain() {
        var story = Story(of: "abc", at: .number(2), budget: .number(0))
        let pods = story.lastRelease
        story.at(2, .released([PodAnswer(pods[0], .taken), PodAnswer(pods[1], .unclear("timed out"))]))
        story.at(3, .pod(failed("a", 1)))
        story.at(70)
        #expect(story.releases == [["a", "b"]] && story.deletions == [["b"]])
        story.at(71, .podRemoved(gated("b").leaving))
        #expect(story.reason(of: "b") == "not started within 60 s: timed out" && story.verdict == .failed)
    }

    @Test("What fails at the moment at which a request would be made again counts")
    func notTriedAgainAtOnce() {
        var story = Story(of: "abc", at: .number(2), budget: .number(0))
        let pods = story.lastRelease
        story.at(3, .pod(stuck("a", "InvalidImageName", "?")))
        story.at(11, .released([PodAnswer(pods[0], .taken), PodAnswer(pods[1], .unclear("timed out"))]))
        story.at(12)
        #expect(story.state(of: "a") == .waiting)
        story.at(30)
        #expect(story.state(of: "a") == .failed && story.releases == [["a", "b"]])
    }

    @Test("Percent are of all nodes, and must be exceeded", arguments: [(50, 3), (49, 2), (0, 1)])
    func percent(percent: Int, fatal: Int) {
        var story = Story(of: "abcd", at: .number(1), budget: .percent(percent))
        for (time, node) in [(5.0, "a"), (10, "b"), (15, "c"), (20, "d")] { story.at(time, .pod(failed(node, 1))) }
        #expect(story.releases.count == fatal)
    }

    @Test("Nodes that were not reached count")
    func notReached() {
        var story = Story(of: "abc", at: .number(1), budget: .number(0), timeout: 20)
        story.at(5, .nodesNotReady(["a"]))
        story.at(90)
        #expect(story.releases == [["a"]] && story.verdict == .failed && story.state(of: "a") == .unreachable)
    }

    @Test(
        "Nodes whose time is up count: that they are too many is 1, whether others are left, and also to fail fast",
        arguments: ["a", "abc"], [false, true])
    func timedOut(nodes: String, failFast: Bool) {
        var story = Story(of: nodes, at: .number(1), budget: .number(0), timeout: 20, failFast: failFast)
        story.at(3, .pod(running("a")))
        story.at(30)
        #expect(story.releases == [["a"]] && story.verdict == .failed)
        #expect(story.told("1 node failed or was not reached, which is more than --max-failures 0") == 21)
    }

    @Test("When as many have failed as may, and not more, one whose time was up makes it 124")
    func timedOutWithinBudget() {
        var story = Story(of: "abc", at: .number(1), budget: .number(1), timeout: 20)
        story.at(3, .pod(running("a")))
        story.at(23, .podRemoved(running("a").leaving), .pod(gated("a", uid: "new")))
        story.at(25, .pod(done("b")))
        story.at(27, .pod(done("c")))
        #expect(story.releases == [["a"], ["b"], ["c"]] && story.verdict == .timedOut)
    }

    @Test("A node that is lost while nothing else is at work any more is given up after half a minute")
    func lostAtTheEnd() {
        var story = Story(of: "abcd", at: .number(2), budget: .number(0))
        story.at(3, .pod(starting("b")), .nodesNotReady(["b"]))
        story.at(5, .pod(failed("a", 1)))
        story.at(40)
        #expect(story.verdict == .failed && story.end! <= 37)
    }

    @Test("To fail fast stops those at work as well: at the first failure, or when more have failed than may")
    func failFast() {
        var story = Story(of: "abcd", at: .number(2), failFast: true)
        story.at(3, .pod(running("b")), .pod(failed("a", 1)))
        #expect(story.verdict == .failed && story.state(of: "b") == .waiting)
        var patient = Story(of: "abcd", at: .number(2), budget: .number(1), failFast: true)
        patient.at(3, .pod(running("b")), .pod(failed("a", 1)))
        patient.at(6, .pod(running("c")))
        #expect(patient.verdict == nil)
        patient.at(7, .pod(failed("b", 1)))
        #expect(patient.verdict == .failed && patient.state(of: "c") == .waiting)
    }

    @Test("A budget that was spent is no success where nodes have no pod yet, though what spent it was done after all")
    func takenBack() {
        var story = Story(of: "a", at: .number(1), budget: .number(0))
        story.logsCome = false
        story.at(2, .wants(2, has: 1))
        story.at(3, .pod(done("a")))
        story.at(4, .pod(pod("a", ended(end(143))).leaving))
        story.at(5)
        story.answer(.proved(proof()))
        #expect(story.verdict == .failed && story.state(of: "a") == .done)
    }

    @Test("Percent of no node are none yet: a controller may say so before it has counted")
    func percentOfNone() {
        var plan = Story.plan()
        plan.budget = .percent(20)
        var story = Story(plan)
        story.at(1, .wants(0))
        story.at(5, .pod(running("b")), .pod(failed("a", 1)))
        #expect(story.verdict == nil)
        story.at(12, .wants(100))
        story.at(13)
        #expect(story.verdict == nil)
        var paced = Story(of: "", at: .number(2), budget: .percent(20))
        paced.at(5, .wants(0), .pod(gated("a")), .pod(gated("b")))
        paced.at(9)
        paced.at(10, .pod(failed("a", 1)))
        #expect(paced.told("more than") == nil)
    }
}

extension Story {
    /// A story of nodes with names of one letter, whose pods wait for their turn.
    fileprivate init(
        of nodes: String, at window: Share, budget: Share? = nil, timeout: Seconds = 300, failFast: Bool = false,
        keepsEveryLog: Bool = false, latest: Seconds = .infinity, notReady: Set<String>? = []
    ) {
        var plan = Story.plan(timeout: timeout)
        plan.pace = Pace(window: window)
        plan.budget = budget ?? (failFast ? .number(0) : nil)
        plan.pace?.latest = latest
        plan.failFast = failFast
        plan.keepsEveryLog = keepsEveryLog
        self.init(plan)
        self.notReady = notReady
        at(0, .podsListed(nodes.map { gated("\($0)") }), .wants(nodes.count))
        if notReady != nil { at(1) }
    }
}
