@testable import RunLogic
import Testing

/// What once ended in success, or took a task's time away, and must not.
@Suite("Wrong outcomes") struct WrongOutcomes {
    @Test("A kubelet that starts again calls a running container ready: without its seal that is not believed")
    func readyLies() {
        var story = Story(wanting: 1)
        story.outcomes["a"] = .unsealed
        story.at(3, .pod(done("a")))
        story.at(3.5, .pod(running("a")))
        story.at(20)
        #expect(story.verdict == nil && story.state(of: "a") == .waiting && story.announced == [])
        story.outcomes["a"] = nil
        story.at(21, .pod(done("a")))
        #expect(story.verdict == .done && story.announced == ["a"])
    }

    @Test("The empty log of a container that was restarted a moment ago proves nothing: its agent writes all again")
    func logAheadOfTheWatch() {
        var story = Story(wanting: 1)
        story.outcomes["a"] = .unsealed
        story.at(3, .pod(done("a")))
        story.outcomes["a"] = nil
        story.at(6, .pod(done("a", restarts: 1)))
        story.at(9)
        #expect(story.verdict == .done && story.fetches.count > 1)
    }

    @Test("A log without a seal that begins long after its container may have been rotated: so much is told")
    func rotated() {
        var story = Story(wanting: 3, isSealed: false)
        story.logsCome = false
        let pods = ["a", "b", "c"].map { node in
            done(node).with { $0.status.containerStatuses?[0].state?.running?.startedAt = noon }
        }
        for pod in pods { story.at(3, .pod(pod)) }
        story.at(6)
        let requests = story.fetches.joined()
        #expect(requests.count == 3 && requests.allSatisfy { $0.startedAt == noon })
        story.at(7, .fetched(zip(requests, [9, 10, 600]).map { Fetched($0, .complete, delay: $1) }))
        story.at(10)
        #expect(story.verdict == .done && story.results == ["a", "b", "c"])
        #expect(story.told.count == 1)
        #expect(story.told[0].hasPrefix("b, c: the log begins 10 s or more after its container: what was before"))
    }

    @Test(
        "A named node that has no pod fails the run, and is told with why", arguments: [nil, "no agent"] as [String?])
    func namedNodeIsNotMet(why: String?) {
        var plan = Story.plan()
        plan.named = ["a", "win"]
        if let why { plan.unmet = ["win": why] }
        var story = Story(plan)
        story.at(0, .wants(1), .pod(done("a")))
        #expect(story.verdict == .failed && story.results == ["a"] && story.state(of: "win") == .unmet)
        #expect(story.told == ["not done: win: \(why ?? "no pod was made for it: look at the selector")"])
        #expect(story.soFar.notDone() == [])
    }

    @Test("A node that joins as another one leaves that was done is waited for, before anything is seen of its pod")
    func joinerForLeaver() {
        var story = Story(wanting: 2)
        story.at(1, .pod(done("a")), .pod(running("b")))
        story.at(2, .podRemoved(done("a").leaving))
        story.at(3, .wants(2, has: 2), .pod(done("b")))
        story.at(9)
        #expect(story.verdict == nil)
        story.at(10, .pod(running("c")))
        story.at(12, .pod(done("c")))
        #expect(story.verdict == .done && story.results == ["a", "b", "c"])
    }

    @Test("Time in which this program stood still is not the nodes': all pods are looked at before anything is judged")
    func jump() {
        var story = Story(wanting: 2, timeout: 10)
        story.at(4, .pod(running("a")), .pod(running("b")))
        story.looksCome = false
        story.jump(to: 300, .clock)
        #expect(story.count(of: .lookAtAll) == 1 && story.verdict == nil)
        story.jump(to: 300.5, .lookedAtAll([done("a"), running("b")]), .clock)
        #expect(story.results == ["a"] && story.verdict == nil)
        story.at(305)
        #expect(story.verdict == nil)
        story.at(307)
        #expect(story.verdict == .timedOut && story.results == ["a"])
    }

    @Test("What joined while this program stood still is looked for before a success is one")
    func joinedInAJump() {
        var story = Story(wanting: 1)
        story.logsCome = false
        story.looksCome = false
        story.at(4, .pod(done("a")))
        story.jump(to: 300, .fetched(story.fetches[0].map { Fetched($0, .proved(proof())) }))
        #expect(story.results == ["a"] && story.verdict == nil)
        story.jump(to: 300.2, .lookedAtAll([done("a"), running("b")]), .wants(2), .clock)
        #expect(story.verdict == nil)
    }

    @Test("Where nobody can look after a jump, the time that is left passes all the same")
    func jumpIntoAnOutage() {
        var story = Story(wanting: 1, timeout: 100)
        story.at(4, .pod(running("a")))
        story.looksCome = false
        story.jump(to: 300, .clock, .outage("refused"))
        story.at(395)
        #expect(story.verdict == nil && story.count(of: .lookAtAll) > 1)
        story.at(400)
        #expect(story.verdict == .timedOut)
    }

    @Test(
        "A node that is lost while its task runs is waited for until the timeout, and nothing is deleted under it",
        arguments: [false, true])
    func lostWhileItRuns(isPaced: Bool) {
        var plan = Story.plan(timeout: 600)
        plan.pace = isPaced ? Pace(window: .number(2)) : nil
        var story = Story(plan)
        story.notReady = []
        if isPaced { story.at(0, .podsListed([gated("a"), gated("b")])) }
        story.at(1, .wants(2))
        story.at(5, .pod(done("a")), .pod(running("b")))
        story.at(10, .nodesNotReady(["b"]))
        story.at(200)
        #expect(story.verdict == nil && story.deletions.isEmpty && story.state(of: "b") == .unreachable)
        story.at(201, .nodesNotReady([]), .pod(done("b")))
        #expect(story.verdict == .done)
    }

    @Test("Which nodes are ready is asked before each round, and a done node that went down holds its place")
    func downAfterItsTurn() {
        var plan = Story.plan()
        plan.pace = Pace(window: .number(1))
        var story = Story(plan)
        story.notReady = []
        story.at(0, .podsListed([gated("a"), gated("b"), gated("c")]), .wants(3))
        story.at(9, .pod(done("a")), .nodesNotReady(["a"]))
        story.at(60)
        #expect(story.releases == [["a"]] && story.verdict == nil)
        story.at(61, .nodesNotReady([]))
        story.at(63, .pod(done("b")))
        story.at(70)
        #expect(story.releases == [["a"], ["b"], ["c"]])
        #expect(story.count(of: .askAboutNodes) >= 3)
    }
}
