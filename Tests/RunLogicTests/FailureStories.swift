@testable import RunLogic
import Testing

@Suite("Failures") struct FailureStories {
    @Test("A failed node is named at once, while the others still run, and once only")
    func atOnce() {
        var story = Story(wanting: 2)
        story.at(1, .pod(failing("a", 1, "cat: no such file")), .pod(running("b")))
        #expect(story.told == ["a: failed with exit code 1: cat: no such file"] && story.verdict == nil)
        story.at(2, .pod(failed("a", 1, "cat: no such file")))
        story.at(9, .pod(done("b")))
        #expect(story.verdict == .failed && story.told.count == 1)
        #expect(story.results == ["b"])
        #expect(
            story.summary.first
                == NodeSummary(
                    node: "a", state: .failed, exitCode: 1, reason: "cat: no such file", seconds: 1, hasStarted: true))
    }

    @Test(
        "Failed is final: whatever becomes of the pod, the first reason stays",
        arguments: [
            .pod(running("a")), .pod(done("a")), .podRemoved(done("a").leaving), .pod(failed("a", 9, "later")),
            .pod(evicted("a")), .pod(done("a", uid: "new")), .podsListed([]), .podsListed([done("a", uid: "new")]),
            .nodesNotReady(["a"]), .pod(stuck("a", "InvalidImageName")),
        ] as [Event])
    func failedIsFinal(event: Event) {
        var story = Story(wanting: 2)
        story.at(1, .pod(running("b")), .pod(failed("a", 5, "the first reason")))
        story.at(2, event)
        story.at(20, .pod(running("b")), .pod(done("b")), .wants(1))
        story.at(60)
        #expect(
            story.summary.first
                == NodeSummary(
                    node: "a", state: .failed, exitCode: 5, reason: "the first reason", seconds: 1, hasStarted: true))
        #expect(story.told.filter { $0.hasPrefix("a: ") } == ["a: failed with exit code 5: the first reason"])
        #expect(story.verdict == .failed)
    }

    @Test(
        "Done is final: a node that is lost or a pod that is deleted afterwards takes nothing back",
        arguments: [
            .pod(running("a")), .podRemoved(running("a").leaving), .pod(pod("a", ended(end(9, "lost")))),
            .pod(failed("a", 9, "killed")), .pod(evicted("a")), .pod(running("a", uid: "new")),
            .podsListed([running("b")]),
            .nodesNotReady(["a"]), .pod(failed("a", 9, "again", uid: "new")),
        ] as [Event])
    func doneIsFinal(event: Event) {
        var story = Story(wanting: 2)
        story.at(1, .pod(done("a")), .pod(running("b")))
        story.at(2, event)
        story.at(60, .pod(done("b")), .wants(1))
        #expect(story.verdict == .done && story.results == ["a", "b"])
        #expect(story.requests(for: "a").count == 1 && story.told == [])
    }

    @Test("--fail-fast ends at the first failure, with the results that are there")
    func failFast() {
        var story = Story(wanting: 3, failFast: true)
        story.logsCome = false
        story.at(1, .pod(running("b")), .pod(done("c")), .pod(failed("a", 3, "no")))
        #expect(story.verdict == nil, "a result is on its way")
        story.at(2)
        story.answer()
        #expect(story.verdict == .failed && story.end == 2 && story.results == ["c"])
        let why = "1 node failed or was not reached, which is more than --max-failures 0: the run stops"
        #expect(story.told == ["a: failed with exit code 3: no", why, "not done: b: still running"])
    }

    @Test("A run that ends before the controller has counted the nodes does not say how many are meant")
    func failFastBeforeCount() {
        for (status, areCounted) in [(Event.notObserved, false), (.wants(100), true)] {
            var story = Story(failFast: true)
            story.at(1, status, .pod(failed("a", 3, "no")))
            #expect(story.verdict == .failed)
            #expect(story.outcome?.areCounted == areCounted)
        }
    }

    @Test("Where all nodes are started at once, more failures than may be stop those at work; percent are of all nodes")
    func maxFailures() {
        for (most, last) in [(Share.number(1), 2), (.percent(50), 3), (.percent(100), nil)] as [(Share, Int?)] {
            var plan = Story.plan()
            plan.budget = most
            var story = Story(plan)
            // Of how many nodes it is percent is not known yet, and one that is gone may come again.
            story.at(1, .notObserved, .pod(running("e").leaving), .podRemoved(running("e").leaving))
            if case .percent = most { story.at(2, .pod(failed("a", 1))) }
            story.at(3, .wants(5), .pod(running("d")), .pod(running("e", uid: "new")), .pod(failed("a", 1)))
            #expect(story.verdict == nil)
            story.at(4, .pod(failed("b", 1)))
            #expect(story.verdict == (last == 2 ? .failed : nil))
            story.at(5, .pod(failed("c", 1)))
            #expect(story.verdict == (last == nil ? nil : .failed))
            let why = "\(last ?? 0) nodes failed or were not reached, which is more than --max-failures \(most)"
            #expect((story.told("\(why): the run stops") != nil) == (last != nil))
        }
    }

    @Test("--fail-fast ends at an image name that no waiting mends, too")
    func failFastHopeless() {
        var story = Story(wanting: 2, failFast: true)
        story.at(1, .pod(running("b")), .pod(stuck("a", "InvalidImageName", "invalid reference format")))
        story.at(30)
        #expect(story.verdict == .failed && story.end == 11)
    }

    @Test(
        "What no waiting mends has failed after ten seconds, with its reason and no exit code",
        arguments: [
            "InvalidImageName", "ErrImageNeverPull",
        ])
    func hopeless(word: String) {
        var story = Story(wanting: 2)
        story.at(1, .pod(stuck("a", word, "no")), .pod(stuck("b", word, "no")))
        story.at(10, .pod(stuck("a", word, "no")))
        #expect(story.verdict == nil && story.state(of: "a") == .waiting)
        story.at(11)
        #expect(story.verdict == .failed && story.end == 11)
        #expect(story.told == ["a, b: \(word): no", "a, b: failed: \(word): no"])
        let failed = NodeSummary(node: "a", state: .failed, reason: "\(word): no", word: word, seconds: 11)
        #expect(story.summary.first == failed)
    }

    @Test(
        "What was hopeless and is no longer counts anew",
        arguments: [
            .pod(starting("a")), .podRemoved(stuck("a", "InvalidImageName").leaving), .pendingListed([]),
        ] as [Event])
    func hopeAgain(event: Event) {
        var story = Story(wanting: 1)
        story.at(1, .pod(stuck("a", "InvalidImageName", "no")))
        story.at(8, event)
        story.at(100)
        #expect(story.verdict == nil && story.state(of: "a") != .failed)
        story.at(101, .pod(done("a", uid: "new")), .pod(done("a")))
        #expect(story.verdict == .done)
    }

    @Test("A pod that is replaced by one with the same invalid image name does not wait for ever")
    func hopelessReplaced() {
        var story = Story(wanting: 1)
        story.at(1, .pod(stuck("a", "InvalidImageName", "no")))
        story.at(5, .pod(stuck("a", "InvalidImageName", "no").leaving))
        story.at(5, .pod(stuck("a", "InvalidImageName", "no", uid: "new")))
        story.at(15)
        #expect(story.verdict == .failed && story.told.last == "a: failed: InvalidImageName: no")
    }

    @Test("An image name that is invalid on a node that is not ready has failed for its own reason")
    func hopelessUnreachable() {
        var story = Story(wanting: 1)
        story.at(1, .pod(stuck("a", "InvalidImageName", "no")))
        story.at(4, .nodesNotReady(["a"]))
        story.at(20)
        #expect(story.verdict == .failed && story.reason(of: "a") == "InvalidImageName: no")
    }

    @Test("A node is not told as failed for what kubelet tries again, and never contradicted")
    func native() throws {
        let crashed = try recordedPod("native-sidecar-crashed-once")
        var story = Story(wanting: 1)
        story.at(
            1,
            .pod(
                crashed.with {
                    $0.status.containerStatuses = [waits("PodInitializing")]
                    $0.status.initContainerStatuses![1] = ended(end(1), "side")
                }))
        story.at(5)
        #expect(story.told == ["node-1: container side ended with exit code 1"] && story.verdict == nil)
        story.at(6, .pod(crashed))
        #expect(story.verdict == .done)
    }
}

