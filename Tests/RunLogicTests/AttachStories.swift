@testable import RunLogic
import Testing

/// Who only looks at a run that somebody else started: it sees what there is, believes what is noted, and guesses
/// nothing.
@Suite("Looking at somebody else's run") struct AttachStories {
    private func note(_ change: (inout Note) -> Void) -> Event {
        var note = Note()
        change(&note)
        return .note(note)
    }

    @Test(
        "Who comes late, also after the timeout, gets all results; of when the nodes were done nobody knows",
        arguments: [10, 299, 301, 5000] as [Seconds])
    func late(since: Seconds) {
        var story = Story(lookingFrom: since)
        story.at(since, .podsListed([done("a"), done("b")]), .wants(2))
        story.at(since + 3)
        #expect(story.verdict == .done && story.results == ["a", "b"] && story.told == [])
        #expect(story.seconds(of: "a") == nil)
    }

    @Test(
        "Results that come slowly are waited for also where it is noted how the run ended, which counts",
        arguments: ["done", "failed", "timed-out"])
    func slowResults(verdict: String) {
        var story = Story(lookingFrom: 1000)
        story.logsCome = false
        story.at(1000, .podsListed([done("a")]), .wants(1), note { $0.verdict = verdict })
        story.at(1060)
        #expect(story.verdict == nil)
        story.answer()
        #expect(story.verdict?.name == verdict && story.results == ["a"])
    }

    @Test("Of a task that had ended when somebody came nobody knows when it did, whatever comes before its result")
    func endedBefore() {
        var story = Story(lookingFrom: 1000)
        story.logsCome = false
        story.at(1000, .podsListed([done("a")]), .wants(1))
        story.at(1003, .pod(done("a")))
        story.answer()
        #expect(story.state(of: "a") == .done && story.summary[0].seconds == nil)
    }

    @Test("Nothing is said or decided before the pods were listed")
    func unlisted() {
        var story = Story(lookingFrom: 10, pace: Pace(window: .number(1)), budget: .number(0))
        story.at(10, .wants(2), note { ($0.verdict, $0.isBudgetSpent, $0.lost) = ("failed", true, 1) })
        story.at(13)
        #expect(story.verdict == nil && story.progress.isEmpty)
        story.at(14, .podsListed([failed("a", 1), gated("b")]))
        story.at(15)
        #expect(story.verdict == .failed && story.soFar.notDone() == ["a", "b"])
        #expect(story.told("1 node failed or was not reached, which is more than --max-failures 0") == 10)
    }

