@testable import RunLogic
import Testing

@Suite("Results that prove themselves") struct ProofStories {
    @Test("Many results are fetched at once, once a second while nodes are at work, and each once")
    func gathered() {
        var story = Story(wanting: 6)
        story.at(1, .pod(done("a")))
        story.at(1.1, .pod(done("b")))
        story.at(1.2, .pod(done("c")))
        story.at(2.5, .pod(done("d")))
        story.at(3, .pod(done("e")), .pod(done("f")))
        #expect(story.fetches.map { $0.map(\.node) } == [["a"], ["b", "c"], ["d"], ["e", "f"]])
        #expect(story.verdict == .done && story.announced == ["a", "b", "c", "d", "e", "f"])
    }

    @Test("On a large cluster more are gathered, up to eight seconds' worth, and not more than a thousand at once")
    func gatheredLonger() {
        var story = Story(wanting: 2500)
        story.logsCome = false
        for number in 0..<2000 { story.at(1, .pod(done("node-\(number)"))) }
        for number in 2000..<2500 { story.at(1, .pod(running("node-\(number)"))) }
        story.at(8)
        #expect(story.fetches.map(\.count) == [1])
        story.at(10)
        #expect(story.fetches.map(\.count) == [1, 999])
    }

    @Test("Each result counts when it has ended: one that hangs holds up no other, and others are asked for meanwhile")
    func oneHangs() {
        var story = Story(wanting: 3)
        story.logsCome = false
        story.at(1, .pod(done("a")), .pod(running("c")))
        story.at(3, .pod(done("b")))
        #expect(story.fetches.map { $0.map(\.node) } == [["a"], ["b"]])
        story.answer()
        #expect(story.announced == ["b"] && story.state(of: "b") == .done && story.verdict == nil)
        story.at(4, .pod(done("c")))
        story.answer()
        #expect(story.announced == ["b", "c"] && story.verdict == nil)
        story.at(5, .fetchEnded(story.fetches[0]))
        story.at(9)
        story.answer()
        #expect(story.verdict == .done && story.requests(for: "a").count == 2)
    }

    @Test("An answer that comes twice, or that nobody asked for, does no harm")
    func oddAnswers() {
        var story = Story(wanting: 2)
        story.logsCome = false
        story.at(1, .pod(running("b")), .pod(done("a")))
        let request = story.fetches[0][0]
        let stranger = LogRequest(node: "x", pod: "x", podUID: "x", source: LogSource())
        story.at(
            1,
            .fetched([
                Fetched(stranger, .proved(proof())), Fetched(request, .proved(proof())), Fetched(request, .lost("no")),
            ]))
        #expect(story.results == ["a"] && story.announced == ["a"])
    }

    @Test("A seal that is late is asked for with pauses that grow, of log and node in turn; then it is named")
    func late() {
        var story = Story(wanting: 1, timeout: 60)
        story.outcomes["a"] = .unsealed
        story.at(1, .pod(done("a")))
        story.at(59)
        let fetched = story.actions.compactMap { if case .fetch = $0.action { $0.time } else { nil } }
        let collected = story.actions.compactMap { if case .collect = $0.action { $0.time } else { nil } }
        #expect(fetched == [1, 4, 16, 36, 56] && collected == [2, 8, 26, 46])
        story.at(60)
        #expect(story.verdict == .failed && story.state(of: "a") == .waiting)
        #expect(story.told.last == "not done: a: it is ready, but the seal of its result did not come")
    }

