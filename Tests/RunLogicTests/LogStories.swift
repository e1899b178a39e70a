import RunLogic
import Testing

@Suite("Logs") struct LogStories {
    @Test("Many results are fetched at once, once a second while nodes are at work, and each once")
    func gathered() {
        var story = Story(wanting: 6)
        story.at(1, .pod(done("a")))
        story.at(1.1, .pod(done("b")))
        story.at(1.2, .pod(done("c")))
        story.at(2.5, .pod(done("d")))
        story.at(3, .pod(done("e")), .pod(done("f")))
        #expect(story.fetches.map { $0.map(\.node) } == [["a"], ["b", "c"], ["d"], ["e", "f"]])
        #expect(story.times(of: .fetch(story.fetches[1])) == [2])
    }

    @Test("A result is announced once, when its log is here; a log that is lost, or that of a node not done, is none")
    func announced() {
        var story = Story(wanting: 4, keepsEveryLog: true)
        story.logsCome = false
        story.at(1, .pod(done("a")), .pod(done("b")), .pod(pod("c", waits("CrashLoopBackOff", after: end(1)))))
        #expect(story.announced == [])
        story.answer()
        #expect(story.announced == ["a"], "with the first log")
        story.at(2)
        story.answer()
        #expect(story.announced == ["a", "b"] && story.fetches[1].map(\.node) == ["b", "c"])
        story.outcomes["d"] = .lost("gone")
        story.logsCome = true
        story.at(4, .pod(done("d")))
        story.at(5)
        #expect(story.announced == ["a", "b"] && story.verdict == .failed)
    }

    @Test("On a large cluster more are gathered: up to eight seconds' worth")
    func gatheredLonger() {
        var story = Story(wanting: 2000)
        for number in 0..<1000 { story.at(1, .pod(running("node-\(number)"))) }
        story.at(2, .pod(done("node-1")))
        story.at(2.5, .pod(done("node-2")))
        story.at(9.5, .pod(done("node-3")))
        #expect(story.fetches.map { $0.map(\.node) } == [["node-1"]])
        story.at(10)
        #expect(story.fetches.map { $0.map(\.node) } == [["node-1"], ["node-2", "node-3"]])
    }

    @Test("Not more than a thousand are fetched at once, and all come")
    func thousand() {
        var story = Story(wanting: 2500)
        story.logsCome = false
        for number in 0..<2500 { story.at(1, .pod(done("node-\(number)"))) }
        for _ in 0..<5 where story.verdict == nil { story.answer() }
        #expect(story.fetches.map(\.count) == [1, 1000, 1000, 499])
        #expect(story.verdict == .done && story.results.count == 2500)
    }

    @Test("While logs are underway no others are asked for, and the run does not end")
    func oneAtATime() {
        var story = Story(wanting: 2)
        story.logsCome = false
        story.at(1, .pod(done("a")))
        story.at(5, .pod(done("b")))
        #expect(story.fetches.count == 1 && story.verdict == nil)
        story.answer()
        #expect(story.fetches.count == 2 && story.verdict == nil)
        story.answer()
        #expect(story.verdict == .done)
    }

    @Test("A result that can't be fetched is tried for again every three seconds, and comes")
    func later() {
        var story = Story(wanting: 2)
        story.outcomes["b"] = .failed("no route to host")
        story.at(1, .pod(done("a")), .pod(done("b")))
        story.at(9)
        story.outcomes["b"] = nil
        story.at(10)
        #expect(story.verdict == .done && story.requests(for: "b").count == 4 && story.requests(for: "a").count == 1)
    }

    @Test("A log that has time keeps no other one waiting")
    func inTheirOrder() {
        var story = Story(wanting: 3, keepsEveryLog: true)
        story.outcomes["b"] = .failed("no route")
        story.at(1, .pod(running("c")), .pod(done("b")))
        story.at(2, .pod(failing("a", 1)))
        story.at(5)
        #expect(story.requests(for: "b").count == 2)
    }

    @Test("A result that never comes is given up half a minute after all others, and that is no success")
    func never() {
        var story = Story(wanting: 2)
        story.outcomes["b"] = .failed("no\u{1b} route\n")
        story.at(1, .pod(done("b")), .pod(running("a")))
        story.at(100, .pod(done("a")))
        story.at(129)
        #expect(story.verdict == nil)
        story.at(140)
        #expect(story.verdict == .failed && story.end! <= 134)
        #expect(story.told == ["b: done, but its result can't be fetched: no route"])
        #expect(story.results == ["a"] && story.state(of: "b") == .unfetched && story.reason(of: "b") == "no route")
        #expect(story.run.number(of: .unfetched) == 1 && story.run.number(of: .done) == 2)
        #expect(Set(story.run.nodesWithLogs) == ["a"])
    }

