import Foundation
@testable import RunLogic
import Testing

let task = TaskContainer(name: "task")
let breach = Reason("it must stay alive when it is done; `run-once` does that")

/// A line of the closed table of what a node can be.
struct Line: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let pod: Pod
    let standing: Standing
    var task = TaskContainer(name: "task")
    var hadStarted = false
    var isRemoved = false

    init(
        _ what: String, _ pod: Pod, _ standing: Standing, isInitContainer: Bool = false, hadStarted: Bool = false,
        isRemoved: Bool = false
    ) {
        testDescription = what
        self.pod = pod
        self.standing = standing
        task = TaskContainer(name: "task", isInitContainer: isInitContainer)
        self.hadStarted = hadStarted
        self.isRemoved = isRemoved
    }

    func check() {
        #expect(Standing(of: pod, task: task, hadStarted: hadStarted, isRemoved: isRemoved) == standing)
    }
}

@Suite("What a pod says of its node") struct StandingTests {
    @Test(
        "Pods recorded from a real cluster stand where the table puts them",
        arguments: [
            ("done", "task", .ready(LogSource())),
            ("running", "task", .working),
            (
                "failed", "task",
                .failed(
                    exitCode: 3, Reason("no disk"), LogSource(previous: true, restarts: 1))
            ),
            (
                "out-of-memory", "task",
                .killed(
                    exitCode: 137, Reason("OOMKilled", "begin\nKilled"),
                    LogSource(previous: true, restarts: 1))
            ),
            ("ended-with-0", "task", .killed(exitCode: 0, breach, nil)),
            ("gated", "task", .queued),
            (
                "too-big", "task",
                .waiting(
                    Reason(
                        "Unschedulable",
                        """
                        0/3 nodes are available: 1 Insufficient memory, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. no \
                        new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for \
                        scheduling.
                        """))
            ),
            ("config-error", "task", .waiting(Reason("CreateContainerConfigError", "secret \"none\" not found"))),
            (
                "invalid-image-name", "task",
                .hopeless(
                    Reason(
                        "InvalidImageName",
                        """
                        Failed to apply default image tag "a//b": couldn't parse image name "a//b": invalid reference format
                        """))
            ),
            ("init-container-failing", "task", .waiting(Reason("container prepare ended with exit code 4"))),
            ("mount-missing", "task", .waiting(nil)),
            ("native-sidecar-crashed-once", "task", .ready(LogSource())),
            ("sidecar-first", "task", .ready(LogSource())),
            ("init-and-pause", "work", .ready(LogSource())),
        ] as [(String, String, Standing)])
    func recorded(name: String, container: String, standing: Standing) throws {
        let task = TaskContainer(name: container, isInitContainer: container == "work")
        #expect(try Standing(of: recordedPod(name), task: task) == standing)
    }

