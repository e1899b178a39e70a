import RunLogic
import Testing

extension Pod {
    /// The pod as the controller made it so many seconds after noon.
    fileprivate func made(after seconds: Int) -> Pod {
        with { $0.metadata.creationTimestamp = noon(plus: Seconds(seconds)) }
    }
}

@Suite("Looking at a run that somebody else started") struct LookStories {
    @Test("Who comes when all nodes are done gets all results, however late it is")
    func late() {
        for since: Seconds in [10, 299, 301, 5000] {
            var story = Story(lookingFrom: since)
            story.logsCome = false
            story.at(since, .podsListed([done("a"), done("b")]), .wants(2))
            // Only the results are missing when time passes.
            story.at(since + 20, .clock)
            #expect(story.verdict == nil)
            story.answer()
            story.at(since + 21)
            #expect(story.verdict == .done, "\(since)")
            #expect(story.results == ["a", "b"])
            #expect(story.told == [])
        }
    }

    @Test("A node that had failed before is told, and the verdict is that of the run")
    func failed() {
        var story = Story(lookingFrom: 400)
        story.at(400, .podsListed([done("a"), RunLogicTests.failed("b", 7, "no such luck")]), .wants(2))
        story.at(402)
        #expect(story.verdict == .failed)
        #expect(story.told == ["b: failed with exit code 7: no such luck"])
    }

    @Test("A failure does not stop who only looks, also where the run stops at the first one")
    func failFast() {
        var story = Story(lookingFrom: 5)
        story.at(5, .podsListed([running("a"), RunLogicTests.failed("b", 1)]), .wants(2))
        story.at(30)
        #expect(story.verdict == nil)
        story.at(31, .pod(done("a")))
        story.at(33)
        #expect(story.verdict == .failed)
        #expect(story.results == ["a"])
    }

    @Test("The timeout counts from when the run began, not from when somebody looks")
    func timeout() {
        var story = Story(lookingFrom: 200)
        story.at(200, .podsListed([done("a"), running("b")]), .wants(2))
        story.at(400)
        #expect(story.verdict == .timedOut)
        #expect(story.end == 300)
        #expect(story.told == ["timed out after 300 s", "not done: b: still running"])
    }

    @Test("Who comes after the timeout sees what there is, and then that the time is up")
    func afterTimeout() {
        var story = Story(lookingFrom: 1000)
        story.at(1003, .podsListed([done("a"), running("b")]), .wants(2))
        story.at(1200)
        #expect(story.verdict == .timedOut)
        #expect(story.end == 1005)
        #expect(story.results == ["a"])
        #expect(story.told.contains("not done: b: still running"))
    }

    @Test("A list of pods that takes its time is waited for, also after the timeout")
    func slowList() {
        var story = Story(lookingFrom: 1000)
        story.at(1000, .wants(1))
        story.at(1020, .podsListed([done("a")]))
        story.at(1021)
        #expect(story.verdict == .done)
    }

    @Test("Who comes after the timeout gets what the nodes wrote up to now")
    func partialLogs() {
        var story = Story(lookingFrom: 1000, keepsEveryLog: true)
        story.logsCome = false
        story.at(1000, .podsListed([running("a")]), .wants(1))
        story.at(1007)
        #expect(story.verdict == nil)
        story.answer()
        #expect(story.verdict == .timedOut)
        #expect(story.run.summary.map(\.partial) == [true])
    }

    @Test("A node that is not ready is no timeout: the run had given it up before")
    func unreachable() {
        var story = Story(lookingFrom: 1000)
        story.at(1000, .podsListed([done("a"), running("b")]), .wants(2))
        story.at(1001, .nodesNotReady(["b"]))
        story.at(1100)
        #expect(story.verdict == .failed)
        #expect(story.told == ["b: the node is not ready", "not done: b: the node is not ready"])
    }