@Suite("The agent's image") struct AgentImageStories {
    private func needing(_ node: String, _ agent: Container, _ task: Container = waits("PodInitializing")) -> Pod {
        pod(node, task, phase: "Pending", initContainers: [agent])
    }
    private let missing = waits("ErrImagePull", "not found", "install-run-once")

    private func story() -> Story { Story(wanting: 3, agentImage: "cat-etc-hosts:1") }

    @Test("Where no node that answered can get it, the run ends after 15 seconds, with the next step")
    func nowhere() {
        var story = story()
        let pulling = waits("ContainerCreating", nil, "install-run-once")
        story.at(1, .pod(needing("a", missing)), .pod(needing("b", pulling)))
        story.at(9, .pod(needing("a", waits("ImagePullBackOff", "back-off", "install-run-once"))))
        story.at(15)
        #expect(story.verdict == nil)
        story.at(16)
        #expect(story.verdict == .failed && story.end == 16)
        let told =
            "no node that answered can get the agent's image cat-etc-hosts:1: build it and push it to where the "
            + "nodes find it, or name it with --agent-image"
        #expect(story.told.contains(told))
        #expect(story.told.contains("not done: a: ErrImagePull: not found"))
    }

    @Test(
        "Where one node has it, the others may get it yet",
        arguments: [
            runs("install-run-once"), ended(end(0, reason: "Completed"), "install-run-once"),
        ])
    func somewhere(agent: Container) {
        var story = story()
        story.at(1, .pod(needing("a", missing)), .pod(needing("b", agent)))
        story.at(200)
        #expect(story.verdict == nil)
    }