    @Test("A recorded pod whose image can't be pulled waits, with what kubelet says of it")
    func imagePull() throws {
        guard case .waiting(let reason?) = try Standing(of: recordedPod("image-pull-back-off"), task: task) else {
            Issue.record("it does not wait with a reason")
            return
        }
        #expect(
            reason.text.hasPrefix("ErrImagePull: failed to resolve image: ")
                && reason.text.contains("dial tcp: connect: "))
    }

    @Test("A pod is its node's before it is scheduled, from the first event of a recorded watch on")
    func nodes() throws {
        let watch = try watchedPods()
        #expect(watch.allSatisfy { ["node-1", "node-2", "node-3"].contains($0.object.node) })
        #expect(watch[0].object.spec.nodeName == nil && watch[0].object.node == "node-1")
        #expect(try recordedPod("gated").node != nil)
    }

    @Test(
        "The task container decides",
        arguments: [
            Line(
                "ready after a restart: it was done before",
                pod("a", runs(ready: true, restarts: 1, after: end(137))),
                .ready(LogSource(previous: true, restarts: 1))),
            Line(
                "ready after a restart, and kubelet no longer knows of what was before",
                pod("a", runs(ready: true, restarts: 1)), .ready(LogSource(previous: true, restarts: 1))),
            Line(
                "ready after two restarts: the log of the first run is lost, and the one before is not it",
                pod("a", runs(ready: true, restarts: 2, after: end(137))), .ready(nil)),
            Line(
                "ready after a container that could not start: the log is that of the one that could",
                pod("a", runs(ready: true, restarts: 1, after: end(128, reason: "StartError", startedAt: never))),
                .ready(LogSource(restarts: 1))),
            Line("ready while the pod is being deleted", pod("a", runs(ready: true)).leaving, .ready(LogSource())),
            Line("ended, not restarted yet", pod("a", ended(end(3, "no"))), .failed(exitCode: 3, Reason("no"), nil)),
            Line(
                "ended, and kubelet waits before it restarts it: the log before is its log",
                pod("a", waits("CrashLoopBackOff", "back-off 10s", after: end(3, "no"))),
                .failed(exitCode: 3, Reason("no"), LogSource(previous: true, restarts: 1))),
            Line(
                "ended twice, and kubelet waits: the log before is that of the second run",
                pod("a", waits("CrashLoopBackOff", "back-off 20s", restarts: 1, after: end(3, "no"))),
                .failed(exitCode: 3, Reason("no"), nil)),
            Line(
                "restarted, and ended again", pod("a", ended(end(4), restarts: 1, after: end(3, "no"))),
                .failed(exitCode: 3, Reason("no"), LogSource(previous: true, restarts: 1))),
            Line(
                "restarted twice", pod("a", runs(restarts: 2, after: end(3, "no"))),
                .failed(exitCode: 3, Reason("no"), nil)),
            Line(
                "killed for want of memory", pod("a", ended(end(137, "begin", reason: "OOMKilled"))),
                .killed(exitCode: 137, Reason("OOMKilled", "begin"), nil)),
            Line(
                "killed for want of memory, without a word", pod("a", ended(end(137, "", reason: "OOMKilled"))),
                .killed(exitCode: 137, Reason("OOMKilled"), nil)),
            Line(
                "ended with 0", pod("a", ended(end(0, "some output", reason: "Completed"))),
                .killed(exitCode: 0, breach, nil)),
            Line(
                "ended with 0 and restarted", pod("a", runs(restarts: 1, after: end(0, reason: "Completed"))),
                .killed(exitCode: 0, breach, LogSource(previous: true, restarts: 1))),
            Line(
                "its node was rebooted", pod("a", runs(restarts: 1, after: end(255, reason: "Unknown"))),
                .killed(exitCode: 255, Reason("Unknown"), LogSource(previous: true, restarts: 1))),
            Line(
                "kubelet lost sight of it while it ran",
                pod(
                    "a",
                    waits(
                        "ContainerCreating", restarts: 1,
                        after: end(137, "not located", reason: "ContainerStatusUnknown", startedAt: nil))),
                .killed(exitCode: 137, Reason("ContainerStatusUnknown", "not located"), nil)),
        ])
    func container(line: Line) { line.check() }

    @Test(
        "What kubelet tries again is no failure",
        arguments: [
            Line("its image is being pulled", pod("a", waits("ContainerCreating"), phase: "Pending"), .waiting(nil)),
            Line(
                "the runtime refuses to run it", stuck("a", "RunContainerError", "no such file"),
                .waiting(Reason("RunContainerError", "no such file"))),
            Line(
                "it could not start, as dockershim says", pod("a", ended(end(127, "no", reason: "ContainerCannotRun"))),
                .waiting(Reason("ContainerCannotRun", "no"))),
            Line(
                "it could not start, and kubelet waits before it tries again",
                pod(
                    "a",
                    waits(
                        "CrashLoopBackOff", "back-off", restarts: 2,
                        after: end(128, "exec: no", reason: "StartError", startedAt: never))),
                .waiting(Reason("StartError", "exec: no"))),
            Line(
                "it could not start at first, and runs",
                pod(
                    "a",
                    runs(
                        restarts: 1,
                        after: end(128, reason: "StartError", startedAt: never))), .working),
            Line(
                "it ended without a time at which it had started",
                pod("a", ended(end(1, "odd", startedAt: nil))), .waiting(Reason("odd"))),
            Line(
                "an init container failed",
                pod(
                    "a", waits("PodInitializing"), phase: "Pending",
                    initContainers: [ended(end(4, "no space"), "prepare")]),
                .waiting(Reason("container prepare ended with exit code 4", "no space"))),
            Line(
                "an init container was killed for want of memory",
                pod(
                    "a", waits("PodInitializing"), phase: "Pending",
                    initContainers: [ended(end(137, reason: "OOMKilled"), "prepare")]),
                .waiting(Reason("container prepare ended with exit code 137, OOMKilled"))),
            Line(
                "an init container failed once, and then did its work",
                pod(
                    "a", waits("ErrImagePull", "no"),
                    phase: "Pending",
                    initContainers: [
                        ended(end(0, reason: "Completed"), "prepare", restarts: 1, after: end(4))
                    ]), .waiting(Reason("ErrImagePull", "no"))),
            Line(
                "an init container failed, and runs again",
                pod(
                    "a", waits("PodInitializing"), phase: "Pending",
                    initContainers: [runs("prepare", restarts: 1, after: end(4))]),
                .waiting(Reason("container prepare runs, and the task starts when it has ended"))),
            Line(
                "an init container's image can't be pulled",
                pod(
                    "a", waits("PodInitializing"), phase: "Pending",
                    initContainers: [waits("ImagePullBackOff", "Back-off", "prepare")]),
                .waiting(Reason("ImagePullBackOff", "Back-off"))),
            Line(
                "a sidecar crashed, and the task runs",
                pod(
                    "a", runs(),
                    initContainers: [waits("CrashLoopBackOff", "back-off", "side", after: end(1))]), .working),
            Line(
                "a sidecar ends with 0 over and over",
                pod(
                    "a", waits("PodInitializing"), phase: "Pending",
                    initContainers: [waits("CrashLoopBackOff", "back-off", "side", after: end(0, reason: "Completed"))]),
                .waiting(Reason("container side ended with exit code 0"))),
            Line(
                "a gate of somebody else", unscheduled("a", "Scheduling is blocked", gate: "queue.example/quota"),
                .waiting(Reason("Unschedulable", "Scheduling is blocked"))),
        ])
    func triedAgain(line: Line) { line.check() }

    @Test("What no waiting mends is told from what may come", arguments: ["InvalidImageName", "ErrImageNeverPull"])
    func hopeless(word: String) {
        let reason = Reason(word, "no")
        #expect(Standing(of: stuck("a", word, "no"), task: task) == .hopeless(reason))
        let inInit = pod("a", waits("PodInitializing"), initContainers: [waits(word, "no", "prepare")])
        #expect(Standing(of: inInit, task: task) == .hopeless(reason))
        let inSidecar = pod("a", runs(), initContainers: [waits(word, "no", "side")])
        #expect(Standing(of: inSidecar, task: task) == .working)
    }

    @Test(
        "A pod that failed as a whole has failed if its task had started, and was rejected if not",
        arguments: [
            Line(
                "evicted while the task ran, with its containers",
                pod("a", ended(end(137)), phase: "Failed", reason: "Evicted", message: "low on memory"),
                .failed(exitCode: 137, Reason("Evicted", "low on memory"), LogSource())),
            Line("evicted before anybody saw the task start", evicted("a", "low"), .rejected(Reason("Evicted", "low"))),
            Line(
                "evicted while an image was pulled: kubelet lost sight of what never was",
                pod(
                    "a", ended(end(137, reason: "ContainerStatusUnknown", startedAt: nil), id: nil), phase: "Failed",
                    reason: "Evicted", message: "low"), .rejected(Reason("Evicted", "low"))),
            Line(
                "evicted while kubelet lost sight of the task",
                pod(
                    "a", ended(end(137, reason: "ContainerStatusUnknown", startedAt: nil)), phase: "Failed",
                    reason: "Evicted", message: "low"), .failed(exitCode: 137, Reason("Evicted", "low"), LogSource())),
            Line(
                "its node was shut down, and the task ended with 0 for that",
                pod(
                    "a", ended(end(0, reason: "Completed")), phase: "Failed", reason: "Terminated", message: "shutdown"),
                .failed(exitCode: nil, Reason("Terminated", "shutdown"), LogSource())),
            Line(
                "evicted, and being deleted for that by the controller",
                pod("a", ended(end(137)), phase: "Failed", reason: "Evicted", message: "low").leaving,
                .failed(exitCode: 137, Reason("Evicted", "low"), LogSource())),
            Line(
                "evicted after its task had failed",
                pod(
                    "a", ended(end(137), restarts: 1, after: end(3, "no")),
                    phase: "Failed", reason: "Evicted"),
                .failed(exitCode: 3, Reason("no"), LogSource(previous: true, restarts: 1))),
            Line(
                "without a reason", pod("a", ended(end(2, "no")), phase: "Failed"),
                .failed(exitCode: 2, Reason("no"), LogSource())),
            Line(
                "its node left the cluster, and the collector of such pods marks it before it deletes it",
                pod("a", runs(), phase: "Failed"), .gone, hadStarted: true),
            Line("rejected for want of CPU", rejected("a"), .rejected(Reason("OutOfcpu", "not enough cpu"))),
            Line("rejected, and being deleted", rejected("a").leaving, .gone),
            Line("rejected, and removed", rejected("a"), .gone, isRemoved: true),
        ])
    func asAWhole(line: Line) { line.check() }

    @Test(
        "A pod that is deleted before its task was done is gone, and what ends for that has not failed",
        arguments: [
            Line("while it runs", running("a").leaving, .gone),
            Line("before it starts", starting("a").leaving, .gone),
            Line("it was told to end, and ended with 143", pod("a", ended(end(143)), phase: "Failed").leaving, .gone),
            Line("it was told to end, and ended with 0", pod("a", ended(end(0)), phase: "Succeeded").leaving, .gone),
            Line("it is no longer there", running("a"), .gone, isRemoved: true),
            Line("its image name is invalid", stuck("a", "InvalidImageName").leaving, .gone),
            Line(
                "its task had failed before", failed("a", 3, "no").leaving,
                .failed(exitCode: 3, Reason("no"), LogSource(previous: true, restarts: 1))),
            Line("its task was done before", done("a"), .ready(LogSource()), isRemoved: true),
        ])
    func deleted(line: Line) { line.check() }

    @Test(
        "Where an init container is the task, its first end counts",
        arguments: [
            Line("it waits", asInit(waits("PodInitializing")), .waiting(nil), isInitContainer: true),
            Line("it runs", asInit(runs()), .working, isInitContainer: true),
            Line(
                "it ended with 0, and the pod is being deleted", asInit(ended(end(0, reason: "Completed"))).leaving,
                .ready(LogSource()), isInitContainer: true),
            Line(
                "it failed", asInit(ended(end(3, "no"))), .failed(exitCode: 3, Reason("no"), nil), isInitContainer: true
            ),
            Line(
                "it failed, and runs again", asInit(runs(restarts: 1, after: end(3, "no"))),
                .failed(exitCode: 3, Reason("no"), LogSource(previous: true, restarts: 1)), isInitContainer: true),
            Line(
                "it failed, and ended with 0 when kubelet ran it again",
                asInit(ended(end(0, reason: "Completed"), restarts: 1, after: end(3, "no"))),
                .failed(exitCode: 3, Reason("no"), LogSource(previous: true, restarts: 1)), isInitContainer: true),
            Line(
                "it was done, and ran again since the pod's sandbox was made anew",
                asInit(runs(restarts: 1, after: end(0))), .ready(LogSource(previous: true, restarts: 1)),
                isInitContainer: true),
            Line(
                "it was done, and ran again twice: its log is lost",
                asInit(runs(restarts: 2, after: end(0))), .ready(nil), isInitContainer: true),
            Line("it was told to end", asInit(ended(end(143))).leaving, .gone, isInitContainer: true),
            Line(
                "its pod was evicted while it ran", asInit(ended(end(137)), phase: "Failed", reason: "Evicted"),
                .failed(exitCode: 137, Reason("Evicted"), LogSource()), isInitContainer: true),
            Line(
                "kubelet says that an init container is ready, which says nothing",
                asInit(runs(ready: true)), .working, isInitContainer: true),
        ])
    func initContainer(line: Line) { line.check() }

    @Test(
        "Pods as Kubernetes 1.20 writes them",
        arguments: [
            (
                #"{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory. ","startTime":null}"#,
                true, .failed(exitCode: nil, Reason("Evicted", "The node was low on resource: memory."), LogSource())
            ),
            (
                #"{"phase":"Failed","reason":"OutOfpods","message":"Pod Node didn't have enough resource: pods"}"#,
                false, .rejected(Reason("OutOfpods", "Pod Node didn't have enough resource: pods"))
            ),
            (
                #"""
                {"phase":"Running","containerStatuses":[{"name":"task","ready":false,"restartCount":1,"state":{"terminated":
                {"exitCode":128,"reason":"StartError","message":"OCI runtime create failed",
                "startedAt":"1970-01-01T00:00:00Z","finishedAt":"2026-11-25T12:00:00Z","containerID":"containerd://2"}},
                "lastState":{}}]}
                """#, false, .waiting(Reason("StartError", "OCI runtime create failed"))
            ),
            (
                #"""
                {"phase":"Running","containerStatuses":[{"name":"task","ready":false,"restartCount":1,"state":{"running":
                {"startedAt":"2026-11-25T12:00:01Z"}},"lastState":{"terminated":{"exitCode":1,"reason":"Error",
                "message":"no","startedAt":"2026-11-25T12:00:00Z"}}}]}
                """#, false, .failed(exitCode: 1, Reason("no"), LogSource(previous: true, restarts: 1))
            ),
            (
                #"{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"True","lastProbeTime":null}]}"#,
                false, .waiting(nil)
            ),
            ("{}", false, .waiting(nil)),
        ] as [(String, Bool, Standing)])
    func old(status: String, hadStarted: Bool, standing: Standing) {
        let pod = decode(#"{"metadata":{"name":"p","uid":"u"},"spec":{"nodeName":"a"},"status":\#(status)}"#)
        #expect(Standing(of: pod, task: task, hadStarted: hadStarted) == standing)
    }

    @Test("The three pods of a recorded watch run, are done, and are gone with nothing taken back")
    func watch() throws {
        let task = TaskContainer(name: "cat-etc-hosts")
        var standings: [Standing] = []
        for line in try watchedPods() where line.object.node == "node-2" {
            let standing = Standing(of: line.object, task: task, isRemoved: line.type == "DELETED")
            if standings.last != standing { standings.append(standing) }
        }
        #expect(standings == [.waiting(nil), .working, .ready(LogSource()), .gone])
    }
}

private func asInit(_ container: Container, phase: String = "Pending", reason: String? = nil) -> Pod {
    pod("a", nil, phase: phase, reason: reason, initContainers: [container]).with {
        $0.status.containerStatuses = [waits("PodInitializing", nil, "pause")]
    }
}

struct WatchLine: Decodable {
    let type: String
    let object: Pod
}

func watchedPods() throws -> [WatchLine] {
    try recordedData("watch-pods.ndjson").split(separator: UInt8(ascii: "\n")).map {
        try JSONDecoder().decode(WatchLine.self, from: $0)
    }
}
