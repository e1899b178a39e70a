@testable import RunLogic
import Testing

@Suite("Endings") struct EndingStories {
    @Test(
        "When the time is up, and not before, the nodes that are not done are named with their reasons",
        arguments: [60, 300, 3600] as [Seconds])
    func timeout(limit: Seconds) {
        var story = Story(wanting: 4, timeout: limit)
        for pod in [done("a"), running("b"), stuck("c", "ErrImagePull", "not found"), running("d")] {
            story.at(1, .pod(pod))
        }
        story.at(limit - 1)
        #expect(story.verdict == nil)
        story.at(limit)
        #expect(story.verdict == .timedOut && story.end == limit && story.results == ["a"])
        #expect(
            story.told == [
                "c: ErrImagePull: not found", "timed out after \(Int(limit)) s", "not done: c: ErrImagePull: not found",
                "not done: b, d: still running",
            ])
        #expect(
            story.summary == [
                NodeSummary(
                    node: "a", state: .done, exitCode: 0, seconds: 1, proof: proof(), hasOutput: true, hasStarted: true),
                NodeSummary(node: "b", state: .waiting, hasStarted: true),
                NodeSummary(node: "c", state: .waiting, reason: "ErrImagePull: not found"),
                NodeSummary(node: "d", state: .waiting, hasStarted: true),
            ])
    }

    @Test("A pod that comes while the last results are fetched is too late, and takes no reason away")
    func tooLate() {
        var story = Story(wanting: 2, timeout: 60)
        story.logsCome = false
        story.at(1, .pod(done("a")), .podRemoved(running("b").leaving))
        story.at(60, .pod(running("b", uid: "new")), .podsListed([]))
        story.answer()
        #expect(story.verdict == .timedOut && story.state(of: "b") == .gone)
        #expect(story.reason(of: "b") == "its pod was deleted before its task was done")
    }

    @Test("What ends the run in its last second is told, and not the time")
    func lastSecond() {
        var story = Story(wanting: 1, timeout: 10)
        story.at(1, .warning(about: Story.daemonSetUID, "FailedCreate", "quota"))
        story.at(10)
        #expect(story.verdict == .refused)
        #expect(story.told == ["the cluster rejects pods: quota", "not done: 1 of 1 nodes: no pod has started"])
    }

    @Test("When the time is up, results that are on their way have half a minute")
    func lastResults() {
        var story = Story(wanting: 2, timeout: 60)
        story.logsCome = false
        story.at(59, .pod(done("a")), .pod(running("b")))
        story.at(60)
        let count = story.actions.count
        story.at(80)
        #expect(story.verdict == nil && story.actions.count == count, "nothing else is asked for any more")
        story.answer()
        #expect(story.verdict == .timedOut && story.results == ["a"])
    }

    @Test("It ends half a minute after the timeout, even if nothing answers any more")
    func nothingAnswers() {
        var story = Story(wanting: 2, timeout: 60)
        story.logsCome = false
        story.at(1, .pod(done("a")), .pod(running("b")))
        story.at(58, .outage("refused"))
        story.at(200)
        #expect(story.verdict == .timedOut && story.end == 90)
        #expect(story.told.last == "a: done, but its result can't be fetched: the run ended before it came")
        #expect(story.state(of: "a") == .unfetched)
    }

    @Test("What held a pod up before it started is no reason once it is ready: it is its result that is missing")
    func remarkThatPassed() {
        var story = Story(wanting: 1, timeout: 30)
        story.logsCome = false
        story.at(1, .pod(starting("a")), .warning(about: "uid-of-a", "FailedMount", "no such volume"))
        story.at(10, .pod(done("a")))
        story.at(70)
        #expect(story.state(of: "a") == .unfetched)
    }

    /// How far a run is when a signal comes.
    struct Phase: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let begin: @Sendable (inout Story) -> Void
    }

    @Test(
        "A signal ends the run at once where no result is on its way", arguments: [1, 2, 15] as [Int32],
        [
            Phase(testDescription: "before the controller has seen anything") { _ in },
            Phase(testDescription: "where no node is meant") { $0.at(3, .wants(0)) },
            Phase(testDescription: "while nodes run") { $0.at(3, .wants(1), .pod(running("a"))) },
            Phase(testDescription: "while a node is not reached") {
                $0.at(3, .wants(1), .pod(running("a")), .nodesNotReady(["a"]))
            },
            Phase(testDescription: "in an outage") { $0.at(3, .wants(1), .pod(running("a")), .outage("refused")) },
            Phase(testDescription: "after the timeout") {
                $0.at(3, .wants(2), .pod(done("a"))); $0.at(301)
            },
        ])
    func signal(number: Int32, phase: Phase) {
        var story = Story()
        story.logsCome = false
        phase.begin(&story)
        #expect(story.verdict == nil)
        story.at(story.now + 0.1, .signal(number))
        #expect(story.verdict == .stopped(number) && story.end == story.now)
        #expect(story.results == [])
    }

    @Test(
        "A signal gives what nodes have written some seconds to come, and another one ends that",
        arguments: ["it comes", "it does not", "another signal"])
    func stopping(how: String) {
        var story = Story(wanting: 3, keepsEveryLog: true)
        story.at(1, .pod(done("a")), .pod(running("b")), .pod(running("c")))
        story.logsCome = false
        story.at(3, .signal(15))
        #expect(story.verdict == nil && story.fetches.last?.map(\.node).sorted() == ["b", "c"])
        switch how {
        case "it comes":
            story.at(4)
            story.answer()
            // The node may have more than the log.
            #expect(story.verdict == nil && story.fetches.last?.map(\.node).sorted() == ["b", "c"])
            story.answer(.lost("pods/exec is forbidden"))
            #expect(story.end == 4 && story.outcome?.logs == ["a", "b", "c"])
        case "it does not":
            story.at(7)
            story.answer()
            #expect(story.verdict == nil)
            story.at(8)
            #expect(story.end == 8 && story.outcome?.logs == ["a", "b", "c"])
        default:
            story.at(4, .signal(2))
            #expect(story.end == 4 && story.verdict == .stopped(2) && story.outcome?.logs == ["a"])
            return
        }
        #expect(story.verdict == .stopped(15) && story.outcome?.whyUnfinished == "stopped")
        #expect(story.summary.map(\.partial) == [false, true, true])
    }

    @Test("Who stops a run is told also of the nodes whose pods have not started")
    func stoppedBeforeTheStart() {
        var story = Story(wanting: 2)
        story.unfollowed = [starting("b")]
        story.at(1, .pod(running("a")), .signal(2))
        #expect(story.verdict == .stopped(2) && story.end == 1 && story.soFar.notDone() == ["a", "b"])
        var silent = Story(wanting: 2)
        silent.listComes = false
        silent.at(1, .pod(running("a")), .signal(2))
        silent.at(10)
        #expect(silent.end == 6 && silent.soFar.notDone() == ["a"])
    }

    @Test("A task that was done when a signal came is done, where its second look is near")
    func stoppingBeforeTheLook() {
        var story = Story(wanting: 2, isSealed: false)
        story.at(1, .pod(done("a")), .pod(running("b")))
        story.at(2, .signal(2))
        story.at(10)
        #expect(story.verdict == .stopped(2) && story.state(of: "a") == .done && story.end ?? 9 <= 7)
    }

    @Test("A signal while the last results are fetched ends that too, and says which are missing")
    func signalWhileClosing() {
        var story = Story(wanting: 2, failFast: true)
        story.logsCome = false
        story.at(1, .pod(done("a")), .pod(failed("b", 1)))
        story.at(2, .signal(2))
        #expect(story.verdict == .stopped(2))
        #expect(story.told.last == "a: done, but its result can't be fetched: the run ended before it came")
    }

    @Test("After the end nothing more comes")
    func afterTheEnd() {
        var story = Story(wanting: 1)
        story.at(1, .pod(done("a")))
        let count = story.actions.count
        story.at(400, .pod(failed("b", 1)), .signal(2), .outage("x"), .daemonSetGone, .wants(3))
        #expect(story.actions.count == count && story.verdict == .done)
        #expect(story.summary.map(\.node) == ["a"])
    }

    @Test("A DaemonSet that somebody else deleted ends the run at once, with what is here")
    func deleted() {
        var story = Story(wanting: 2)
        story.at(1, .pod(done("a")), .pod(running("b")))
        story.at(5, .daemonSetGone)
        #expect(story.verdict == .refused && story.end == 5 && story.results == ["a"])
        #expect(story.told == ["somebody else deleted daemonset/task", "not done: b: still running"])
    }

    @Test("A DaemonSet that the cluster deleted after its deadline is a timeout, also when that is seen late")
    func deadline() {
        var story = Story(wanting: 1, timeout: 60)
        story.at(1, .pod(running("a")))
        story.at(59)
        // The machine slept: the clock comes after the news.
        story.jump(to: 500, .daemonSetGone)
        #expect(story.verdict == .timedOut)
    }

    @Test(
        "How the run ends is decided once: what the cluster does afterwards changes no verdict",
        arguments: [
            .daemonSetGone, .forbidden("no longer"),
        ] as [Event])
    func decidedOnce(event: Event) {
        for timesOut in [true, false] {
            var story = Story(wanting: 3, timeout: 60, failFast: true)
            story.logsCome = false
            story.at(1, .pod(running("b")), .pod(done("a")))
            if !timesOut { story.at(2, .pod(failed("c", 1))) }
            story.at(61, event)
            #expect(story.verdict == (timesOut ? .timedOut : .failed))
            #expect(story.told.filter { $0.hasPrefix("timed out") }.count == (timesOut ? 1 : 0))
        }
    }

    @Test("Who may not look at the pods is refused at once, with the cluster's words")
    func forbidden() {
        var story = Story(wanting: 1)
        story.at(1, .forbidden(#"pods is forbidden: User "x" cannot watch"#))
        #expect(story.verdict == .refused)
        #expect(story.told.first == #"the cluster refused: pods is forbidden: User "x" cannot watch"#)
    }

    @Test(
        "Each verdict has its exit status and its word",
        arguments: [
            (.done, 0, "done"), (.failed, 1, "failed"), (.refused, 3, "refused"), (.timedOut, 124, "timed-out"),
            (.stopped(1), 129, "stopped"), (.stopped(2), 130, "stopped"), (.stopped(15), 143, "stopped"),
        ] as [(Verdict, Int32, String)])
    func verdicts(verdict: Verdict, status: Int32, name: String) {
        #expect(verdict.exitStatus == status && verdict.name == name)
    }
}

@Suite("Outages") struct OutageStories {
    @Test("An outage is told once, with its end, and the run goes on")
    func told() {
        var story = Story(wanting: 1)
        story.at(1, .pod(running("a")))
        for second in 5...50 { story.at(Double(second), .outage("connection refused"), .outage("port \(second)")) }
        story.at(51, .reachable, .reachable)
        story.at(52, .podsListed([done("a")]))
        #expect(
            story.told == [
                "the cluster can't be reached, trying again: connection refused", "the cluster answers again",
            ])
        #expect(story.verdict == .done && story.soFar.wasCutOff)
    }

    @Test("An outage that comes and goes is not told over and over, but another one is")
    func flapping() {
        var story = Story(wanting: 1)
        for second in 1...20 { story.at(Double(second), .outage("refused"), .reachable) }
        story.at(30, .outage("no route\nto host"))
        #expect(
            story.told == [
                "the cluster can't be reached, trying again: refused", "the cluster answers again",
                "the cluster can't be reached, trying again: no route\n    to host",
            ])
        #expect(!Story(wanting: 1).soFar.wasCutOff)
    }

    /// Something that is given up after a while, and how long that takes.
    struct Waiting: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let patience: Seconds
        let begin: @Sendable (inout Story) -> Void
    }

    @Test(
        "Nothing is given up while the cluster can't be reached, nor because of the time that took",
        arguments: [
            Waiting(testDescription: "a node that is not ready", patience: 30) {
                $0.at(1, .pod(starting("a")), .nodesNotReady(["a"]))
            },
            Waiting(testDescription: "an invalid image name", patience: 10) {
                $0.at(1, .pod(stuck("a", "InvalidImageName")))
            },
            Waiting(testDescription: "rejected pods", patience: 10) {
                $0.at(1, .warning(about: Story.daemonSetUID, "FailedCreate", "quota"))
            },
            Waiting(testDescription: "a result", patience: 30) {
                $0.outcomes["a"] = .failed("no route")
                $0.at(1, .pod(done("a")))
            },
            Waiting(testDescription: "no node", patience: 60) { $0.at(1, .wants(0)) },
            Waiting(testDescription: "the agent's image", patience: 15) {
                let missing = waits("ErrImagePull", nil, "install-run-once")
                $0.at(1, .pod(pod("a", waits("PodInitializing"), phase: "Pending", initContainers: [missing])))
            },
            Waiting(testDescription: "the last results after a failure", patience: 30) {
                $0.outcomes["a"] = .failed("no route")
                $0.at(1, .wants(2), .pod(done("a")), .pod(starting("b")), .nodesNotReady(["b"]))
            },
        ])
    func patience(waiting: Waiting) {
        var story = Story(wanting: 1, agentImage: "x")
        waiting.begin(&story)
        story.at(5, .outage("refused"))
        story.at(200)
        #expect(story.verdict == nil)
        story.at(200, .reachable)
        story.at(199 + waiting.patience)
        #expect(story.verdict == nil)
        story.at(299)
        #expect(story.verdict != nil && story.verdict != .done && story.verdict != .timedOut)
    }

    @Test("Results that were on their way when the outage began are waited for until it is over")
    func whileClosing() {
        var story = Story(wanting: 2, failFast: true)
        story.outcomes["a"] = .failed("refused")
        story.at(1, .pod(done("a")), .pod(failed("b", 1)), .outage("refused"))
        story.at(200)
        #expect(story.verdict == nil)
        story.outcomes["a"] = nil
        story.at(201, .reachable)
        story.at(205)
        #expect(story.verdict == .failed && story.results == ["a"])
    }

    @Test("After an outage no run is done before its pods were seen again: a node may have joined meanwhile")
    func joinedMeanwhile() {
        var story = Story(wanting: 1)
        story.logsCome = false
        story.at(1, .pod(done("a")))
        story.at(2, .outage("no route"))
        story.at(60)
        story.answer(.proved(proof()))
        #expect(story.verdict == nil)
        story.at(61, .reachable, .podsListed([done("a"), running("b")]), .wants(2))
        story.logsCome = true
        story.at(70, .pod(done("b")))
        #expect(story.verdict == .done && story.results == ["a", "b"])
    }
}

