import Glibc
import TestSupport
import Testing

@Suite("Endings") struct Endings {
    @Test("A signal ends the run: what is there is printed, what was created is deleted, nothing is left",
        arguments: Shell.installed, [SIGINT, SIGTERM, SIGHUP])
    func signals(shell: Shell, signal: Int32) async throws {
        try await withCluster(shell, curl: signal == SIGTERM) { cluster in
            try cluster.log("result\n", of: "a")
            try cluster.add(.done("a"), .running("b"))
            try cluster.want(2)
            try await cluster.start { process in
                try await process.says("nodes: 1 of 2 done")
                let kubectls = try processes(mentioning: cluster.directory).count
                #expect(kubectls >= 3, "the script and two watches")
                process.send(signal)
                #expect(try await process.end() == .status(128 + signal))
                #expect(process.text == "==> a <==\nresult\n")
                #expect(process.stderr.hasSuffix(
                    "nodes: 1 of 2 done, 0 failed, 0 not reached, 1 not done, in 0 s\n"))
            }
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
        }
    }

    @Test("Ctrl-C, which every process of the run gets, ends it like a signal to the script alone",
        arguments: Shell.installed)
    func controlC(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.log("result\n", of: "a")
            try cluster.add(.done("a"), .running("b"))
            try cluster.want(2)
            try await cluster.start { process in
                try await process.says("nodes: 1 of 2 done")
                kill(-process.pid, SIGINT)
                #expect(try await process.end() == .status(130))
                #expect(process.text == "==> a <==\nresult\n")
            }
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
        }
    }

    @Test("A signal while a result is fetched: it is not shown in part", arguments: Shell.installed)
    func whileFetching(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let log = try FIFO(cluster.directory + "/logs/pod-of-a")
            try log.write("half a res")
            try cluster.add(.done("a"))
            try cluster.want(1)
            try await cluster.start("-o", "results") { process in
                let result = cluster.directory + "/results/a.log"
                try await eventually("half of it is there") {
                    try exists(result) && cluster.read("results/a.log") != ""
                }
                kill(-process.pid, SIGINT)
                #expect(try await process.end() == .status(130))
                #expect(process.text == "")
                #expect(!exists(result))
            }
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
        }
    }

    @Test("A second signal ends the run at once, with the command that removes what is left",
        arguments: Shell.installed)
    func secondSignal(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.add(.running("a"))
            try cluster.write("left", "pod-of-a a {\"startedAt\":\"x\"}\n")
            try cluster.want(1)
            try await cluster.start { process in
                try await process.says("nodes: 0 of 1 done")
                process.send(SIGINT)
                try await eventually("it deletes") { try cluster.calls("delete", "--raw").count > 0 }
                try await cluster.goOn()
                #expect(process.isRunning, "it waits for the pod to go")
                process.send(SIGINT)
                #expect(try await process.end() == .status(130))
                let label = try cluster.calls("delete", "daemonsets")[0].first { $0.contains("/run=") }!
                #expect(process.stderr.contains(
                    "to remove what may be left: kubectl delete daemonsets,pods -l \(label) --namespace=default\n"))
            }
        }
    }

    @Test("--keep deletes nothing, on any way out, and says how to", arguments: Shell.installed)
    func keep(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("create", "team uid-1 task main")
            try cluster.log("result\n", of: "a")
            try cluster.add(.done("a"), .running("b"))
            try cluster.want(2)
            try await cluster.start("--keep") { process in
                try await process.says("nodes: 1 of 2 done")
                process.send(SIGINT)
                #expect(try await process.end() == .status(130))
                #expect(process.text == "==> a <==\nresult\n")
                let label = try cluster.calls("get", "pods", "--watch")[0].first { $0.contains("/run=") }!
                #expect(process.stderr.contains(
                    "kept daemonset/task; to remove it: kubectl delete daemonsets,pods -l \(label) --namespace=team\n"))
            }
            try cluster.log("result\n", of: "b")
            try cluster.add(.done("b"))
            let outcome = try await cluster.run("--keep")
            #expect(outcome.ending == .status(0))
            #expect(outcome.stderr.contains("kept daemonset/task; to remove it: kubectl delete"))
            #expect(try cluster.calls("delete") == [])
        }
    }

    @Test("A DaemonSet that exists already is another run's: it is never deleted", arguments: Shell.installed)
    func alreadyExists(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write(
                "create.error",
                #"Error from server (AlreadyExists): error when creating "x": daemonsets.apps "task" already exists"#
                    + "\n")
            let outcome = try await cluster.run("-n", "team")
            #expect(outcome.ending == .status(3))
            #expect(lines(outcome.stderr).count == 1)
            #expect(outcome.stderr.contains("daemonset/task exists already and was left alone"))
            #expect(outcome.stderr.contains("kubectl delete daemonset task --namespace=team\n"))
            #expect(outcome.text == "")
            #expect(try cluster.calls("delete") == [])
        }
    }

    @Test("What the cluster says when it refuses the DaemonSet is told in one line", arguments: Shell.installed)
    func refused(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("create.error", """
                Warning: something else
                Error from server (Forbidden): error when creating "/tmp/x.yaml": daemonsets.apps is forbidden: no

                """)
            let outcome = try await cluster.run()
            #expect(outcome.ending == .status(3))
            #expect(lines(outcome.stderr).count == 1)
            #expect(outcome.stderr.hasSuffix("daemonsets.apps is forbidden: no\n"))
            #expect(outcome.stderr.contains("the cluster refused \(scriptFolder)/daemonset.yaml: "))
            #expect(outcome.text == "")
        }
    }

    @Test("Where no answer came the DaemonSet may have been created, and is deleted", arguments: Shell.installed)
    func lostAnswer(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("create.error", "error: net/http: request canceled (Client.Timeout exceeded)\n")
            let outcome = try await cluster.run()
            #expect(outcome.ending == .status(3))
            #expect(outcome.stderr.contains("Client.Timeout exceeded"))
            let label = try #require(cluster.calls("delete", "daemonsets").first { $0.contains("-l") })
            #expect(label.contains { $0.hasPrefix("run-once-daemonset/run=run-once.") })
        }
    }

    @Test("Where no cluster can be reached there is another way to see what it does", arguments: Shell.installed)
    func noCluster(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let refusal = "The connection to the server localhost:8080 was refused - did you specify the right host?"
            for call in ["create", "raw"] { try cluster.write("\(call).error", refusal + "\n") }
            let outcome = try await cluster.run()
            #expect(outcome.ending == .status(3))
            #expect(lines(outcome.stderr).count == 1)
            #expect(outcome.stderr.contains("no cluster can be reached: \(refusal)"))
            #expect(outcome.stderr.hasSuffix("--local\n"))
            #expect(try cluster.calls("delete") == [])
        }
    }

    @Test("What the cluster warns of when it takes the DaemonSet is passed on", arguments: Shell.installed)
    func warnings(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("create.warning", "Warning: would violate PodSecurity \"restricted:latest\"\n")
            try cluster.finish(["a": "result\n"])
            let outcome = try await cluster.run()
            #expect(outcome.ending == .status(0))
            #expect(lines(outcome.stderr).contains("Warning: would violate PodSecurity \"restricted:latest\""))
        }
    }

    @Test("A delete that fails is tried again", arguments: Shell.installed)
    func deletedLater(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("delete.error", "The connection to the server was refused\n")
            try cluster.finish(["a": "result\n"])
            try await cluster.start { process in
                try await eventually("it was tried again") { try cluster.calls("delete", "daemonsets").count >= 2 }
                try cluster.remove("delete.error")
                #expect(try await process.end() == .status(0))
                #expect(!process.stderr.contains("delete"))
            }
            #expect(try cluster.calls("delete", "--raw").count >= 1)
        }
    }

    @Test("A delete that keeps failing is given up after a minute, with the command to do it",
        arguments: Shell.installed)
    func neverDeleted(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("delete.error", "Error from server (Forbidden): daemonsets.apps is forbidden\n")
            try cluster.finish(["a": "result\n"])
            try await cluster.start { process in
                try await eventually("it deletes") { try cluster.calls("delete", "daemonsets").count > 0 }
                try await cluster.wait(seconds: 59)
                try await cluster.goOn()
                #expect(process.isRunning)
                try await cluster.wait(seconds: 1)
                _ = try await process.end()
                let label = try cluster.calls("delete", "daemonsets")[0].first { $0.contains("/run=") }!
                #expect(process.stderr.contains("can't delete daemonset/task: "))
                #expect(process.stderr.contains("daemonsets.apps is forbidden; to remove it: "))
                #expect(process.stderr.contains("kubectl delete daemonsets,pods -l \(label) --namespace=default\n"))
                #expect(process.text == "==> a <==\nresult\n")
            }
        }
    }

    @Test("A pod that does not go, as on a dead node, is named after a while, with the command to remove it",
        arguments: Shell.installed, [10, 60])
    func stuckPod(shell: Shell, seconds: Int) async throws {
        try await withCluster(shell) { cluster in
            let isDead = seconds == 10
            try cluster.write("nodes", "a Ready worker 9d v1\nb \(isDead ? "NotReady" : "Ready") worker 9d v1\n")
            try cluster.write("left", "pod-of-b b {\"startedAt\":\"x\"}\n")
            try cluster.finish(["a": "result\n", "b": "result\n"])
            try await cluster.start { process in
                try await eventually("it deletes") { try cluster.calls("delete", "--raw").count > 0 }
                try await cluster.wait(seconds: seconds - 1)
                try await cluster.goOn()
                #expect(process.isRunning)
                try await cluster.wait(seconds: 1)
                #expect(try await process.end() == .status(0))
                let label = try cluster.calls("delete", "daemonsets")[0].first { $0.contains("/run=") }!
                #expect(process.stderr.contains("still there: pod-of-b on b; to remove them: "))
                #expect(process.stderr.contains(
                    "kubectl delete daemonsets,pods -l \(label) --namespace=default --force --grace-period=0\n"))
            }
        }
    }

    @Test("A pod of which no container runs any more is not waited for until its kubelet says goodbye",
        arguments: Shell.installed)
    func endedPod(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("left", "pod-of-a a \n")
            try cluster.finish(["a": "result\n"])
            let outcome = try await cluster.run()
            #expect(outcome.ending == .status(0))
            #expect(!outcome.stderr.contains("still there"))
            let deletions = try cluster.calls("delete", "--raw").map { $0[3] }
            #expect(deletions.map { $0.hasSuffix("&gracePeriodSeconds=0") } == [false, true])
        }
    }

    @Test("While nobody can tell which pods are left, none is forced, and after a minute that is said",
        arguments: Shell.installed)
    func unknownPods(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("nodes", "a NotReady worker 9d v1\n")
            try cluster.write("left.error", "The connection to the server was refused\n")
            try cluster.finish(["a": "result\n"])
            try await cluster.start { process in
                try await eventually("it deletes") { try cluster.calls("delete", "--raw").count > 0 }
                try await cluster.wait(seconds: 59)
                try await cluster.goOn()
                #expect(process.isRunning)
                try await cluster.wait(seconds: 1)
                #expect(try await process.end() == .status(0))
                #expect(lines(process.stderr).suffix(2).first?.hasPrefix(
                    "run-once-daemonset: deleted, but still there: its pods, as far as is known: "
                        + "The connection to the server was refused; to remove them: kubectl delete") == true)
                #expect(lines(process.stderr).last?.hasPrefix("run-once-daemonset: nodes: 1 of 1 done") == true)
            }
            #expect(try cluster.calls("delete", "--raw").allSatisfy { !$0[3].contains("gracePeriodSeconds") })
        }
    }
}