    @Test("A log that is no longer there is not asked for again, and that is no success")
    func lost() {
        var story = Story(wanting: 1)
        story.outcomes["a"] = .lost("failed to try resolving symlinks")
        story.at(1, .pod(done("a")))
        #expect(story.verdict == .failed && story.end == 1 && story.requests(for: "a").count == 1)
        #expect(story.told == ["a: done, but its result can't be fetched: failed to try resolving symlinks"])
    }

    @Test("An answer that leaves a request out, or comes twice, or was not asked for, does no harm")
    func oddAnswers() {
        var story = Story(wanting: 2)
        story.logsCome = false
        story.at(1, .pod(running("b")), .pod(done("a")))
        let request = story.fetches[0][0]
        let stranger = LogRequest(node: "x", pod: "x", podUID: "x", source: LogSource())
        let batch = [Fetched(stranger, .complete), Fetched(request, .complete), Fetched(request, .lost("no"))]
        story.at(1, .fetched(batch))
        #expect(story.results == ["a"])
        story.at(2, .fetched([Fetched(request, .lost("no"))]), .pod(done("b")))
        #expect(story.results == ["a"])
        story.at(3, .fetchEnded(story.fetches.last ?? []))
        story.at(6)
        story.answer()
        #expect(story.verdict == .done && story.requests(for: "b").count == 2)
    }

    @Test("The log of a task that was done before its container was restarted is that of the container before")
    func previous() {
        var story = Story(wanting: 2)
        story.logsCome = false
        story.at(1, .pod(running("b")), .pod(done("a")))
        story.at(1, .pod(done("a", restarts: 1)))
        story.answer()
        story.at(2)
        story.answer()
        #expect(story.requests(for: "a").map(\.source) == [LogSource(), LogSource(previous: true, restarts: 1)])
        // Both changes of this one came while nobody looked.
        story.at(3, .pod(done("b", restarts: 1)))
        story.answer()
        #expect(story.requests(for: "b").map(\.source) == [LogSource(previous: true, restarts: 1)])
        #expect(story.verdict == .done)
    }

    @Test("The log of a task that was done is the one before already while kubelet waits to restart its container")
    func previousSoon() {
        var story = Story(wanting: 1)
        story.logsCome = false
        story.at(1, .pod(done("a")), .pod(pod("a", waits("CrashLoopBackOff", after: end(137)))))
        story.answer()
        story.answer()
        #expect(story.requests(for: "a").map(\.source.previous) == [false, true] && story.verdict == .done)
    }