    @Test("A cluster that shows nothing when the time is up is not waited for for ever")
    func nothingShown() {
        var story = Story(lookingFrom: 1000)
        story.at(1001, .outage("gone"))
        story.at(2000)
        #expect(story.verdict == .timedOut)
        #expect(story.end == 1120)
    }

    @Test("When the logs do not come the wait ends as that of a run does")
    func logsDoNotCome() {
        var story = Story(lookingFrom: 1000)
        story.outcomes["a"] = .failed("no route to host")
        story.at(1000, .podsListed([done("a"), done("b")]), .wants(2))
        story.at(1100)
        #expect(story.verdict == .failed)
        #expect(story.told == ["a: done, but its result can't be fetched: no route to host"])
    }

    @Test("How far a run is that is under way is not told before somebody looked")
    func progress() {
        var story = Story(lookingFrom: 20)
        story.at(20, .reachable, .wants(2))
        story.at(22, .podsListed([done("a"), running("b")]))
        #expect(story.progress.map(\.text) == ["nodes: 1 of 2 done, 0 failed, 1 to go"])
    }

    @Test("A signal ends the look at once")
    func signal() {
        var story = Story(lookingFrom: 5)
        story.at(6, .podsListed([done("a"), running("b")]), .wants(2), .signal(2))
        #expect(story.verdict == .stopped(2))
    }

    // MARK: The run ends

    @Test("The run itself deletes its DaemonSet when all are done: the results that are on their way still count")
    func endsWhileLooking() {
        var story = Story(lookingFrom: 5)
        story.logsCome = false
        story.at(5, .podsListed([running("a"), running("b")]), .wants(2))
        story.at(10, .pod(done("a")), .pod(done("b")), .daemonSetRemoved)
        story.at(20)
        #expect(story.verdict == nil)
        story.answer() // of a
        story.answer() // and then of b
        story.at(21, .podRemoved(done("a")), .podRemoved(done("b")))
        #expect(story.verdict == .done)
        #expect(story.told == [])
    }

    @Test(
        "A run that ends before who looks on has its results is told as that, whichever is seen first: status 1",
        arguments: [true, false])
    func endsBeforeTheResults(isSeenEnding: Bool) {
        var story = Story(lookingFrom: 5)
        story.logsCome = false
        story.at(5, .podsListed([done("a")]), .wants(1))
        if isSeenEnding { story.at(6, .daemonSetRemoved) }
        story.answer(.lost("pods \"task-a\" not found"))
        if !isSeenEnding { story.at(7, .daemonSetRemoved) }
        for second in 8...20 { story.at(Seconds(second)); story.answer(.lost("pods \"task-a\" not found")) }
        #expect(story.verdict == .failed && story.verdict?.exitStatus == 1)
        let why = "the run ended meanwhile, and its pods are gone: whoever runs it has the result"
        #expect(story.told == ["a: done, but its result can't be fetched: \(why)"])
        #expect(story.run.notDone() == [], "it was done: to run it again would be once too often")
    }

    @Test("A log that is no longer there while the run goes on is lost for who looks on, with the reason")
    func lostWhileLooking() {
        var story = Story(lookingFrom: 5)
        story.logsCome = false
        story.at(5, .podsListed([done("a")]), .wants(1))
        for second in 6...20 { story.answer(.lost("gone")); story.at(Seconds(second)) }
        #expect(story.verdict == .failed && story.end ?? 99 < 15)
        #expect(story.told == ["a: done, but its result can't be fetched: gone"] && story.run.notDone() == ["a"])
    }

    @Test("That the last node was done may come after the DaemonSet was deleted")
    func lastNews() {
        var story = Story(lookingFrom: 5)
        story.at(5, .podsListed([done("a"), running("b")]), .wants(2))
        story.at(10, .daemonSetRemoved)
        story.at(11, .pod(done("b")), .podRemoved(done("b").leaving))
        story.at(12)
        #expect(story.verdict == .done)
        #expect(story.results == ["a", "b"])
    }