    @Test(
        "What the log does not prove comes from the node: done is what the seal says, the result what arrives",
        arguments: [.proved(proof()), .lost("pods/exec is forbidden")] as [Fetched.Outcome])
    func collected(outcome: Fetched.Outcome) {
        var story = Story(wanting: 2)
        story.logsCome = false
        story.at(1, .pod(done("a")), .pod(failed("b", 1)))
        story.answer(.sealed(proof()))
        #expect(story.actions.last?.action == .collect(story.fetches.last!) && story.verdict == nil)
        story.answer(outcome)
        #expect(story.verdict == .failed)
        let isLost = outcome == .lost("pods/exec is forbidden")
        #expect(story.state(of: "a") == (isLost ? .unfetched : .done) && story.soFar.logs == (isLost ? [] : ["a"]))
        #expect(story.soFar.number(of: .done) == 1)
        if isLost { #expect(story.told.last == "a: done, but its result can't be fetched: pods/exec is forbidden") }
    }

    @Test("A result that was cut is none, though it is here and the node is done")
    func cut() {
        var story = Story(wanting: 1)
        story.outcomes["a"] = .proved(proof(0, 10, of: 99))
        story.at(1, .pod(done("a")))
        #expect(story.verdict == .failed && story.state(of: "a") == .unfetched && story.announced == [])
        #expect(story.soFar.logs == ["a"] && story.summary[0].partial && story.summary[0].proof?.written == 99)
        #expect(story.reason(of: "a") == "only 10 of 99 bytes of it were kept on the node")
    }

    @Test("A result that never comes is given up a minute after all others, and that is no success")
    func never() {
        var story = Story(wanting: 2)
        story.outcomes["b"] = .failed("no\u{1b} route\n")
        story.at(1, .pod(done("b")), .pod(running("a")))
        story.at(100, .pod(done("a")))
        #expect(story.requests(for: "b").count > 30, "every three seconds")
        story.at(159)
        #expect(story.verdict == nil)
        story.at(170)
        #expect(story.verdict == .failed && story.end! <= 164 && story.results == ["a"])
        #expect(story.told == ["b: done, but its result can't be fetched: no route"])
    }

    @Test("The result of a node that goes down as it is asked for is waited for: a cluster notices that late")
    func nodeGoesDown() {
        var story = Story(wanting: 1)
        (story.notReady, story.outcomes["a"]) = ([], .failed("no route"))
        story.at(1, .pod(done("a")))
        story.at(45)
        story.notReady = ["a"]
        story.at(200)
        #expect(story.verdict == nil)
        (story.notReady, story.outcomes["a"]) = ([], nil)
        story.at(215)
        #expect(story.verdict == .done && story.results == ["a"])
    }

    @Test(
        "Where nodes may not be asked, a log that comes before its seal is asked for again",
        arguments: [done("a"), pod("a", runs(restarts: 1, after: end(137)))])
    func sealIsLate(pod: Pod) {
        var story = Story(wanting: 1)
        story.logsCome = false
        story.at(1, .pod(pod))
        story.answer(.unsealed)
        story.at(2)
        story.answer(.lost("pods/exec is forbidden"))
        story.at(5)
        story.answer(.proved(proof()))
        #expect(story.verdict == .done && story.results == ["a"])
    }

    @Test("Where nodes may not be asked, and a log without a seal goes away, the result is lost: nobody waits for it")
    func neither() {
        var story = Story(wanting: 2)
        story.logsCome = false
        story.at(1, .pod(done("a")), .pod(running("b")))
        story.answer(.unsealed)
        for second in 2..<40 where story.requests(for: "a").count < 20 {
            story.at(Double(second))
            story.answer(.lost("no such file"))
        }
        #expect(story.requests(for: "a").count < 12 && story.state(of: "a") == .unfetched)
    }

    @Test(
        "Where nodes may not be asked, a pod that was called ready too soon does not lose its result by that",
        arguments: [.unsealed, .lost("pod does not exist")] as [Fetched.Outcome])
    func readyTooSoon(first: Fetched.Outcome) {
        var story = Story(wanting: 1)
        story.logsCome = false
        story.at(1, .pod(done("a")))
        story.answer(first)
        story.at(2, .pod(running("a")))
        story.answer(.lost("pods/exec is forbidden"))
        story.at(20, .pod(done("a")))
        story.answer(.proved(proof()))
        #expect(story.verdict == .done && story.results == ["a"])
    }

    @Test("The result of a node that is not ready is waited for: it may come back")
    func nodeIsDown() {
        var story = Story(wanting: 1)
        story.outcomes["a"] = .failed("no route")
        story.at(1, .nodesNotReady(["a"]), .pod(done("a")))
        story.at(200)
        #expect(story.verdict == nil)
        story.outcomes["a"] = nil
        story.at(204, .nodesNotReady([]))
        #expect(story.verdict == .done)
    }

    @Test(
        "A container that was killed: a reboot after success is done, a seal with a failure is that",
        arguments: [
            (.proved(proof(0)), .done, 0, ""), (.proved(proof(3)), .failed, 3, ""),
            (.unsealed, .failed, 255, "it was interrupted, and its result has no seal"),
        ] as [(Fetched.Outcome, NodeState, Int?, String)])
    func killed(outcome: Fetched.Outcome, state: NodeState, code: Int?, reason: String) {
        var story = Story(wanting: 1)
        story.outcomes["a"] = outcome
        story.at(1, .pod(running("a")), .pod(pod("a", ended(end(255, reason: "Unknown")))))
        story.at(2, .pod(pod("a", runs(restarts: 1, after: end(255, reason: "Unknown")))))
        story.at(10)
        #expect(story.state(of: "a") == state && story.exitCode(of: "a") == code && story.reason(of: "a") == reason)
        #expect(story.verdict == (state == .done ? .done : .failed))
    }

    @Test("What a failed node wrote is not waited for where its node is down")
    func failedAndDown() {
        var story = Story(wanting: 1, keepsEveryLog: true)
        story.outcomes["a"] = .failed("no route")
        story.at(1, .pod(failing("a", 3)), .nodesNotReady(["a"]))
        story.at(40)
        #expect(story.verdict == .failed && story.told.last == "a: failed, and its log can't be fetched: no route")
    }

    @Test(
        "What a failed node wrote is fetched where it is wanted, proved by the same seal, and only there",
        arguments: [true, false])
    func failedLog(isWanted: Bool) {
        var story = Story(wanting: 1, keepsEveryLog: isWanted)
        story.at(1, .pod(failing("a", 3)))
        #expect(story.verdict == .failed && story.soFar.logs == (isWanted ? ["a"] : []))
        #expect(story.summary[0].proof == (isWanted ? proof(3) : nil) && !story.summary[0].partial)
    }

    @Test("When the time is up what runs is fetched as far as it goes, and marked; what is proved by then is done")
    func partial() {
        var story = Story(wanting: 4, timeout: 60, keepsEveryLog: true)
        story.at(1, .pod(running("a")), .pod(running("b")), .pod(starting("c")))
        story.at(1, .pod(running("d")), .nodesNotReady(["d"]))
        story.outcomes["a"] = .proved(proof())
        story.at(60)
        #expect(story.verdict == .timedOut && story.fetches.map { $0.map(\.node).sorted() } == [["a", "b"], ["b"]])
        #expect(story.summary.map(\.partial) == [false, true, false, false] && story.results == ["a"])
    }

    @Test("A node that failed is told of once, with what it wrote; one that wrote nothing, at once")
    func failedIsTold() {
        var story = Story(wanting: 4, keepsEveryLog: true)
        story.logsCome = false
        story.at(1, .podsListed([failing("a", 3), failing("b", 3), running("d")]))
        story.at(2, .pod(stuck("c", "InvalidImageName")))
        #expect(story.ended.isEmpty)
        story.answer()
        #expect(story.ended.map(\.node) == ["a", "b"] && story.ended.allSatisfy { $0.exitCode == 3 && $0.hasOutput })
        story.at(20, .pod(failing("a", 3)))
        #expect(story.ended.map(\.node) == ["a", "b", "c"] && story.ended.last?.hasOutput == false)
    }

    @Test("With --fail-fast what the others wrote comes too, as far as it goes")
    func failFast() {
        var story = Story(wanting: 2, failFast: true, keepsEveryLog: true)
        story.at(1, .pod(running("b")), .pod(failing("a", 3)))
        #expect(story.verdict == .failed && story.soFar.logs == ["a", "b"])
        #expect(story.summary.map(\.partial) == [false, true])
    }

    @Test("A container that was killed, and whose log is gone, writes its seal again when it is started again")
    func logIsGone() {
        var story = Story(wanting: 1)
        story.outcomes["a"] = .lost("unable to retrieve container logs for containerd://1")
        story.at(1, .pod(running("a")))
        let killed = end(255, reason: "Unknown")
        story.at(2, .pod(pod("a", ended(killed))))
        story.at(7)
        story.outcomes["a"] = nil
        story.at(7, .pod(pod("a", runs(ready: true, restarts: 1, after: killed))))
        story.at(9)
        #expect(story.verdict == .done)
    }

    @Test("At the end, too, the node of a log that came before its seal is asked: who is done is not run again")
    func sealIsLateAtTheEnd() {
        var story = Story(wanting: 2, failFast: true)
        story.logsCome = false
        story.at(1, .pod(done("b")))
        story.at(1.2, .pod(failing("a", 3)))
        story.answer(.unsealed)
        #expect(story.verdict == nil)
        story.at(3)
        story.answer(.proved(proof()))
        #expect(story.verdict == .failed && story.results == ["b"] && story.soFar.notDone() == ["a"])
    }

    @Test("What a log has is kept at the end, should the node not answer, and is told as a part")
    func partIsKept() {
        var story = Story(wanting: 2)
        story.logsCome = false
        story.at(1, .pod(done("a")), .pod(running("b")))
        story.at(2, .signal(2))
        story.answer(.unsealed)
        story.at(8)
        #expect(story.soFar.logs == ["a"] && story.summary[0].partial && story.state(of: "a") == .waiting)
    }

    @Test("At the end nobody waits for a container that was killed, and whose log is gone, to be started again")
    func logIsGoneAtTheEnd() {
        var story = Story(wanting: 2, failFast: true)
        story.outcomes["a"] = .lost("unable to retrieve container logs")
        story.at(1, .pod(running("a")))
        story.at(2, .pod(pod("a", ended(end(255, reason: "Unknown")))), .pod(failed("b", 1)))
        story.at(40)
        #expect(story.state(of: "a") == .failed && story.exitCode(of: "a") == 255 && story.end! < 10)
    }
}

/// Manifests of the user's own, whose results have no seal.
@Suite("Results without a seal") struct UnsealedStories {
    @Test("Done is what was ready for two seconds, was read then, and is ready still two seconds later: in one look")
    func twoLooks() {
        var story = Story(wanting: 2, isSealed: false)
        story.at(1, .pod(done("a")), .pod(done("b")))
        story.at(2.9)
        #expect(story.fetches.isEmpty)
        story.at(4)
        #expect(story.fetches.map(\.count) == [2] && story.verdict == nil && story.announced == [])
        story.at(6)
        #expect(story.verdict == .done && story.end == 5 && story.announced == ["a", "b"])
        #expect(story.actions.count { if case .look = $0.action { true } else { false } } == 1)
    }