    @Test("A failure does not stop who only looks, and the timeout counts from when the run began")
    func timeout() {
        var story = Story(lookingFrom: 200)
        story.at(200, .podsListed([failed("a", 7, "no"), running("b")]), .wants(2))
        story.at(299)
        #expect(story.verdict == nil)
        story.at(301)
        #expect(story.verdict == .timedOut && story.end == 300)
        #expect(
            story.told == ["a: failed with exit code 7: no", "timed out after 300 s", "not done: b: still running"])
    }

    @Test("Who comes after the timeout sees what there is first, and does not wait for ever for what shows nothing")
    func afterTheTimeout() {
        var story = Story(lookingFrom: 1000)
        story.at(1001, .podsListed([running("a")]), .wants(1))
        story.at(1004)
        #expect(story.verdict == nil)
        story.at(1006)
        #expect(story.verdict == .timedOut)
        var silent = Story(lookingFrom: 1000)
        silent.at(1119)
        #expect(silent.verdict == nil)
        silent.at(1120)
        #expect(silent.verdict == .timedOut)
    }

    @Test(
        "What the one who gives the turns decided is believed: nodes that he gave up, and how the run ended",
        arguments: ["timed-out", "failed"])
    func noted(verdict: String) {
        var story = Story(lookingFrom: 5, pace: Pace(window: .number(1)))
        story.at(5, .podsListed([running("a"), gated("b")]), .wants(2))
        story.at(20, note { $0.gaveUp = ["a": "timed out after 8 s"] })
        story.at(21)
        #expect(story.told == ["a: failed: timed out after 8 s"] && story.verdict == nil)
        story.at(22, note { ($0.gaveUp, $0.verdict) = (["a": "timed out after 8 s"], verdict) })
        story.at(23)
        #expect(story.verdict?.name == verdict && story.soFar.notDone() == ["a", "b"])
    }

    @Test("A run one of whose nodes timed out is 124 for who looks on, though all others are done before it is noted")
    func notedTimeout() {
        var story = Story(lookingFrom: 5, pace: Pace(window: .number(1)))
        story.at(5, .podsListed([running("a"), gated("b")]), .wants(2))
        story.at(20, note { ($0.gaveUp, $0.hasTimedOut) = (["a": "timed out after 8 s"], true) })
        story.at(21, .pod(done("b")))
        #expect(story.verdict == .timedOut)
    }

    @Test("A run notes what nobody can see later, and nothing else: a node that it gave up, a spent budget, its end")
    func notes() {
        var plan = Story.plan(timeout: 20)
        (plan.pace, plan.budget) = (Pace(window: .number(1)), .number(0))
        var story = Story(plan)
        story.notReady = []
        story.at(0, .podsListed([gated("a"), gated("b")]), .wants(2))
        story.at(3, .pod(running("a")))
        #expect(story.notes == [])
        story.at(60)
        #expect(story.verdict == .failed && story.soFar.note.verdict == "failed" && story.soFar.note.isBudgetSpent)
        #expect(story.soFar.note.gaveUp == ["a": "timed out after 20 s"] && story.soFar.note.lost == 1)
        var calm = Story(wanting: 1)
        calm.at(1, .pod(done("a")))
        #expect(calm.notes == [])
    }

    @Test("The one who started it deletes it when all are done: what is on its way still counts")
    func deletedAtTheEnd() {
        var story = Story(lookingFrom: 5)
        story.at(5, .podsListed([done("a"), running("b")]), .wants(2))
        story.outcomes["b"] = .lost("not found")
        story.at(10, .daemonSetGone)
        story.at(12, .podRemoved(done("b").leaving))
        story.at(20)
        #expect(story.state(of: "a") == .done && story.verdict == .failed, "b's result went with its pod")
        #expect(story.soFar.notDone() == [], "b was done: to run it again would be once too often")
    }

    @Test("Of a node that was named nothing is said where the run was gone before all pods were seen")
    func namedAndGone() {
        for isThere in [false, true] {
            var plan = Story.plan()
            (plan.lookBegins, plan.named) = (5, ["a", "b"])
            var story = Story(plan, at: 5)
            story.at(6, .podsListed([done("a")]), .wants(isThere ? 1 : 2))
            if !isThere { story.at(6, .daemonSetGone) }
            story.at(20)
            #expect(story.soFar.nodes.map(\.node) == (isThere ? ["a", "b"] : ["a"]))
            #expect(story.verdict == .failed || !isThere)
        }
    }

    @Test(
        "A DaemonSet that is deleted before its nodes are done is told",
        arguments: [
            ([], .refused), ([failed("a", 1)], .failed),
        ] as [([Pod], Verdict)])
    func deletedEarly(pods: [Pod], verdict: Verdict) {
        var story = Story(lookingFrom: 5)
        story.at(5, .podsListed(pods + [running("b")]), .wants(2), .daemonSetGone)
        story.at(11)
        #expect(story.verdict == verdict && story.soFar.isGone)
        #expect(story.told("daemonset/task was deleted before its nodes were done, as far as could be seen") == 10)
    }

    @Test("Queued nodes whose turn does not come for half a minute while none is at work are not started")
    func abandoned() {
        var story = Story(lookingFrom: 5, pace: Pace(window: .number(1)))
        story.at(5, .podsListed([running("a"), gated("b")]), .wants(2))
        story.at(100)
        #expect(story.verdict == nil, "a node is at work")
        story.at(100, .pod(done("a")))
        story.at(129)
        #expect(story.verdict == nil)
        story.at(131)
        #expect(story.verdict == .failed && story.results == ["a"] && story.releases.isEmpty)
        #expect(story.told("no node has been started for 30 s, and none is at work: whoever started") != nil)
    }

    @Test("Whoever starts the nodes waits for those that are done and down, and for a pod that was given up to go")
    func pauses() {
        let pace = Pace(window: .number(1))
        var story = Story(lookingFrom: 5, pace: pace)
        story.at(5, .podsListed([done("a"), gated("b")]), .wants(2), .nodesNotReady(["a"]))
        story.at(200)
        #expect(story.verdict == nil)
        story = Story(lookingFrom: 5, pace: pace)
        story.at(5, .podsListed([running("a"), gated("b")]), .wants(2))
        story.at(100, note { $0.gaveUp["a"] = "timed out after 60 s" })
        story.at(185)
        #expect(story.verdict == nil && story.state(of: "a") == .failed)
        story.at(186, .podRemoved(running("a")), .pod(running("b")))
        story.at(190, .pod(done("b")))
        #expect(story.results == ["b"])
    }

    @Test("Where the DaemonSet stays, a task that goes on is not to be run once more beside itself")
    func goesOn() {
        var story = Story(lookingFrom: 5)
        story.at(5, .podsListed([running("a"), failed("b", 1)]), .pod(starting("c")), .wants(3))
        story.at(300)
        #expect(story.soFar.notDone(goesOn: true) == ["b", "c"] && story.soFar.notDone() == ["a", "b", "c"])
    }

    @Test("A node that was given up fails the run for who looks, too, whether it is not there or has a pod again")
    func givenUp() {
        var plan = Story.plan()
        (plan.lookBegins, plan.pace, plan.named) = (100, Pace(window: .number(1)), ["a", "x"])
        var story = Story(plan, at: 100)
        // The note may be there before the pods.
        story.at(100, note { ($0.gaveUp, $0.lost) = (["x": "not started within 60 s", "c": "Evicted"], 2) })
        story.at(101, .podsListed([done("a"), running("b"), gated("c")]), .wants(3))
        #expect(story.state(of: "c") == .failed)
        story.at(105, .pod(running("c", uid: "another")))
        story.at(110, .pod(done("b")), .pod(done("c", uid: "another")))
        #expect(story.verdict == .failed && story.state(of: "c") == .failed)
        #expect(story.soFar.nodes.map(\.node) == ["a", "b", "c", "x"])
        #expect(story.told.last == "not done: x: not started within 60 s" && story.soFar.notDone() == ["c"])
    }
}