    @Test(
        "A DaemonSet that is deleted before its nodes are done ends the look, with what is here",
        arguments: [(10.0, Verdict.refused), (1000, .timedOut)])
    func deleted(time: Seconds, verdict: Verdict) {
        var story = Story(lookingFrom: time)
        story.at(time, .podsListed([done("a"), running("b")]), .wants(2))
        story.at(time, .daemonSetRemoved, .pod(running("b").leaving))
        story.at(time + 20)
        #expect(story.verdict == verdict)
        #expect(story.told("daemonset/task was deleted before its nodes were done") == time + 5)
        #expect(story.results == ["a"])
        #expect(story.told.contains("not done: b: its pod was deleted before its task was done"))
    }

    @Test("A run that a failure stopped is deleted early, and has failed for who looks, too")
    func deletedAfterFailure() {
        var story = Story(lookingFrom: 10)
        story.at(10, .podsListed([pod("a", waits("CrashLoopBackOff", after: end(1))), running("b")]), .wants(2))
        story.at(11, .daemonSetRemoved, .pod(running("b").leaving))
        story.at(30)
        #expect(story.verdict == .failed)
    }

    @Test("What is deleted before anything was seen is told, too")
    func deletedAtOnce() {
        var story = Story(lookingFrom: 5)
        story.at(5, .podsListed([]), .wants(0), .daemonSetRemoved)
        story.at(20)
        #expect(story.verdict == .refused)
        #expect(story.end == 10)
        #expect(
            story.told == [
                "daemonset/task was deleted before its nodes were done, as far as could be seen from here"
            ])
    }

    // MARK: Queued nodes

    @Test("Queued nodes whose turn does not come for half a minute while none is at work are not started")
    func queue() {
        var story = Story(lookingFrom: 50)
        story.unfollowed = [gated("b"), gated("c")]
        story.at(50, .podsListed([done("a")]), .wants(3))
        story.at(100)
        #expect(story.verdict == .failed)
        #expect((story.end ?? 0) >= 80 && (story.end ?? 0) <= 85)
        #expect(
            story.told == [
                "no node has been started for 30 s, and none is at work: whoever started this run seems to be gone",
                "not done: b, c: not started before the run ended",
            ])
        #expect(story.run.notDone() == ["b", "c"])
    }

    @Test("As long as a node is at work, or one after the other is started, the others wait for their turn")
    func movingQueue() {
        var story = Story(lookingFrom: 50)
        story.unfollowed = [gated("b"), gated("c")]
        story.at(50, .podsListed([running("a")]), .wants(3))
        story.at(120)
        #expect(story.verdict == nil, "a is at work")
        story.at(120, .pod(done("a")))
        story.unfollowed = [gated("c")]
        story.at(145, .pod(running("b")), .pod(done("b")))
        story.unfollowed = []
        story.at(170, .pod(running("c")), .pod(done("c")))
        story.at(172)
        #expect(story.verdict == .done)
    }

    @Test("A node that can't be reached, or whose pod goes, has its turn: nobody is told to be gone", arguments: [true, false])
    func turnThatLasts(isReachable: Bool) {
        var story = Story(lookingFrom: 50)
        story.unfollowed = [gated("b")]
        story.at(50, .podsListed([done("c"), running("a")]), .wants(3))
        story.at(51, isReachable ? .pod(running("a").leaving) : .nodesNotReady(["a"]))
        #expect(story.state(of: "a") == (isReachable ? .gone : .unreachable))
        story.at(120)
        #expect(story.told("seems to be gone") == nil)
    }

    @Test("Where the DaemonSet stays, a task that goes on is not to be run once more beside itself")
    func againBesideItself() {
        var story = Story(lookingFrom: 50, timeout: 100)
        story.unfollowed = [starting("c")]
        story.at(50, .podsListed([done("a"), running("b")]), .wants(3))
        story.at(130)
        #expect(story.verdict == .timedOut)
        #expect(story.run.notDone(goesOn: true) == ["c"] && story.run.notDone() == ["b", "c"])
    }

    @Test("The run itself gives the turns, and is not told that it is gone")
    func ownQueue() {
        var story = Story(wanting: 2)
        story.at(1, .pod(done("a")), .pendingListed([gated("b")]))
        story.at(100)
        #expect(story.verdict == nil)
    }

    // MARK: What is gone

    @Test("A pod that was made long after the others is told: there may have been one before it")
    func madeAnew() {
        var story = Story(lookingFrom: 280)
        story.at(
            280,
            .podsListed([
                done("a").made(after: 1), done("b").made(after: 59), done("c").made(after: 119),
                done("d").made(after: 10),
            ]),
            .wants(4))
        story.at(282)
        #expect(story.verdict == .done)
        #expect(
            story.told == ["made later than the other pods: c: if there was one before, what it wrote is gone"])
    }

    @Test("Pods that are made one after the other are those of a large cluster, however long that takes")
    func madeSlowly() {
        var story = Story(lookingFrom: 280)
        story.at(
            280, .podsListed((0..<5).map { done("node-\($0)").made(after: 50 * $0) }), .wants(5))
        story.at(282)
        #expect(story.told == [])
    }

    @Test("Who started the run saw all its pods, and says nothing of that")
    func ownPods() {
        var story = Story(wanting: 2)
        story.at(1, .pod(done("a").made(after: 1)))
        story.at(200, .pod(done("b").made(after: 200)))
        story.at(210)
        #expect(story.verdict == .done)
        #expect(story.told == [])
    }

    @Test("A node without a pod is waited for until the time is up, and then told")
    func podIsGone() {
        var story = Story(lookingFrom: 280)
        story.at(280, .podsListed([done("a")]), .wants(2, has: 1))
        story.at(301)
        #expect(story.verdict == .timedOut)
        #expect(story.told.last == "not done: 1 of 2 nodes: no pod has started")
    }

    @Test("When a node ended is known of those alone that ended while somebody looked")
    func seconds() {
        var story = Story(lookingFrom: 100)
        story.at(100, .podsListed([done("a"), running("b")]), .wants(2))
        story.at(107, .pod(done("b")))
        story.at(109)
        #expect(story.run.summary.map(\.seconds) == [nil, 107])
    }
}