    @Test("A result whose container was restarted twice before it came is lost, and that is no success",
        arguments: [true, false])
    func restartedTwice(whileFetched: Bool) {
        var story = Story(wanting: 1)
        story.logsCome = false
        if whileFetched {
            story.at(1, .pod(done("a", restarts: 1)), .pod(done("a", restarts: 2)))
            story.answer()
        } else {
            story.at(1, .pod(done("a", restarts: 2)))
        }
        #expect(story.verdict == .failed && story.state(of: "a") == .unfetched)
        #expect(story.told == [
            "a: done, but its result can't be fetched: "
                + "its container was restarted more than once, and Kubernetes keeps one log before",
        ])
    }

    @Test("A pod that is evicted without a word about its containers does not make a wrong log right")
    func evictedMeanwhile() {
        var story = Story(wanting: 1)
        story.logsCome = false
        story.at(1, .pod(done("a")), .pod(done("a", restarts: 1)), .pod(evicted("a")))
        story.answer()
        #expect(story.requests(for: "a").map(\.source.previous) == [false, true])
    }

    @Test("A result that is here stays, whatever becomes of the container")
    func hereIsHere() {
        var story = Story(wanting: 2)
        story.at(1, .pod(running("b")), .pod(done("a")))
        story.at(2, .pod(done("a", restarts: 3)))
        story.at(9, .pod(done("b")))
        #expect(story.verdict == .done && story.requests(for: "a").count == 1)
    }

    @Test("Without a folder for logs those of failed nodes are not fetched")
    func notWanted() {
        var story = Story(wanting: 1)
        story.at(1, .pod(failed("a", 1)))
        #expect(story.verdict == .failed && story.fetches.isEmpty)
    }

    @Test("A failed node's log is fetched once its container was restarted: it is the one before then")
    func failedLog() {
        var story = Story(wanting: 1, keepsEveryLog: true)
        story.at(1, .pod(failing("a", 3)))
        #expect(story.fetches.isEmpty && story.verdict == nil)
        story.at(2.5, .pod(failed("a", 3)), .pod(failed("a", 3)))
        #expect(story.requests(for: "a").map(\.source) == [LogSource(previous: true, restarts: 1)])
        #expect(story.verdict == .failed && story.end == 2.5 && story.run.nodesWithLogs == ["a"])
        #expect(story.run.summary[0].partial == false)
    }

    @Test("A failed node whose container is not restarted has its log where it was")
    func failedNotRestarted() {
        var story = Story(wanting: 1, keepsEveryLog: true)
        story.at(1, .pod(failing("a", 3)))
        story.at(20)
        #expect(story.requests(for: "a").map(\.source) == [LogSource()])
        #expect(story.verdict == .failed && story.end == 11 && story.run.nodesWithLogs == ["a"])
    }

    @Test("A failed node whose container is restarted while its log is fetched: fetched again, from where it is now")
    func failedMeanwhile() {
        var story = Story(wanting: 1, keepsEveryLog: true)
        story.logsCome = false
        story.at(1, .pod(failing("a", 3)))
        story.at(11, .pod(failed("a", 3)))
        story.answer()
        story.answer()
        #expect(story.requests(for: "a").map(\.source.previous) == [false, true] && story.verdict == .failed)
    }

    @Test("A failed node that is in a crash loop when it is seen has lost its log, and that is said")
    func failedTwice() throws {
        var story = Story(wanting: 1, keepsEveryLog: true)
        story.at(1, .pod(try recordedPod("ended-with-0")))
        #expect(story.verdict == .failed && story.fetches.isEmpty)
        #expect(story.told.last == """
            node-1: failed, and its log can't be fetched: its container was restarted more than once, and Kubernetes \
            keeps one log before
            """)
    }

    @Test("The log of a pod that was evicted is where it was")
    func evictedLog() {
        var story = Story(wanting: 1, keepsEveryLog: true)
        story.outcomes["a"] = .lost("not found")
        story.at(1, .pod(running("a")), .pod(evicted("a")))
        #expect(story.requests(for: "a").map(\.source) == [LogSource()] && story.verdict == .failed)
        #expect(story.told.last == "a: failed, and its log can't be fetched: not found")
    }

    @Test("A node that never started has no log, failed or not")
    func neverStarted() {
        var story = Story(wanting: 2, timeout: 60, keepsEveryLog: true)
        story.at(1, .pod(stuck("a", "InvalidImageName")), .pod(starting("b")))
        story.at(60)
        #expect(story.verdict == .timedOut && story.end == 60 && story.fetches.isEmpty)
    }

    @Test("With --fail-fast the failed node's log comes too, although its restart is seen after the end was decided")
    func failFast() {
        var story = Story(wanting: 2, failFast: true, keepsEveryLog: true)
        story.at(1, .pod(running("b")))
        story.at(2, .pod(failing("a", 3)))
        #expect(story.verdict == nil)
        story.at(3, .pod(failed("a", 3)))
        #expect(story.verdict == .failed && story.end == 3 && Set(story.run.nodesWithLogs) == ["a", "b"])
        #expect(story.run.summary.map(\.partial) == [false, true])
    }

    @Test("When the time is up the logs of nodes that still run are fetched as far as they go, and marked")
    func partial() {
        var story = Story(wanting: 4, timeout: 60, keepsEveryLog: true)
        story.at(1, .pod(done("a")), .pod(running("b")), .pod(starting("c")), .pod(running("d")), .nodesNotReady(["d"]))
        story.at(60)
        #expect(story.verdict == .timedOut)
        #expect(story.fetches.map { $0.map(\.node) } == [["a"], ["b"]], "a node that can't be reached has none")
        #expect(story.run.summary.map(\.partial) == [false, true, false, false])
        #expect(story.results == ["a"])
    }

    @Test("A task that ends while its partial log is fetched: that log is fetched from where it is now")
    func partialRestarted() {
        var story = Story(wanting: 1, timeout: 60, keepsEveryLog: true)
        story.logsCome = false
        story.at(1, .pod(running("a")))
        story.at(60, .pod(failed("a", 1)), .podsListed([]))
        story.answer()
        story.answer()
        #expect(story.requests(for: "a").map(\.source.previous) == [false, true])
        #expect(story.verdict == .timedOut && story.run.summary[0].partial && story.state(of: "a") == .waiting)
    }

    @Test("What is done while the last logs are fetched is too late, and no result")
    func tooLate() {
        var story = Story(wanting: 2, timeout: 60, keepsEveryLog: true)
        story.logsCome = false
        story.at(1, .pod(running("a")), .pod(running("b")))
        story.at(60, .pod(done("a")))
        story.answer()
        #expect(story.verdict == .timedOut && story.state(of: "a") == .waiting)
        #expect(story.run.summary.map(\.partial) == [true, true])
    }
}
