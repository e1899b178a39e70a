@testable import RunLogic
import Testing

@Suite("Waiting") struct WaitingStories {
    @Test("Every node is done and every result is here: success, at once")
    func success() {
        var story = Story(wanting: 2)
        story.at(1, .pod(unscheduled("a")), .pod(starting("a")), .pod(starting("b")))
        story.at(2, .pod(running("a")), .pod(running("b")))
        story.at(3.2, .pod(done("b")), .pod(done("a")))
        #expect(story.verdict == .done && story.end == 3.2)
        #expect(story.results == ["a", "b"])
        #expect(story.told == [])
    }

    @Test("A recorded run of three nodes ends in success as soon as the last one is done")
    func recorded() throws {
        var story = Story(task: TaskContainer(name: "cat-etc-hosts"))
        story.at(0, .notObserved)
        story.at(0.1, .wants(3))
        for (number, line) in try watchedPods().enumerated() {
            story.at(1 + Double(number) / 10, line.type == "DELETED" ? .podRemoved(line.object) : .pod(line.object))
        }
        #expect(story.verdict == .done)
        #expect(story.results == ["node-1", "node-2", "node-3"])
        #expect(story.fetches.joined().allSatisfy { $0.source == LogSource() })
    }

    @Test("Before the controller has seen the DaemonSet, no node does not mean that none is meant")
    func notObserved() {
        var story = Story()
        story.at(0, .notObserved)
        story.at(120)
        #expect(story.verdict == nil && story.times(of: .countMatchingNodes) == [])
        story.at(121, .wants(1), .pod(done("a")))
        #expect(story.verdict == .done)
    }

    @Test("A node that is done before the controller has said anything is not yet the end")
    func doneFirst() {
        var story = Story()
        story.at(1, .pod(done("a")))
        story.at(2)
        #expect(story.verdict == nil)
        story.at(3, .wants(2))
        #expect(story.verdict == nil)
        story.at(4, .pod(done("b")))
        #expect(story.verdict == .done)
    }

    @Test("A node that leaves before its task was done is named, and not waited for")
    func nodeGone() {
        var story = Story(wanting: 2)
        story.at(1, .pod(done("a")), .pod(running("b")))
        story.at(2, .pod(running("b").leaving), .podRemoved(running("b")))
        #expect(story.verdict == nil, "as long as the controller wants a pod there")
        story.at(3, .wants(1))
        #expect(story.verdict == .failed && story.end == 3)
        #expect(story.told == ["not done: b: its pod was deleted before its task was done"])
        #expect(story.results == ["a"])
    }

    @Test(
        "When the only node leaves, the run ends without success, soon",
        arguments: [
            (nil, 63), (0, 4), (1, 63),
        ] as [(Int?, Seconds)])
    func onlyNodeGone(matching: Int?, end: Seconds) {
        var story = Story(wanting: 1)
        story.at(1, .pod(running("a")))
        story.at(2, .podRemoved(running("a")), .wants(0))
        story.at(3, .matchingNodes(matching))
        story.at(100)
        #expect(story.verdict == .failed && story.end == end)
        #expect(story.state(of: "a") == .gone)
    }

    @Test("A controller that wants no node while pods are there is not believed at once")
    func wantsNoneThough() {
        var story = Story(wanting: 0)
        story.at(1, .pod(done("a")))
        story.at(10)
        #expect(story.verdict == nil)
        story.at(11, .wants(2))
        story.at(40)
        #expect(story.verdict == nil)
        story.at(41, .pod(done("b")))
        #expect(story.verdict == .done)
    }

    @Test("A pod that is being deleted gives way to the next, before it is gone")
    func replacedWhileLeaving() {
        var story = Story(wanting: 1)
        story.at(1, .pod(running("a")))
        story.at(2, .pod(running("a").leaving), .pod(starting("a", uid: "new")), .pod(running("a").leaving))
        #expect(story.state(of: "a") == .waiting)
        story.at(3, .podRemoved(running("a").leaving))
        #expect(story.state(of: "a") == .waiting)
        story.at(4, .pod(done("a", uid: "new")))
        #expect(story.verdict == .done)
    }