@Suite("Moments") struct TimestampTests {
    @Test(
        "A moment is the same however it is written",
        arguments: [
            ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
            ("2026-11-25T10:14:59Z", "Wed, 25 Nov 2026 10:14:59 GMT", 1_795_601_699),
            ("2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
        ])
    func moments(kubernetes: String, http: String, seconds: Int) {
        #expect(Timestamp(kubernetes)?.seconds == seconds)
        #expect(Timestamp(httpDate: http)?.seconds == seconds)
    }

    @Test(
        "What is no moment is none",
        arguments: [
            "", "Z", "2026-11-25", "2026-11-25T10:14:59", "2026-13-25T10:14:59Z", "2026-11-00T10:14:59Z",
            "2026-11-25T10:14:59+01:00", "Wed, 25 Nov 2026 10:14:59", "Wed, 25 Nov 2026 10:14:59 CET",
            "Wed, 25 Nox 2026 10:14:59 GMT", "Wed, 25 Nov 2026 10:14 GMT", "Wed, 25 Nov 2026 10:14:99999 GMT",
            "Wed, 25 Nov 999999999999999 10:14:59 GMT", "2026-11-25T10:14:5xZ", "99999999999999999999",
            "2026-11-25T10:14:٥Z",
        ])
    func none(text: String) {
        #expect(Timestamp(text) == nil)
        #expect(Timestamp(httpDate: text) == nil)
    }
}
