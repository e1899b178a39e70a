import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Results") struct Results {
    @Test("Nodes with equal results are shown once, the largest group first, the others by name, empty lines between",
        arguments: Shell.installed, [false, true])
    func groups(shell: Shell, curl: Bool) async throws {
        try await withCluster(shell, curl: curl) { cluster in
            try cluster.finish([
                "e": "same\n", "b": "west\n", "c": "same\n", "d": "east\n", "a": "same\n",
            ])
            let outcome = try await cluster.run()
            #expect(outcome.text == """
                ==> a, c, e <==
                same

                ==> b <==
                west

                ==> d <==
                east

                """)
            #expect(outcome.ending == .status(0))
            #expect(try cluster.calls("logs").count == (curl ? 0 : 5))
            #expect(exists(cluster.directory + "/urls") == curl)
        }
    }

    @Test("Where there is no sha256sum, as on older macOS, shasum tells which results are equal",
        arguments: Shell.installed.filter { $0 != .busybox }) // which has its own
    func shasum(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.finish(["a": "one\n", "b": "two\n", "c": "one\n"])
            try cluster.unlink("sha256sum")
            let refused = try await cluster.run()
            #expect(refused.ending == .status(3))
            #expect(refused.stderr == "run-once-daemonset: neither sha256sum nor shasum is on PATH\n")
            #expect(try cluster.calls == [])

            try cluster.link("shasum", to: #require(path(of: "shasum"), "shasum is not on PATH"))
            #expect(try await cluster.run().text == """
                ==> a, c <==
                one

                ==> b <==
                two

                """)
        }
    }

    @Test("Each result begins on a line of its own, also after one that has no final newline, or nothing at all",
        arguments: Shell.installed, [false, true])
    func newlines(shell: Shell, curl: Bool) async throws {
        try await withCluster(shell, curl: curl) { cluster in
            try cluster.finish(["a": "", "b": "no newline", "c": "\n", "d": "also none"])
            let outcome = try await cluster.run()
            #expect(outcome.text == """
                ==> a <==

                ==> b <==
                no newline
                ==> c <==


                ==> d <==
                also none

                """)
            #expect(outcome.ending == .status(0))
        }
    }

    @Test("Results with NUL and other bytes arrive byte by byte, on standard output and with -o",
        arguments: Shell.installed, [false, true])
    func bytes(shell: Shell, curl: Bool) async throws {
        try await withCluster(shell, curl: curl) { cluster in
            let binary = Data((0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }) + [0]
            try cluster.log(binary, of: "a")
            try cluster.log("", of: "b")
            try cluster.add(.done("a"), .done("b"))
            try cluster.want(2)
            let outcome = try await cluster.run("-o", "my results/of today")
            let folder = cluster.directory + "/my results/of today"
            #expect(try names(in: folder) == ["a.log", "b.log", "summary.json"])
            #expect(try Data(contentsOf: URL(filePath: folder + "/a.log")) == binary)
            #expect(try Data(contentsOf: URL(filePath: folder + "/b.log")) == Data())
            #expect(outcome.stdout == Data("==> a <==\n".utf8) + binary + Data("\n==> b <==\n".utf8))
        }
    }

    @Test("Without curl, and with one that is too old, results come one by one", arguments: Shell.installed)
    func oldCurl(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try "#!/bin/sh\necho 'curl 7.74.0 (x86_64-pc-linux-gnu)'\n"
                .write(toFile: cluster.directory + "/bin/curl", atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: cluster.directory + "/bin/curl")
            try cluster.finish(["a": "result\n"])
            #expect(try await cluster.run().text == "==> a <==\nresult\n")
            #expect(try cluster.calls("logs") == [
                ["--namespace=default", "logs", "pod-of-a", "--container=main", "--request-timeout=60s"]
            ])
            #expect(try cluster.calls("proxy") == [])
        }
    }

    @Test("With curl all results take one request each over a proxy that is asked for the container's log",
        arguments: Shell.installed)
    func proxy(shell: Shell) async throws {
        try await withCluster(shell, curl: true) { cluster in
            try cluster.write("create", "team uid-1 task main")
            try cluster.finish(["a": "result\n", "b": "result\n"])
            #expect(try await cluster.run("--context=one").text == "==> a, b <==\nresult\n")
            let pods = "http://localhost/api/v1/namespaces/team/pods"
            #expect(try lines(cluster.read("urls")) == ["a", "b"].map { "\(pods)/pod-of-\($0)/log?container=main" })
            #expect(try cluster.calls("--context=one", "proxy").count == 1)
            let options = try cluster.read("curls")
            #expect(options.contains("--noproxy\u{1E}*\u{1E}"), "an HTTP proxy of the user's must not come between")
        }
    }

    @Test("The log of a task that was done before its container was restarted is that of the container before",
        arguments: Shell.installed, [false, true])
    func previous(shell: Shell, curl: Bool) async throws {
        try await withCluster(shell, curl: curl) { cluster in
            try cluster.finish(["a": "result\n", "b": "result\n"])
            try cluster.add(.done("a").with { $0.restarts = 1 })
            // Both changes of this one came while nobody looked.
            try cluster.log("result\n", of: "c")
            try cluster.add(.done("c").with { $0.restarts = 1 })
            try cluster.want(3)
            #expect(try await cluster.run().text == "==> a, b, c <==\nresult\n")
            let previous = try curl
                ? lines(cluster.read("urls")).filter { $0.hasSuffix("&previous=true") }
                : cluster.calls("logs", "--previous").map { $0.joined(separator: " ") }
            #expect(previous.map { $0.contains("pod-of-a") } == [true, false])
            #expect(previous.map { $0.contains("pod-of-c") } == [false, true])
        }
    }

    @Test("The results of 300 nodes", arguments: Shell.installed)
    func manyNodes(shell: Shell) async throws {
        try await withCluster(shell, curl: true) { cluster in
            let nodes = (100..<400).map { "node-\($0)" }
            for node in nodes { try cluster.log(node == "node-123" ? "odd\n" : "same\n", of: node) }
            try cluster.append("pods", nodes.map { Pod.done($0).line }.joined())
            try cluster.want(300)
            let outcome = try await cluster.run()
            let others = nodes.filter { $0 != "node-123" }.joined(separator: ", ")
            #expect(outcome.text == "==> \(others) <==\nsame\n\n==> node-123 <==\nodd\n")
            #expect(outcome.stderr.contains("nodes: 300 of 300 done"))
        }
    }

    @Test("A folder for results that holds some already is refused, and left as it is", arguments: Shell.installed)
    func oldResults(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("tmp/old.log", "old\n")
            let outcome = try await TestSupport.run(
                cluster.command(["-o", cluster.temporary]), environment: cluster.environment)
            #expect(outcome.ending == .status(2))
            #expect(lines(outcome.stderr).count == 1)
            #expect(outcome.stderr.contains("--output-dir: holds the results of an earlier run"))
            #expect(try cluster.read("tmp/old.log") == "old\n")
            #expect(try names(in: cluster.temporary) == ["old.log"])
            #expect(try cluster.calls == [])
        }
    }

    @Test("A folder for results that can't be made is refused before anything is created", arguments: Shell.installed)
    func impossibleFolder(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let outcome = try await cluster.run("-o", cluster.directory + "/calls/folder")
            #expect(outcome.ending == .status(2))
            #expect(outcome.stderr.contains("--output-dir: can't be made: \(cluster.directory)/calls/folder"))
            #expect(outcome.stdout.isEmpty)
            #expect(try cluster.calls == [])
        }
    }

    @Test("summary.json says of each node what became of it", arguments: Shell.installed)
    func summary(shell: Shell) async throws {
        struct Node: Decodable, Equatable {
            let node, state: String
            let exitCode: Int?
            let reason: String
            let seconds: Int?
        }
        try await withCluster(shell) { cluster in
            try cluster.log("result\n", of: "a")
            try cluster.write("logs/pod-of-b.error", "error: no log\n")
            try cluster.add(
                .done("a"), .done("b"), .failed("c", 7, #"it's \"so\" \\ \u003c\nnext \t é"#), .running("d"))
            try cluster.want(4)
            let outcome = try await cluster.start("-o", "results", "-t", "60s") { process in
                try await process.says("nodes: 2 of 4 done, 1 failed, 1 to go")
                try await cluster.wait(seconds: 60)
                return try await process.end()
            }
            #expect(outcome == .status(124))
            let json = try Data(contentsOf: URL(filePath: cluster.directory + "/results/summary.json"))
            #expect(try JSONDecoder().decode([Node].self, from: json) == [
                Node(node: "a", state: "done", exitCode: nil, reason: "", seconds: 0),
                Node(node: "b", state: "unfetched", exitCode: nil, reason: "", seconds: nil),
                Node(node: "c", state: "failed", exitCode: 7, reason: "it's \"so\" \\ <\nnext \t é", seconds: 0),
                Node(node: "d", state: "waiting", exitCode: nil, reason: "", seconds: nil),
            ])
            #expect(try names(in: cluster.directory + "/results") == ["a.log", "summary.json"])
        }
    }

    @Test("A reader that goes away keeps nothing from being deleted, and nothing but the script complains",
        arguments: Shell.installed)
    func readerGone(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let long = String(repeating: "a long result\n", count: 20_000)
            try cluster.finish(["a": long + "1\n", "b": long + "2\n", "c": "3\n"])
            let outcome = try await TestSupport.run(
                TestSupport.shell(#"{ "$@"; echo "$?" >"$FAKE/status"; } | head -n 1"#, cluster.command([])),
                environment: cluster.environment)
            #expect(outcome.text == "==> a <==\n")
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
            #expect(try names(in: cluster.temporary) == [])
            let foreign = lines(outcome.stderr).filter {
                !$0.hasPrefix("run-once-daemonset: ") && !$0.hasPrefix("nodes: ") && !$0.hasPrefix("waiting ")
            }
            #expect(foreign == [])
            #expect(outcome.stderr.contains("the results could not be written to standard output"))
            #expect(try cluster.read("status") == "1\n")
        }
    }

    @Test("Messages that nobody reads any more keep nothing from being deleted either", arguments: Shell.installed)
    func messagesUnread(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.log("result\n", of: "a")
            try cluster.add(.running("a"))
            try cluster.want(1)
            let messages = try OutputPipe()
            try await withProcess(cluster.command([]), environment: cluster.environment, errors: messages) { process in
                try await eventually("a message") { messages.available > 0 }
                messages.close()
                try cluster.add(.failed("a", 1, "no"))
                #expect(try await process.end() != .signal(SIGPIPE))
            }
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
            #expect(try names(in: cluster.temporary) == [])
        }
    }

    @Test("Results that standard output does not take are no success", arguments: Shell.installed)
    func fullDisk(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.finish(["a": "1\n", "b": "2\n"])
            let outcome = try await TestSupport.run(
                TestSupport.shell(#"exec "$@" >/dev/full"#, cluster.command([])), environment: cluster.environment)
            #expect(outcome.ending == .status(1))
            #expect(outcome.stderr.contains("the results could not be written to standard output"))
            #expect(try cluster.calls("delete", "daemonsets").count == 1)
        }
    }
}
