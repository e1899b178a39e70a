import Glibc
import TestSupport
import Testing

@Suite("Waiting") struct Waiting {
    @Test("What a run counts and deletes is selected by a label of its own", arguments: Shell.installed)
    func label(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.finish(["a": "result\n"])
            var labels: [String] = []
            for _ in 1...2 {
                try cluster.write("calls", "")
                #expect(try await cluster.run().ending == .status(0))
                let patch = try #require(try cluster.calls("patch", "--type=merge").first)[6]
                let parts = patch.split(separator: "\"")
                let label = try parts[#require(parts.firstIndex(of: "run-once-daemonset/run")) + 2]
                labels.append(String(label))
                #expect(parts.filter { $0 == label }.count == 2, "on the DaemonSet and on its pods")
                let selector = "run-once-daemonset/run=\(label)"
                for kind in ["pods", "daemonsets"] {
                    #expect(try cluster.calls("get", kind, "-l", selector, "--watch").count == 1)
                }
                let events = try cluster.calls("get", "events", "--watch")
                #expect(events.allSatisfy { $0.contains("type=Warning") })
                #expect(try cluster.calls("delete", "daemonsets", "-l", selector).count == 1)
                let pods = "/api/v1/namespaces/default/pods?labelSelector=run-once-daemonset%2Frun%3D\(label)"
                #expect(try cluster.calls("delete", "--raw", pods).count >= 1)
                #expect(try cluster.calls("delete").allSatisfy { call in call.contains { $0.contains(label) } })
                try cluster.write("pods", Pod.done("a").line)
            }
            #expect(labels[0] != labels[1])
        }
    }

    @Test("Reasons are told once, for all their nodes together", arguments: Shell.installed)
    func reasons(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let message = #"Back-off pulling image \"no\u0026image\""#
            for node in ["a", "b", "c"] {
                try cluster.log("result\n", of: node)
                try cluster.add(.waiting(node, "ImagePullBackOff", message))
            }
            try cluster.add(.running("d"), .unscheduled("e", "Unschedulable", "too many pods"))
            try cluster.log("result\n", of: "e")
            try cluster.warn("pod-of-d", "FailedMount", #"it\'s no \u003Cvolume\u003E"#)
            try cluster.warn("pod-of-d", "Scheduled", "a warning that is none")
            try cluster.warn("pod-of-e", "FailedMount", "not why it waits")
            try cluster.want(5)
            try await cluster.start { process in
                try await process.says("nodes: 0 of 5 done")
                try await cluster.wait(seconds: 3)
                let told = "run-once-daemonset: a, b, c: ImagePullBackOff: Back-off pulling image \"no&image\"\n"
                try await process.says(told)
                try await process.says("run-once-daemonset: d: FailedMount: it's no <volume>\n")
                try await process.says("run-once-daemonset: e: Unschedulable: too many pods\n")
                try cluster.add(.waiting("a", "ImagePullBackOff", message))
                try await cluster.wait(seconds: 10)
                try await cluster.goOn()
                for node in ["a", "b", "c", "e"] { try cluster.add(.done(node)) }
                try cluster.add(.failed("d", 1, "at last"))
                #expect(try await process.end() == .status(1))
                #expect(lines(process.stderr).filter { $0.contains("ImagePullBackOff") }.count == 1)
                #expect(lines(process.stderr).filter { $0.contains("Unschedulable") }.count == 1)
                #expect(!process.stderr.contains("not why it waits"))
            }
        }
    }

    @Test("When the time is up the results that are there are printed, and the nodes that are not done are named",
        arguments: Shell.installed, [[], ["--timeout=1h"]])
    func timeout(shell: Shell, option: [String]) async throws {
        let seconds = option.isEmpty ? 300 : 3600
        try await withCluster(shell) { cluster in
            try cluster.log("result\n", of: "a")
            try cluster.add(.done("a"), .running("b"), .waiting("c", "ErrImagePull", "not found"), .running("d"))
            try cluster.want(4)
            try await cluster.start(option) { process in
                try await process.says("nodes: 1 of 4 done")
                try await cluster.wait(seconds: seconds - 1)
                try await process.says("c: ErrImagePull")
                try await cluster.goOn()
                #expect(process.isRunning)
                try await cluster.wait(seconds: 1)
                #expect(try await process.end() == .status(124))
                #expect(process.text == "==> a <==\nresult\n")
                #expect(process.stderr.contains("timed out after \(seconds) s\n"))
                #expect(process.stderr.contains("not done: c: ErrImagePull: not found\n"))
                #expect(process.stderr.contains("not done: b, d: still running\n"))
            }
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
        }
    }

