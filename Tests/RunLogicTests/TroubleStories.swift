@testable import RunLogic
import Testing

@Suite("Nodes in trouble, and containers that are not ours") struct TroubleStories {
    private let pressure = "Pod was rejected: The node had condition: [DiskPressure]."

    @Test("A node in trouble that turns down pods is given up 30 s after the others have ended, with the way in")
    func diskPressure() {
        var story = Story(wanting: 2)
        story.at(1, .pod(running("a")), .pod(rejected("b", "Evicted", pressure, uid: "b1")))
        story.at(10, .pod(done("a")))
        // The controller makes another pod, and another.
        for (index, time) in [12, 20, 28, 36].enumerated() {
            story.at(Seconds(time), .podRemoved(rejected("b", "Evicted", pressure, uid: "b\(index + 1)").leaving))
            story.at(Seconds(time), .wants(2, has: 1))
            let next = rejected("b", "Evicted", pressure, uid: "b\(index + 2)")
            story.at(Seconds(time) + 1, .wants(2, has: 2), .pod(next))
        }
        #expect(story.verdict == nil)
        story.at(50)
        #expect(story.verdict == .failed && (story.end ?? 0) <= 42)
        let told =
            "b: Evicted: \(pressure); such a node takes pods of priorityClassName: system-node-critical only: "
            + "print the manifest with --dry-run, add that, and run it with -f"
        #expect(story.told.contains(told) && story.told.contains("not done: \(told)"), "\(story.told)")
    }

    @Test("One that is better again before that is waited for")
    func better() {
        var story = Story(wanting: 2)
        story.at(1, .pod(done("a")), .pod(rejected("b", "Evicted", pressure, uid: "b1")))
        story.at(20, .podRemoved(rejected("b", "Evicted", pressure, uid: "b1").leaving), .pod(starting("b", uid: "b2")))
        story.at(100)
        #expect(story.verdict == nil)
        story.at(101, .pod(done("b", uid: "b2")))
        #expect(story.verdict == .done)
    }

    @Test("A pod that is turned down for another reason is waited for as before")
    func otherReason() {
        var story = Story(wanting: 2)
        story.at(1, .pod(done("a")), .pod(rejected("b")))
        story.at(100)
        #expect(story.verdict == nil)
    }

    @Test(
        "What a node says of why it is not ready is told, and for a network of its own what works there",
        arguments: [true, false])
    func words(usesHostNetwork: Bool) {
        var plan = Story.plan()
        plan.usesHostNetwork = usesHostNetwork
        var story = Story(plan)
        let words = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady"
        story.at(0, .wants(2))
        story.at(1, .pod(done("a")), .pod(starting("b")))
        story.at(5, .nodesNotReady(["b"]), .nodesSay(["b": words]))
        let hint = usesHostNetwork ? "" : "; --host uses the node's own network, and works there"
        #expect(story.reason(of: "b") == "the node is not ready: \(words)\(hint)")
        story.at(6, .nodesNotReady([]))
        #expect(story.state(of: "b") == .waiting && story.reason(of: "b") == "")
    }

    private func waiting(for container: Container, goesOn: Bool = false) -> Pod {
        var pod = pod("a", waits("PodInitializing"), phase: "Pending", initContainers: [container])
        pod.spec.initContainers = [.init(name: container.name, restartPolicy: goesOn ? "Always" : nil)]
        return pod
    }

    @Test("A container that is not ours and does not end is told by its name, after some seconds")
    func initContainer() {
        var story = Story(wanting: 1)
        story.unfollowed = [waiting(for: runs("istio-init"))]
        story.at(2)
        #expect(story.told == [])
        story.at(6)
        #expect(story.told == ["a: container istio-init runs, and the task starts when it has ended"])
    }

    @Test(
        "A sidecar is told as long as its startup probe has not passed, and then no longer", arguments: [true, false])
    func sidecar(hasStarted: Bool) {
        var container = runs("mesh")
        container.started = hasStarted
        let standing = Standing(of: waiting(for: container, goesOn: true), task: TaskContainer(name: "task"))
        let why = Reason("container mesh runs, and the task starts when its startup probe passes")
        #expect(standing == .waiting(hasStarted ? nil : why))
    }

    @Test("A task that is an init container waits for those before it only")
    func order() {
        let pod = pod("a", initContainers: [runs("work"), runs("later")])
        #expect(Standing(of: pod, task: TaskContainer(name: "work", isInitContainer: true)) == .working)
    }

    @Test("An agent that may not be executed from its ConfigMap fails its node at once, with the way out")
    func noexec() {
        let words = #"failed to start: exec: "/run-once/run-once": permission denied"#
        let pod = pod(
            "a", waits("CrashLoopBackOff", nil, after: end(126, words, reason: "StartError", startedAt: never)),
            phase: "Pending")
        guard case .hopeless(let why) = Standing(of: pod, task: TaskContainer(name: "task")) else {
            Issue.record("it is not hopeless")
            return
        }
        #expect(why.text.contains("--agent-image") && why.text.hasSuffix(words))
        let late = failed("a", 1, "exec /run-once/run-once: permission denied")
        guard case .failed(1, let told, _) = Standing(of: late, task: TaskContainer(name: "task")) else {
            Issue.record("it has not failed")
            return
        }
        #expect(told.text.contains("--agent-image"))
        // A user's program that may not be executed is his own affair.
        let other = stuck("a", "RunContainerError", #"exec: "/usr/bin/x": permission denied"#)
        #expect(
            Standing(of: other, task: TaskContainer(name: "task"))
                == .waiting(Reason("RunContainerError", #"exec: "/usr/bin/x": permission denied"#)))
    }
}