    @Test("A pod that was not ready for a while in between, or that can't be seen, is not done yet")
    func anotherTransition() {
        func ready(since time: String) -> Pod {
            let ready = Pod.Condition(type: "Ready", status: "True", lastTransitionTime: time)
            return done("a").with { $0.status.conditions = [ready] }
        }
        var story = Story(wanting: 1, isSealed: false)
        story.looksCome = false
        story.at(1, .pod(ready(since: "1")))
        story.at(5)
        let asked = [PodID(node: "a", name: "task-uid-of-a", uid: "uid-of-a")]
        #expect(story.count(of: .look(asked)) == 1)
        story.at(5, .looked([], at: asked))
        story.at(7)
        #expect(story.count(of: .look(asked)) == 2 && story.verdict == nil)
        story.at(7, .looked([ready(since: "4")], at: asked))
        #expect(story.verdict == nil && story.requests(for: "a").count == 2)
        story.at(10, .looked([ready(since: "4")], at: asked))
        #expect(story.verdict == .done)
    }

    @Test(
        "Without a seal, a log that was asked for before its task failed is not what the task wrote: it is asked anew")
    func askedTooSoon() {
        var story = Story(wanting: 1, keepsEveryLog: true, isSealed: false)
        story.logsCome = false
        story.at(1, .pod(done("a")))
        story.at(4)
        let asked = story.requests(for: "a")
        story.at(5, .pod(failing("a", 3)), .fetched(asked.map { Fetched($0, .complete) }))
        story.at(30)
        #expect(asked.count == 1 && story.requests(for: "a").count == 2 && story.soFar.logs == [])
    }