    @Test("Of two pods of a node the one that started counts, whichever came first", arguments: [false, true])
    func twoPods(startedFirst: Bool) {
        let pods = [Event.pod(running("a", uid: "started")), .pod(stuck("a", "ErrImagePull", "no", uid: "pending"))]
        var story = Story(wanting: 1)
        for event in startedFirst ? pods : pods.reversed() { story.at(1, event) }
        story.at(30)
        #expect(story.told("ErrImagePull") == nil)
        story.at(31, .pod(done("a", uid: "started")))
        #expect(story.verdict == .done && story.requests(for: "a").map(\.podUID) == ["started"])
    }

    @Test(
        "Of two pods of a node that both started the first counts, and the other one when the first is gone",
        arguments: [false, true])
    func standIn(isDone: Bool) {
        var story = Story(wanting: 1)
        story.at(1, .pod(running("a")))
        story.at(1, .pod(isDone ? done("a", uid: "second") : running("a", uid: "second")))
        #expect(story.state(of: "a") == .waiting && story.fetches.isEmpty)
        story.at(2, .podRemoved(running("a").leaving))
        if !isDone { story.at(3, .pod(done("a", uid: "second"))) }
        #expect(story.verdict == .done && story.requests(for: "a").map(\.podUID) == ["second"])
    }

    @Test(
        "A pod that stood by and was deleted does not come back",
        arguments: [
            .podRemoved(running("a", uid: "second").leaving), .pod(running("a", uid: "second").leaving),
            .podsListed([running("a")]),
        ] as [Event])
    func standInGone(event: Event) {
        var story = Story(wanting: 1)
        story.at(1, .pod(running("a")), .pod(running("a", uid: "second")), event)
        story.at(2, .podRemoved(running("a").leaving))
        #expect(story.state(of: "a") == .gone)
    }

    @Test("A pod that stands by takes the place of one that is turned down, and not of one that is there")
    func standInOfRejected() {
        var story = Story(wanting: 1)
        story.at(1, .pod(starting("a")), .pod(stuck("a", "ErrImagePull", "no", uid: "second")))
        story.at(2, .pod(running("a", uid: "third").leaving))
        story.at(20)
        #expect(story.told == [])
        story.at(21, .pod(rejected("a")))
        #expect(story.reason(of: "a") == "ErrImagePull: no")
    }

    @Test("A deleted pod counts for nothing, even if it is the first that is heard of its node")
    func deletedOnly() {
        var story = Story(wanting: 1)
        story.at(1, .podRemoved(running("a", uid: "old").leaving))
        #expect(story.state(of: "a") == .gone)
        story.at(2, .pod(done("a")))
        #expect(story.verdict == .done)
    }

    @Test("After a list, pods that it does not hold are gone, and those that took their place count")
    func relist() {
        var story = Story(wanting: 3)
        story.at(1, .pod(running("a")), .pod(running("b")), .pod(running("c")))
        story.at(9, .podsListed([done("a"), running("b", uid: "new")]))
        #expect(story.state(of: "a") == .done && story.state(of: "b") == .waiting && story.state(of: "c") == .gone)
        story.at(10, .wants(2), .pod(done("b", uid: "new")))
        #expect(story.verdict == .failed)
        #expect(story.requests(for: "b").map(\.podUID) == ["new"])
    }