    @Test("Where no node matches there is nothing to wait for", arguments: Shell.installed)
    func noNode(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(0)
            let outcome = try await cluster.run("--selector=disk=tape")
            #expect(outcome.ending == .status(3))
            #expect(outcome.stderr.contains("no node matches: "))
            #expect(outcome.stderr.contains("--selector disk=tape\n"))
            #expect(outcome.text == "")
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
        }
    }

    @Test("Before the controller has seen the DaemonSet, no node does not mean that none matches",
        arguments: Shell.installed)
    func notObserved(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(0, observed: 0)
            try await cluster.start { process in
                try await process.says("waiting for the first pod\n")
                try await cluster.goOn()
                #expect(process.isRunning)
                try cluster.finish(["a": "result\n"])
                #expect(try await process.end() == .status(0))
                #expect(process.text == "==> a <==\nresult\n")
            }
        }
    }

    @Test("A node whose pod comes later than the others is waited for", arguments: Shell.installed)
    func latePod(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(3)
            for node in ["a", "b", "c"] { try cluster.log("result\n", of: node) }
            try cluster.add(.done("a"), .done("b"))
            try await cluster.start { process in
                try await process.says("nodes: 2 of 3 done, 0 failed, 1 to go\n")
                try await cluster.goOn()
                #expect(process.isRunning)
                try cluster.add(.done("c"))
                #expect(try await process.end() == .status(0))
                #expect(process.text == "==> a, b, c <==\nresult\n")
            }
        }
    }

    @Test("A pod that is replaced before its task was done is waited for in its new form", arguments: Shell.installed)
    func replacedPod(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(1)
            try cluster.log("result\n", of: "new")
            let new = Pod.running("a").with { $0.name = "pod-of-new" }
            try cluster.add(Pod.running("a").deleted, new)
            try await cluster.start { process in
                try await process.says("nodes: 0 of 1 done, 0 failed, 1 to go\n")
                try cluster.add(Pod.running("a").deleted, new.with { $0.isReady = true })
                #expect(try await process.end() == .status(0))
                #expect(process.text == "==> a <==\nresult\n")
            }
        }
    }

    @Test("The end of a pod that was replaced says nothing about the pod that took its place",
        arguments: Shell.installed)
    func endOfReplacedPod(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(1)
            let new = Pod.running("a").with { $0.name = "pod-of-new" }
            try cluster.add(.running("a"), new, Pod.running("a").deleted)
            try await cluster.start { process in
                try await process.says("nodes: 0 of 1 done, 0 failed, 1 to go\n")
                try await cluster.wait(seconds: 300)
                #expect(try await process.end() == .status(124))
                #expect(process.stderr.contains("not done: a: still running\n"))
            }
        }
    }

    @Test("A pod that can't start tells why after a few seconds, and is done like any other when it can",
        arguments: Shell.installed)
    func pendingPod(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(1)
            try cluster.addPending(.waiting("a", "ErrImagePull", "no such image"))
            try await cluster.start { process in
                try await process.says("nodes: 0 of 1 done")
                try await cluster.wait(seconds: 3)
                try await eventually("pending pods are watched") { exists(cluster.directory + "/pending.watched") }
                try await process.says("run-once-daemonset: a: ErrImagePull: no such image\n")
                try cluster.log("result\n", of: "a")
                try cluster.addPending(.waiting("a", "ErrImagePull", "no such image"))
                try cluster.add(.done("a"))
                #expect(try await process.end() == .status(0))
                #expect(process.text == "==> a <==\nresult\n")
            }
        }
    }

    @Test("On a large cluster a reason is told after a while although other nodes end all the time",
        arguments: Shell.installed)
    func reasonsMeanwhile(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(11)
            try cluster.addPending(.waiting("a", "ErrImagePull", "no such image"))
            try await cluster.start { process in
                for second in stride(from: 2, through: 20, by: 2) {
                    let node = "node-\(second)"
                    try cluster.log("result\n", of: node)
                    try cluster.add(.done(node))
                    try await process.says("nodes: \(second / 2) of ")
                    try await cluster.wait(seconds: 2)
                }
                try await process.says("run-once-daemonset: a: ErrImagePull: no such image\n")
                process.send(SIGINT)
                #expect(try await process.end() == .status(130))
            }
        }
    }

    @Test("What a kubelet says when it turns a pod down is told in its own words, as far as it is one line",
        arguments: Shell.installed)
    func turnedDown(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(2)
            try cluster.add(
                .running("a").with { $0.rejected = ["UnexpectedAdmissionError", #"not "enough" \ 3"#] },
                Pod.waiting("b", "Evicted", "").with { $0.rejected = ["Evicted", "low on\nmemory"] }, .running("b"))
            try cluster.warn("pod-of-b", "FailedMount", #"it\'s gone"#)
            try await cluster.start("-o", "results") { process in
                try await process.says("nodes: 0 of 2 done")
                try await cluster.wait(seconds: 3)
                try await process.says(#"run-once-daemonset: a: UnexpectedAdmissionError: not "enough" \ 3"# + "\n")
                try await process.says("run-once-daemonset: b: FailedMount: it's gone\n")
                process.send(SIGINT)
                #expect(try await process.end() == .status(130))
                let summary = try cluster.read("results/summary.json")
                #expect(summary.contains(#"not \"enough\" \\ 3""#))
                #expect(summary.contains(#"FailedMount: it's gone""#))
                #expect(!process.stderr.contains("memory"))
                #expect(lines(process.stderr).last?.contains("nodes: 0 of 2 done") == true)
            }
        }
    }

    @Test("Of two pods of a node, the one that is there counts: one that started, or else one that is still to start",
        arguments: Shell.installed)
    func pendingAndStarted(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(2)
            let started = Pod.running("a")
            let old = Pod.running("b")
            try cluster.add(started, old, old.deleted)
            let earlier = Pod.waiting("a", "ErrImagePull", "of an earlier pod").with { $0.name = "pod-of-earlier" }
            let later = Pod.waiting("b", "ErrImagePull", "of a later pod").with { $0.name = "pod-of-later" }
            try cluster.addPending(earlier, earlier.deleted, later)
            try await cluster.start { process in
                try await process.says("nodes: 0 of 2 done")
                try await cluster.wait(seconds: 3)
                try await eventually("pending pods are watched") { exists(cluster.directory + "/pending.watched") }
                try await cluster.wait(seconds: 3)
                try await process.says("run-once-daemonset: b: ErrImagePull: of a later pod\n")
                try await cluster.wait(seconds: 300)
                #expect(try await process.end() == .status(124))
                #expect(process.stderr.contains("not done: b: ErrImagePull: of a later pod\n"))
                #expect(process.stderr.contains("not done: a: still running\n"))
                #expect(!process.stderr.contains("earlier"))
            }
        }
    }

    @Test("A node that is lost before its pod starts is missed, although the controller counts it no longer",
        arguments: Shell.installed)
    func lostBeforeItStarts(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(2)
            try cluster.want(1)
            try cluster.write("unstarted", "pod/pod-of-b\n")
            try cluster.addPending(.running("b"))
            try cluster.write("nodes", "a Ready worker 9d v1\nb NotReady worker 9d v1\n")
            try cluster.log("result\n", of: "a")
            try cluster.add(.done("a"))
            try await cluster.start { process in
                try await process.says("nodes: 1 of 2 done, 0 failed, 1 to go\n")
                try await cluster.wait(seconds: 3)
                try await eventually("the nodes are asked about") { try cluster.calls("get", "nodes").count == 1 }
                try await process.says("run-once-daemonset: b: the node is not ready\n")
                try await cluster.wait(seconds: 30)
                #expect(try await process.end() == .status(1))
                #expect(process.text == "==> a <==\nresult\n")
                #expect(process.stderr.contains("not done: b: the node is not ready\n"))
            }
        }
    }

    @Test("A node that leaves the cluster before its task was done is named, and not waited for",
        arguments: Shell.installed)
    func nodeGone(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(1)
            try cluster.log("result\n", of: "a")
            try cluster.add(.done("a"), .running("b"), Pod.running("b").deleted)
            let outcome = try await cluster.run()
            #expect(outcome.ending == .status(1))
            #expect(outcome.stderr.contains("not done: b: its pod was deleted before its task was done\n"))
            #expect(outcome.text == "==> a <==\nresult\n")
        }
    }

    @Test("When the cluster rejects the pods the run ends with the reason, of this DaemonSet only",
        arguments: Shell.installed)
    func rejectedPods(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.want(2)
            for pod in ["task-x7k2p", "task-9wq4d"] {
                try cluster.warn(
                    "task", uid: "uid-1", "FailedCreate",
                    #"Error creating: pods \"\#(pod)\" is forbidden: violates PodSecurity \"restricted\""#)
            }
            try cluster.warn("task", uid: "uid-2", "FailedCreate", "of another DaemonSet")
            try await cluster.start { process in
                try await process.says("nodes: 0 of 2 done")
                try await cluster.wait(seconds: 10)
                #expect(try await process.end() == .status(3))
                #expect(lines(process.stderr).filter { $0.contains("rejects") } == [
                    "run-once-daemonset: the cluster rejects pods: "
                        + "Error creating: pods is forbidden: violates PodSecurity \"restricted\"",
                ])
                #expect(!process.stderr.contains("another"))
            }
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
        }
    }

    @Test("A node that is not ready is named, and given up when it is the last for half a minute",
        arguments: Shell.installed)
    func notReady(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("nodes", "a Ready worker 9d v1.36.2\nb NotReady,SchedulingDisabled worker 9d v1.36.2\n")
            try cluster.log("result\n", of: "a")
            try cluster.add(.done("a"), .running("b"))
            try cluster.want(2)
            try await cluster.start { process in
                try await process.says("nodes: 1 of 2 done")
                try await cluster.wait(seconds: 3)
                try await eventually("the nodes are asked about") { try cluster.calls("get", "nodes").count == 1 }
                try await process.says("run-once-daemonset: b: the node is not ready\n")
                try await cluster.wait(seconds: 26)
                try await cluster.goOn()
                #expect(process.isRunning)
                try await cluster.wait(seconds: 1)
                #expect(try await process.end() == .status(1))
                #expect(process.text == "==> a <==\nresult\n")
                #expect(process.stderr.contains("not done: b: the node is not ready\n"))
                #expect(process.stderr.contains(
                    "nodes: 1 of 2 done, 0 failed, 1 not reached, 0 not done, in 30 s\n"))
            }
        }
    }

    @Test("A node that is lost when all others have long ended has a while to come back", arguments: Shell.installed)
    func lostLate(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.log("result\n", of: "a")
            try cluster.add(.done("a"), .running("b"))
            try cluster.want(2)
            try await cluster.start { process in
                try await process.says("nodes: 1 of 2 done")
                try await cluster.wait(seconds: 100)
                try await eventually("the nodes are asked about") { try cluster.calls("get", "nodes").count == 1 }
                try await cluster.goOn()
                try cluster.write("nodes", "b NotReady worker 9d v1.36.2\n")
                try await cluster.wait(seconds: 10)
                try await process.says("run-once-daemonset: b: the node is not ready\n")
                try await cluster.wait(seconds: 19)
                try await cluster.goOn()
                #expect(process.isRunning)
                try await cluster.wait(seconds: 1)
                #expect(try await process.end() == .status(1))
                #expect(process.stderr.contains("not done: b: the node is not ready\n"))
            }
        }
    }

    @Test("A node that comes back is waited for again", arguments: Shell.installed)
    func readyAgain(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("nodes", "a NotReady worker 9d v1.36.2\n")
            try cluster.log("result\n", of: "a")
            try cluster.add(.running("a"))
            try cluster.want(1)
            try await cluster.start { process in
                try await process.says("nodes: 0 of 1 done")
                try await cluster.wait(seconds: 3)
                try await eventually("the nodes are asked about") { try cluster.calls("get", "nodes").count == 1 }
                try await process.says("a: the node is not ready\n")
                try cluster.write("nodes", "a Ready worker 9d v1.36.2\n")
                try await cluster.wait(seconds: 10)
                try await eventually("the nodes were asked about again") {
                    try cluster.calls("get", "nodes").count == 2
                }
                try await cluster.goOn()
                try await cluster.wait(seconds: 100)
                try await cluster.goOn()
                #expect(process.isRunning)
                try cluster.add(.done("a"))
                #expect(try await process.end() == .status(0))
            }
        }
    }

    @Test("Who may not list nodes is told so once, and loses nothing else", arguments: Shell.installed)
    func nodesForbidden(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("nodes.error", "Error from server (Forbidden): nodes is forbidden: User \"x\" cannot\n")
            try cluster.log("result\n", of: "a")
            try cluster.add(.running("a"))
            try cluster.want(1)
            try await cluster.start { process in
                try await process.says("nodes: 0 of 1 done")
                try await cluster.wait(seconds: 3)
                try await process.says("you may not list nodes")
                try await cluster.wait(seconds: 60)
                try await cluster.goOn()
                try cluster.add(.done("a"))
                #expect(try await process.end() == .status(0))
                #expect(process.text == "==> a <==\nresult\n")
                #expect(lines(process.stderr).filter { $0.contains("list nodes") }.count == 1)
            }
            #expect(try cluster.calls("get", "nodes").count == 1)
        }
    }

    @Test("A watch that breaks off is begun again: nothing is lost, and half a line counts for nothing",
        arguments: Shell.installed)
    func brokenWatch(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.log("of a\n", of: "a")
            try cluster.log("of b\n", of: "b")
            let half = Pod.done("b").line.dropLast(3)
            try cluster.write("pods.once", Pod.done("a").line + half)
            try cluster.add(.done("a"), .running("b"))
            try cluster.want(2)
            try await cluster.start { process in
                try await process.says("nodes: 1 of 2 done")
                try await cluster.goOn()
                #expect(try cluster.calls("get", "pods", "--watch").count == 1, "once a second is often enough")
                try cluster.pass(seconds: 1)
                try await eventually("the pods are watched again") {
                    try cluster.calls("get", "pods", "--watch").count == 2
                }
                try await process.says("nodes: 1 of 2 done")
                try cluster.add(.done("b"))
                #expect(try await process.end() == .status(0))
                #expect(process.text == "==> a <==\nof a\n\n==> b <==\nof b\n")
            }
            #expect(try cluster.calls("delete", "--raw") == [], "the controller may have been cut off, too")
        }
    }

    @Test("What keeps kubectl from watching is told once, and it goes on when that is over", arguments: Shell.installed)
    func outage(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("pods.error", "The connection to the server was refused\n")
            try cluster.want(1)
            try await cluster.start { process in
                try await process.says("nodes: 0 of 1 done")
                try await cluster.wait(seconds: 3)
                try await process.says("kubectl says: The connection to the server was refused\n")
                try await cluster.goOn()
                try cluster.log("result\n", of: "a")
                try cluster.add(.done("a"))
                try cluster.remove("pods.error")
                try cluster.pass(seconds: 1)
                #expect(try await process.end() == .status(0))
                #expect(process.text == "==> a <==\nresult\n")
                #expect(lines(process.stderr).filter { $0.contains("refused") }.count == 1)
            }
        }
    }

    @Test("Who may not watch the pods is refused at once, and what was created is deleted", arguments: Shell.installed)
    func watchForbidden(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("pods.error", "Error from server (Forbidden): pods is forbidden: cannot watch\n")
            let outcome = try await cluster.run()
            #expect(outcome.ending == .status(3))
            #expect(outcome.stderr.contains("the cluster refused: "))
            #expect(outcome.stderr.contains("pods is forbidden: cannot watch\n"))
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
        }
    }
}
