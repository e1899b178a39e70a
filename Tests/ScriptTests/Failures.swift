import TestSupport
import Testing

@Suite("Failures") struct Failures {
    @Test("A failed node is named with its exit code and message while the others still run",
        arguments: Shell.installed)
    func atOnce(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.log("result\n", of: "b")
            try cluster.add(.failed("a", 1, "cat: /node/etc/hosts: No such file"), .running("b"))
            try cluster.want(2)
            try await cluster.start { process in
                try await process.says(
                    "run-once-daemonset: a: failed with exit code 1: cat: /node/etc/hosts: No such file\n")
                try await process.says("nodes: 0 of 2 done, 1 failed, 1 to go\n")
                #expect(process.isRunning)
                #expect(process.text == "")
                try cluster.add(.done("b"))
                #expect(try await process.end() == .status(1))
                #expect(process.text == "==> b <==\nresult\n")
                #expect(process.stderr.components(separatedBy: "a: failed").count == 2)
                #expect(process.stderr.contains(
                    "nodes: 1 of 2 done, 1 failed, 0 not reached, 0 not done, in 0 s\n"))
            }
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
        }
    }

    @Test("Messages are shown as they were written: quotes, backslashes, lines, tabs, all languages",
        arguments: Shell.installed)
    func messages(shell: Shell) async throws {
        let messages: KeyValuePairs = [
            #"\"it's\" \u003ca\u003e \u0026 b=c, 100% $HOME `x` %s"#: #""it's" <a> & b=c, 100% $HOME `x` %s"#,
            #"C:\\new\\u000A \\\\ \\\""#: #"C:\new\u000A \\ \""#,
            #"first\n\tsecond \u0026\n\n"#: "first\n    \tsecond &",
            "größer, 日本語, 🙂, a\u{301}": "größer, 日本語, 🙂, a\u{301}",
            "waits for  two spaces": "waits for  two spaces",
        ]
        try await withCluster(shell) { cluster in
            for (number, message) in messages.enumerated() {
                try cluster.add(.failed("node-\(number)", 100 + number, message.key))
            }
            try cluster.want(messages.count)
            let outcome = try await cluster.run()
            #expect(outcome.ending == .status(1))
            #expect(outcome.text == "")
            for (number, message) in messages.enumerated() {
                let line = "node-\(number): failed with exit code \(100 + number): \(message.value)\n"
                #expect(outcome.stderr.contains(line), "\(line) in \(outcome.stderr)")
            }
        }
    }

    @Test("A container that ended without a message is explained by the reason that Kubernetes gives",
        arguments: Shell.installed)
    func withoutMessage(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.add(
                .failed("a", 137, "", reason: "OOMKilled"), .failed("b", 0, "", reason: "Completed"))
            try cluster.want(2)
            let outcome = try await cluster.run()
            #expect(outcome.stderr.contains("a: failed with exit code 137: OOMKilled\n"))
            #expect(outcome.stderr.contains("b: failed with exit code 0: Completed\n"))
            #expect(outcome.ending == .status(1))
        }
    }

    @Test("An init container that fails is a failure of the node, though the task still waits",
        arguments: Shell.installed)
    func initContainer(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let crashing = Pod.running("a").with {
                $0.waits[1] = #"{"message":"back-off 10s","reason":"CrashLoopBackOff"}"#
                $0.ended[0] = Pod.end(1, "cp: no space left")
            }
            try cluster.add(crashing, .running("b").with { $0.ended[1] = Pod.end(2, "", reason: "OOMKilled") })
            try cluster.want(2)
            let outcome = try await cluster.run()
            #expect(outcome.stderr.contains("a: failed with exit code 1: cp: no space left\n"))
            #expect(outcome.stderr.contains("b: failed with exit code 2: OOMKilled\n"))
            #expect(outcome.ending == .status(1))
        }
    }

    @Test("A container that was not restarted yet tells how it ended, too", arguments: Shell.installed)
    func notRestarted(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.add(.running("a").with { $0.ended[3] = Pod.end(3, "no such file") })
            try cluster.want(1)
            let outcome = try await cluster.run()
            #expect(outcome.stderr.contains("a: failed with exit code 3: no such file\n"))
            #expect(outcome.ending == .status(1))
        }
    }

    @Test("--fail-fast stops at the first failure, and prints what it has", arguments: Shell.installed)
    func failFast(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.log("result\n", of: "c")
            try cluster.add(.failed("a", 3, "no"), .running("b"), .done("c"))
            try cluster.want(3)
            let outcome = try await cluster.run("--fail-fast")
            #expect(outcome.ending == .status(1))
            #expect(outcome.stderr.contains("a: failed with exit code 3: no\n"))
            #expect(outcome.stderr.contains("not done: b: still running\n"))
            #expect(outcome.text == "==> c <==\nresult\n")
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
        }
    }

    @Test("Failed is final: the restarted container does not run the task again, whatever becomes of it",
        arguments: Shell.installed)
    func failedIsFinal(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.add(
                .failed("a", 5, "the first reason"), .running("a"), .done("a"),
                Pod.done("a").deleted)
            try cluster.want(1)
            let outcome = try await cluster.run()
            #expect(outcome.ending == .status(1))
            #expect(outcome.stderr.contains("a: failed with exit code 5: the first reason\n"))
            #expect(outcome.text == "")
        }
    }

    @Test("Done is final: a node that is lost or a pod that is deleted afterwards takes nothing back",
        arguments: Shell.installed)
    func doneIsFinal(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.log("of a\n", of: "a")
            try cluster.log("of b\n", of: "b")
            try cluster.add(.done("a"), .running("a"), .done("b"), .running("c"))
            try cluster.want(3)
            try await cluster.start { process in
                try await process.says("nodes: 2 of 3 done")
                try cluster.add(
                    Pod.running("b").deleted,
                    .failed("a", 9, "lost"), .failed("c", 4, "no"))
                #expect(try await process.end() == .status(1))
                #expect(process.text == "==> a <==\nof a\n\n==> b <==\nof b\n")
                #expect(process.stderr.contains("nodes: 2 of 3 done, 1 failed"))
            }
        }
    }

    @Test("A result that can't be fetched is tried for again", arguments: Shell.installed, [false, true])
    func fetchedLater(shell: Shell, curl: Bool) async throws {
        try await withCluster(shell, curl: curl) { cluster in
            try cluster.finish(["a": "of a\n", "b": "of b\n"])
            try cluster.write("logs/pod-of-b.error", "Error from server: no route to host\n")
            try await cluster.start { process in
                try await process.says("nodes: 2 of 2 done, 0 failed, 0 to go")
                try await cluster.goOn()
                #expect(process.isRunning)
                try cluster.remove("logs/pod-of-b.error")
                #expect(try await process.end() == .status(0))
                #expect(process.text == "==> a <==\nof a\n\n==> b <==\nof b\n")
            }
        }
    }

    @Test("After half a minute a result that can't be fetched is given up, with the reason and no partial result",
        arguments: Shell.installed, [false, true])
    func neverFetched(shell: Shell, curl: Bool) async throws {
        try await withCluster(shell, curl: curl) { cluster in
            try cluster.finish(["a": "of a\n", "b": "of b\n"])
            try cluster.write("logs/pod-of-b.error", "Error from server: no route to host\n")
            try await cluster.start("--output-dir=results") { process in
                try await process.says("nodes: 2 of 2 done, 0 failed, 0 to go")
                try await cluster.wait(seconds: 30)
                #expect(try await process.end() == .status(1))
                #expect(process.text == "==> a <==\nof a\n")
                #expect(process.stderr.contains(
                    "b: done, but its result can't be fetched: Error from server: no route to host (pod pod-of-b)\n"))
            }
            #expect(try names(in: cluster.directory + "/results") == ["a.log", "summary.json"])
        }
    }
}