    @Test("A node whose pod was deleted and does not come again is told once when the time is up")
    func neverAgain() {
        var story = Story(wanting: 2, timeout: 60)
        story.at(1, .pod(done("a")), .podRemoved(running("b").leaving))
        story.at(60)
        #expect(
            story.verdict == .timedOut
                && story.told == [
                    "b: its pod was deleted before its task was done", "timed out after 60 s",
                    "not done: b: its pod was deleted before its task was done",
                ])
    }

    @Test("A pod of which nobody knows the node yet counts for none")
    func noNodeYet() {
        var story = Story(wanting: 1)
        story.at(1, .pod(done("a").with { $0.spec.nodeName = nil }), .pod(done("a").with { $0.spec.nodeName = "" }))
        #expect(story.summary.isEmpty && story.verdict == nil)
    }

    @Test("A pod that was turned down is told in kubelet's words, and the next pod counts")
    func turnedDown() {
        var story = Story(wanting: 1)
        story.at(1, .pod(rejected("a", "UnexpectedAdmissionError", #"not "enough" \ 3"#)))
        story.at(4)
        #expect(story.told == [#"a: UnexpectedAdmissionError: not "enough" \ 3"#])
        #expect(story.state(of: "a") == .waiting)
        story.at(5, .podRemoved(rejected("a", "UnexpectedAdmissionError", #"not "enough" \ 3"#).leaving))
        #expect(story.reason(of: "a") == #"UnexpectedAdmissionError: not "enough" \ 3"#, "it says more than gone")
        story.at(6, .pod(starting("a", uid: "new")), .pod(done("a", uid: "new")))
        #expect(story.verdict == .done)
    }

    @Test(
        "The end of an earlier pod takes nothing away from one that was turned down",
        arguments: [
            .podRemoved(running("a", uid: "old")), .pod(running("a", uid: "old").leaving),
        ] as [Event])
    func endBesideRejected(event: Event) {
        var story = Story(wanting: 1)
        story.at(1, .pod(rejected("a")), event)
        #expect(story.state(of: "a") == .waiting && story.reason(of: "a") == "OutOfcpu: not enough cpu")
    }

    @Test(
        "Beside a pod that was evicted before it started the new one counts, in either order",
        arguments: [true, false])
    func evictedBeside(evictedFirst: Bool) {
        let events = [Event.pod(evicted("a", uid: "old")), .pod(running("a"))]
        var story = Story(wanting: 1)
        for event in evictedFirst ? events : events.reversed() { story.at(1, event) }
        story.at(10)
        #expect(story.state(of: "a") == .waiting && story.told == [])
        story.at(11, .pod(done("a")))
        #expect(story.verdict == .done)
    }

    @Test("That a task has started is not forgotten when its pod's status does")
    func evictedLater() {
        var story = Story(wanting: 1)
        story.at(1, .pod(running("a")))
        story.at(2, .pod(starting("a")), .pod(evicted("a")))
        #expect(story.verdict == .failed)
    }

    @Test("A node whose turn is to come is waited for")
    func queued() {
        var story = Story(wanting: 2)
        story.at(1, .pod(done("a")), .pod(unscheduled("b", gate: "run-once/turn")))
        story.at(100)
        #expect(story.verdict == nil && story.state(of: "b") == .queued && story.told == [])
        story.at(101, .pod(unscheduled("b")), .pod(done("b")))
        #expect(story.verdict == .done)
    }

    @Test("A pod in which the task could not start is done like any other when it can")
    func startError() {
        var story = Story(wanting: 1)
        let could = end(128, "exec: no", reason: "StartError", startedAt: never)
        story.at(1, .pod(pod("a", ended(could))))
        story.at(4)
        #expect(story.told == ["a: StartError: exec: no"])
        story.at(5, .pod(pod("a", runs(restarts: 1, after: could))))
        story.at(6, .pod(pod("a", runs(ready: true, restarts: 1, after: could))))
        #expect(story.verdict == .done)
        #expect(story.requests(for: "a").map(\.source) == [LogSource(restarts: 1)])
    }
}

@Suite("No node") struct NoNodeStories {
    @Test(
        "That no node is meant is believed when the list of nodes says so, or after it has stood for a while",
        arguments: [(0, 3), (nil, 61), (3, 61)] as [(Int?, Seconds)])
    func noNode(matching: Int?, end: Seconds) {
        var story = Story(wanting: 0)
        story.at(1)
        #expect(story.times(of: .countMatchingNodes) == [1])
        story.at(2, .matchingNodes(matching))
        story.at(200)
        #expect(story.verdict == .refused && story.end == end)
        let doubt = "no node is meant, as far as the cluster says; it is asked for a while longer"
        #expect(story.told == (matching == nil ? [doubt] : []) + ["no node is meant: look at the selector"])
        #expect(story.told(doubt) == (matching == nil ? 16 : nil))
        #expect(story.times(of: .countMatchingNodes) == [1], "asked once")
    }

    @Test("A controller that lags behind after an outage is waited for")
    func lag() {
        var story = Story(wanting: 0)
        story.at(2, .matchingNodes(3))
        story.at(40, .wants(3), .pod(done("a")), .pod(done("b")), .pod(done("c")))
        #expect(story.verdict == .done)
    }

    @Test("An answer about the nodes counts for the question that was asked, not for a later one")
    func askedAgain() {
        var story = Story(wanting: 0)
        story.at(1)
        story.at(1.5, .wants(1), .matchingNodes(0))
        story.at(2, .wants(0))
        story.at(10)
        #expect(story.verdict == nil && story.times(of: .countMatchingNodes) == [1, 3])
    }

    /// A run of two DaemonSets, of which the second wants no node yet.
    private func two(timeout: Seconds = 300, _ change: (inout Run.Plan) -> Void = { _ in }) -> Story {
        var plan = Story.plan(timeout: timeout)
        plan.daemonSets.append(Run.Plan.DaemonSet(name: "task-arm64", uid: "second"))
        change(&plan)
        return Story(plan, at: plan.lookBegins ?? 0)
    }

    private func second(wants count: Int) -> Event {
        .daemonSet(uid: "second", DaemonSetStatus(isObserved: true, wanted: count))
    }

    @Test("One of two DaemonSets that wants no node is waited for, as it was made since there are some")
    func oneOfTwo() {
        for (more, isOver) in [(nil, false), (0, true), (2, false)] as [(Int?, Bool)] {
            var story = two()
            story.at(1, .wants(2), second(wants: 0))
            story.at(3, .pod(done("a")), .pod(done("b")))
            #expect(story.verdict == nil)
            story.at(4, .matchingNodes(more.map { $0 + 2 }))
            story.at(5)
            #expect(story.verdict == (isOver ? .done : nil))
            story.at(40, second(wants: 2), .pod(done("c")), .pod(done("d")))
            #expect(story.verdict == .done)
        }
    }

    @Test("A DaemonSet whose nodes have all left cuts no result off, and is no timeout when all others are done")
    func oneOfTwoIsEmpty() {
        var story = two()
        story.logsCome = false
        story.at(1, .wants(1), second(wants: 0))
        story.at(3, .pod(done("a")))
        story.answer(.sealed(proof()))
        story.at(4, .matchingNodes(1))
        story.at(50)
        #expect(story.verdict == nil, "the result is large")
        story.answer(.proved(proof()))
        story.at(52)
        #expect(story.verdict == .done)
        var late = two(timeout: 60)
        late.at(1, .wants(1), second(wants: 0))
        late.at(58, .pod(done("a")))
        late.at(62)
        #expect(late.verdict == .done)
    }

    @Test("That no more nodes are meant is asked anew after an outage, and not said before the pods were seen")
    func oneOfTwoAndOutage() {
        var story = two()
        story.at(1, .wants(1), second(wants: 0))
        story.at(3, .pod(done("a")))
        story.at(4, .matchingNodes(1), .outage("no route"))
        story.at(60, .reachable, .wants(1), second(wants: 0))
        story.at(62)
        #expect(story.verdict == nil && story.count(of: .countMatchingNodes) == 2)
        var look = two {
            ($0.lookBegins, $0.pace, $0.budget) = (100, Pace(window: .number(1)), .number(0))
        }
        var note = Note()
        (note.isBudgetSpent, note.lost) = (true, 1)
        look.at(100, .wants(2), second(wants: 0), .note(note))
        look.at(101, .matchingNodes(2))
        look.at(104)
        #expect(look.verdict == nil)
    }
}

@Suite("Nodes that are not ready") struct NotReadyStories {
    @Test("A node that is not ready is named once, and given up when it is the last for half a minute")
    func notReady() {
        var story = Story(wanting: 2)
        story.at(0, .pod(done("a")), .pod(starting("b")))
        story.at(3)
        #expect(story.times(of: .askAboutNodes) == [3])
        story.at(3.5, .nodesNotReady(["b", "of-somebody-else"]))
        story.at(33)
        #expect(story.verdict == nil)
        #expect(story.told == ["all others have ended: 30 s more for b", "b: the node is not ready"])
        #expect(story.told("b:") == 7)
        story.at(34)
        #expect(story.verdict == .failed && story.end == 34)
        #expect(story.told.last == "not done: b: the node is not ready")
        #expect(story.times(of: .askAboutNodes) == [3, 13, 23, 33], "it may come back")
        #expect(story.state(of: "b") == .unreachable && story.results == ["a"])
        #expect(story.soFar.number(of: .unreachable) == 1)
    }

    @Test("A node that comes back is waited for again, to the timeout, and its reason is what its pod says")
    func readyAgain() {
        var story = Story(wanting: 1)
        story.at(0, .pod(stuck("a", "ErrImagePull", "no")))
        story.at(4, .nodesNotReady(["a"]))
        #expect(story.state(of: "a") == .unreachable && story.reason(of: "a") == "the node is not ready")
        story.at(30, .nodesNotReady([]))
        #expect(story.state(of: "a") == .waiting && story.reason(of: "a") == "ErrImagePull: no")
        story.at(200)
        #expect(story.verdict == nil)
        story.at(201, .pod(done("a")))
        #expect(story.verdict == .done)
    }

    @Test("While others are at work, or to come, a node that is not ready has time", arguments: [true, false])
    func othersAtWork(hasPod: Bool) {
        var story = Story(wanting: 2)
        story.at(0, .pod(starting("a")))
        if hasPod { story.at(0, .pod(running("b"))) }
        story.at(4, .nodesNotReady(["a"]))
        story.at(200)
        #expect(story.verdict == nil)
        story.at(200, .pod(done("b")))
        story.at(230)
        #expect(story.verdict == nil)
        story.at(231)
        #expect(story.verdict == .failed)
    }

    @Test("The only node has its half a minute, although the controller wants none any more")
    func onlyNode() {
        var story = Story(wanting: 1)
        story.at(0, .pod(starting("a")))
        story.at(4, .nodesNotReady(["a"]), .wants(0), .matchingNodes(0))
        story.at(34)
        #expect(story.verdict == nil)
        story.at(35)
        #expect(story.verdict == .failed && story.state(of: "a") == .unreachable)
    }

    @Test("A task that ends on a node that is not ready has ended", arguments: [true, false])
    func endsThere(isDone: Bool) {
        var story = Story(wanting: 1)
        story.at(0, .pod(running("a")))
        story.at(4, .nodesNotReady(["a"]))
        story.at(5, .pod(isDone ? done("a") : failed("a", 1)))
        #expect(story.verdict == (isDone ? .done : .failed))
    }

    @Test("While nodes keep ending the others are asked about once a minute, as that is no small answer")
    func askedSeldom() {
        var story = Story(wanting: 200)
        for second in 1...100 { story.at(Double(second), .pod(done("node-\(second)"))) }
        #expect(story.times(of: .askAboutNodes) == [20, 80] && story.times(of: .askForPending) == [20, 80])
    }

    @Test("Who may not list nodes is told so once, is asked no more, and loses nothing else")
    func forbidden() {
        var story = Story(wanting: 1)
        story.at(0, .pod(running("a")))
        story.at(4, .nodesForbidden, .nodesForbidden)
        story.at(60)
        #expect(story.told == ["can't list nodes (no permission): one that is not ready is waited for"])
        #expect(story.times(of: .askAboutNodes) == [3])
        #expect(story.times(of: .askForWarnings).count == 6)
        story.at(61, .pod(done("a")))
        #expect(story.verdict == .done)
    }

    @Test("Who could list nodes is asked again after a refusal: an API server that starts refuses for a moment")
    func forbiddenForAMoment() {
        var story = Story(wanting: 1)
        story.at(0, .pod(running("a")))
        story.at(4, .nodesNotReady([]))
        story.at(14, .nodesForbidden)
        story.at(30)
        #expect(story.told == [] && story.times(of: .askAboutNodes) == [3, 13, 23])
    }
}