@Suite("Progress") struct ProgressStories {
    @Test("It is shown when something has changed, once a second at most, and only then")
    func shown() {
        var story = Story()
        story.at(0, .notObserved)
        story.at(5)
        #expect(story.progress.map(\.text) == ["waiting for the first pod"])
        story.at(6.5, .wants(3))
        story.at(8, .pod(running("a")), .pod(done("b")), .pod(done("c")))
        story.at(100)
        story.at(101, .pod(failed("a", 1, "no")))
        #expect(
            story.progress.map(\.text) == [
                "waiting for the first pod", "0 of 3 nodes done, 3 starting",
                "0 of 3 nodes done, 1 running, 2 starting", "1 of 3 nodes done, 2 running",
                "2 of 3 nodes done, 1 running: a",
            ])
        #expect(story.progress.map(\.time) == [0, 6.5, 8, 9, 10])
        #expect(story.told == ["a: failed with exit code 1: no"])
        #expect(story.verdict == .failed)
    }

    @Test("A node that the controller no longer counts is still one of them")
    func total() {
        var story = Story(wanting: 2)
        story.at(1, .pod(running("a")), .pod(running("b")))
        story.at(2, .wants(1), .pod(done("a")))
        story.at(3)
        #expect(story.progress.last?.text == "1 of 2 nodes done, 1 running")
    }
}