    @Test(
        "A node that got it after all counts no longer, and neither does one whose pod is deleted",
        arguments: [true, false])
    func later(isDeleted: Bool) {
        var story = story()
        let pod = needing("a", waits("PodInitializing", nil, "install-run-once"))
        story.at(1, .pod(needing("a", missing)))
        story.at(9, isDeleted ? .podRemoved(needing("a", missing)) : .pod(pod))
        story.at(60)
        #expect(story.verdict == nil)
    }

    private let other = ImageChange(from: "pause:1", to: "app:2")

    private func carrying(_ count: Int) -> Story {
        var plan = Story.plan()
        plan.agent = ("task", "pause:1")
        plan.mayReplaceImage = true
        var story = Story(plan)
        story.at(0, .wants(count))
        return story
    }

    @Test("An image that only holds the agent's place is replaced by another, once for each pod that waits for it")
    func replaced() {
        var story = carrying(3)
        let (a, b) = (stuck("a", "ErrImagePull", "not found"), stuck("b", "ErrImageNeverPull"))
        story.at(1, .pod(a), .pod(b), .pod(running("c")))
        story.at(2)
        #expect(story.replacements == [["a", "b"]])
        story.at(3, .imagesReplaced(["a": other, "b": other]))
        #expect(story.told("a, b: pause:1 can't be had there: tries app:2, which is there") == 3)
        story.at(4, .pod(done("a")), .pod(done("c")), .pod(stuck("b", "ImagePullBackOff")))
        story.at(60)
        #expect(story.replacements == [["a", "b"]])
        #expect(story.verdict == nil && story.state(of: "a") == .done)
        // Another pod of the node is another one that waits.
        story.at(61, .podRemoved(b), .pod(stuck("b", "ErrImagePull", uid: "new")))
        story.at(62)
        #expect(story.replacements == [["a", "b"], ["b"]])
    }

    @Test("While the image is replaced, and after that, no node's time is up; where nothing replaces it, it goes on")
    func replacing() {
        var story = carrying(1)
        story.at(1, .pod(stuck("a", "ErrImagePull", "not found")))
        story.at(20, .imagesReplaced(["a": other]))
        story.at(34)
        #expect(story.verdict == nil)
        story.at(35)
        #expect(story.verdict == .failed && story.told("can get the agent's image pause:1") == 35)

        story = carrying(1)
        story.at(1, .pod(stuck("a", "ErrImagePull", "not found")))
        story.at(3, .imagesReplaced([:]))
        story.at(16)
        #expect(story.verdict == .failed && story.end == 16)
    }

    @Test("A container that has run once keeps its image, and so does one whose image has the agent, or is the user's")
    func notReplaced() {
        var story = carrying(2)
        story.at(1, .pod(running("b")), .pod(pod("a", waits("ErrImagePull", nil, restarts: 1, after: end(1)))))
        story.at(9)
        #expect(story.replacements == [])
        story = self.story()
        story.at(1, .pod(needing("a", missing)))
        story.at(9)
        #expect(story.replacements == [])
    }

    @Test("The image of the user's command is another matter: it is waited for")
    func anotherImage() {
        var story = story()
        let agent = ended(end(0, reason: "Completed"), "install-run-once")
        story.at(1, .pod(needing("a", agent, waits("ErrImagePull", "not found"))))
        story.at(200)
        #expect(story.verdict == nil)
    }

    @Test("In a manifest of the user's own no image is the agent's")
    func ownManifest() {
        var story = Story(wanting: 1)
        story.at(1, .pod(needing("a", missing)))
        story.at(200)
        #expect(story.verdict == nil)
    }
}