    @Test("A log that is no longer wanted when it is time to ask for it is not asked for, and holds nothing up")
    func notWanted() {
        var story = Story(wanting: 2, isSealed: false)
        story.at(1, .pod(running("b")))
        story.at(3, .pod(done("a")))
        story.at(4, .pod(failed("a", 3, "no")))
        story.at(8, .pod(done("b")))
        story.at(20)
        #expect(story.verdict == .failed && story.results == ["b"] && story.requests(for: "a").isEmpty)
    }

    @Test(
        "The result is the log of the container that ran the task; one that was restarted twice has lost it",
        arguments: [1, 2])
    func restarted(restarts: Int) {
        var story = Story(wanting: 1, isSealed: false)
        story.at(1, .pod(done("a")))
        story.at(4, .pod(done("a", restarts: restarts)))
        story.at(12)
        if restarts == 1 {
            #expect(story.requests(for: "a").map(\.source.previous) == [false, true] && story.verdict == .done)
        } else {
            #expect(story.verdict == .failed && story.state(of: "a") == .unfetched)
            #expect(story.told == ["a: done, but its result can't be fetched: \(Results.tooManyRestarts)"])
        }
    }

    @Test(
        "A failed node's log is the one before, once its container was restarted, or where it was",
        arguments: [true, false])
    func failedLog(isRestarted: Bool) {
        var story = Story(wanting: 1, keepsEveryLog: true, isSealed: false)
        story.at(1, .pod(failing("a", 3)))
        #expect(story.fetches.isEmpty && story.verdict == nil)
        if isRestarted { story.at(2, .pod(failed("a", 3))) }
        story.at(20)
        #expect(story.requests(for: "a").map(\.source.previous) == [isRestarted])
        #expect(story.verdict == .failed && story.soFar.logs == ["a"] && !story.summary[0].partial)
    }

    @Test("A failed node that is in a crash loop when it is seen has lost its log, and that is said")
    func failedTwice() throws {
        var story = Story(wanting: 1, keepsEveryLog: true, isSealed: false)
        story.at(1, .pod(try recordedPod("ended-with-0")))
        #expect(story.verdict == .failed && story.fetches.isEmpty)
        #expect(story.told.last == "node-1: failed, and its log can't be fetched: \(Results.tooManyRestarts)")
    }

    @Test("A task that ends while its partial log is fetched: that log is fetched from where it is now")
    func partialRestarted() {
        var story = Story(wanting: 1, timeout: 60, keepsEveryLog: true, isSealed: false)
        story.logsCome = false
        story.at(1, .pod(running("a")))
        story.at(60, .pod(failed("a", 1)), .podsListed([]))
        story.answer()
        story.answer()
        #expect(story.requests(for: "a").map(\.source.previous) == [false, true])
        #expect(story.verdict == .timedOut && story.summary[0].partial && story.state(of: "a") == .waiting)
    }
}
