import Foundation
import Glibc
import TestSupport
import Testing

extension PluginTests {
    @Test("attach prints what the run itself would, with its exit status, and only reads")
    func attached() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("hi\n")), .init("b", .done("hi\n")),
            .init("c", .failed(7, "no such luck", log: "tried\n")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.plugin("--detach").expectStatus(0)
            let before = try await api.requests.count
            let outcome = try await api.plugin("attach", "cat-etc-hosts", "--output-dir", "out", "-n", "default")
            outcome.expectStatus(1)
            #expect(outcome.text == "==> a, b <==\nhi\n\n==> c (failed: exit code 7) <==\ntried\n")
            #expect(outcome.lines[0].hasPrefix("run-once: following daemonset/cat-etc-hosts in namespace default"))
            #expect(outcome.lines.contains("run-once: c: failed with exit code 7: no such luck"))
            #expect(outcome.stderr.contains("\nrun-once: 2 of 3 nodes done, 1 failed, "))
            #expect(outcome.lines.contains("run-once: to run it there again: --nodes c"))
            #expect(
                outcome.lines.suffix(2) == [
                    "run-once: daemonset/cat-etc-hosts was left as it is",
                    "run-once: to remove it:\n    kubectl run-once delete cat-etc-hosts",
                ])
            #expect(try api.read("out/c.log") == "tried\n")
            let run = try api.summary("out")["run"]
            #expect(run["name"].string == "cat-etc-hosts" && run["verdict"].string == "failed")
            #expect(try await api.requests.dropFirst(before).allSatisfy { $0.method == "GET" })
            #expect(try await api.names(of: "daemonsets") == ["cat-etc-hosts"])
        }
    }

    @Test("A node that was named to a detached run and has no pod fails it for who attaches, too")
    func named() async throws {
        let nodes: [FakeAPI.Node] = [.init("a", .done("hi\n")), .init("win", labels: ["kubernetes.io/os": "windows"])]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.plugin("--detach", "--nodes", "a,win").expectStatus(0)
            let outcome = try await api.plugin("attach", "cat-etc-hosts", "--output-dir=out")
            outcome.expectStatus(1)
            #expect(outcome.text == "==> a <==\nhi\n")
            #expect(outcome.stderr.contains("win: no pod was made for it: look at the node selector"))
            #expect(try api.summary("out")["run"]["wanted"].number == 2)
        }
    }

    @Test("Who attaches to a run whose client is there sees the same as it does, and changes nothing of it")
    func aliveClient() async throws {
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .running)]) { api in
            try await api.withPlugin { run in
                try await run.says("0 of 2 nodes done")
                try await api.withAnother("attach", "cat-etc-hosts") { look in
                    try await look.says("0 of 2 nodes done")
                    try await api.play(.done("hi\n"), on: "a")
                    try await look.says("1 of 2 nodes done")
                    // Until both have the last result: how fast they are is not what this is about.
                    try await api.fail(.hanging, verb: "delete", resource: "daemonsets")
                    try await api.play(.done("ho\n"), on: "b")
                    let seen = try await look.outcome()
                    seen.expectStatus(0)
                    try await api.recover()
                    let own = try await run.outcome()
                    own.expectStatus(0)
                    #expect(seen.text == "==> a <==\nhi\n\n==> b <==\nho\n")
                    #expect(seen.text == own.text)
                }
            }
            try await api.expectDeleted()
        }
    }

    @Test("The run whose client was killed is followed to its end, with the container that it chose")
    func deadClient() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            let manifest = try api.manifest(probed, "{name: side, image: busybox}")
            try await withProcess(
                [pluginPath, "-f", manifest, "-c", "task"], environment: api.environment(), directory: api.directory
            ) { run in
                try await run.says("0 of 1 node done")
                run.send(SIGKILL)
                _ = try await run.end()
            }
            // SIGKILL leaves its folder.
            try FileManager.default.removeItem(atPath: api.temporary)
            try await api.withPlugin("attach", "daemonset/task") { look in
                try await look.says("0 of 1 node done")
                try await api.play(.done("hi\n"), on: "a")
                let outcome = try await look.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nhi\n")
                #expect(
                    outcome.lines.last
                        == "run-once: to remove it, if its client is gone:\n    kubectl run-once delete task")
            }
        }
    }

    @Test("Two follow a run at once; Ctrl-C ends one of them, leaves the run as it is, and says so")
    func twice() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .running)]) { api in
            try await api.plugin("--detach").expectStatus(0)
            try await api.withPlugin("attach", "cat-etc-hosts", "--output-dir", "out") { one in
                try await api.withAnother("attach", "cat-etc-hosts") { two in
                    try await one.says("1 of 2 nodes done")
                    try await two.says("1 of 2 nodes done")
                    try await eventually("the result is there") { exists(api.directory + "/out/a.log") }
                    Target.group.send(SIGINT, to: one)
                    let left = try await one.outcome()
                    left.expectStatus(130)
                    #expect(left.text == "==> a <==\nhi\n")
                    #expect(
                        left.lines.suffix(2) == [
                            "run-once: to follow it again:\n    kubectl run-once attach cat-etc-hosts",
                            "run-once: to remove it:\n    kubectl run-once delete cat-etc-hosts",
                        ])
                    // b is still at work: to run it there again would be once too often.
                    #expect(!left.stderr.contains("--nodes"))
                    try await api.play(.done("hi\n"), on: "b")
                    let outcome = try await two.outcome()
                    outcome.expectStatus(0)
                    #expect(outcome.text == "==> a, b <==\nhi\n")
                }
            }
            #expect(try await api.requests.allSatisfy { $0.method != "DELETE" })
            #expect(try await api.names(of: "pods").count == 2)
        }
    }

    @Test("The timeout counts from the beginning of the run: who comes late does not get it anew")
    func timeoutPassed() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .running)]) { api in
            try await api.plugin("--detach", "-t", "5m").expectStatus(0)
            try await api.age("cat-etc-hosts", by: 600)
            let late = try await api.plugin("attach", "cat-etc-hosts", "--output-dir", "out")
            late.expectStatus(124)
            #expect(late.text == "==> a <==\nhi\n")
            #expect(late.lines[0].contains(", which began 10m"))
            #expect(late.lines.contains("run-once: timed out after 300 s"))
            #expect(late.lines.contains("run-once: not done: b: still running"))
            #expect(try api.summary("out")["run"]["verdict"].string == "timed-out")
            // What is done is done, however late somebody asks.
            try await api.play(.done("hi\n"), on: "b")
            let later = try await api.plugin("attach", "cat-etc-hosts")
            later.expectStatus(0)
            #expect(later.text == "==> a, b <==\nhi\n")
        }
    }

    @Test("The cluster's clock counts, not this machine's")
    func clocks() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)], settings: .init { $0.clockSeconds = -100_000 }) { api in
            try await api.plugin("--detach").expectStatus(0)
            try await api.withPlugin("attach", "cat-etc-hosts") { look in
                try await look.says("0 of 1 node done")
                try await api.play(.done("hi\n"), on: "a")
                let list = try await run([pluginPath, "list"], environment: api.environment())
                #expect(list.text.contains(/\ncat-etc-hosts +[a-z]+ +\d\/1 +\d{1,2}s +in 6[45]m/), "\(list.text)")
                let outcome = try await look.outcome()
                outcome.expectStatus(0)
                #expect(outcome.lines[0].wholeMatch(of: /.*, which began \d{1,2}s ago; .*/) != nil, "\(outcome.lines)")
            }
        }
    }

    @Test("An agent image that no node can get ends the look as it ends the run, with the next step")
    func noAgentImage() async throws {
        try await withFakeAPI(nodes: [.init("a", .waiting("ErrImagePull", "not found"))]) { api in
            try await api.plugin("--detach", "--agent-image=r.example/agent:1").expectStatus(0)
            let outcome = try await api.plugin("attach", "cat-etc-hosts")
            outcome.expectStatus(1)
            #expect(outcome.stderr.contains("no node that answered can get the agent's image r.example/agent:1: "))
        }
    }

    @Test("The run's end while somebody looks is told, and so is that of one that others delete")
    func deletedMeanwhile() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .running)]) { api in
            try await api.plugin("--detach").expectStatus(0)
            try await api.withPlugin("attach", "cat-etc-hosts", "--output-dir", "out") { look in
                try await look.says("1 of 2 nodes done")
                try await eventually("the result is there") { exists(api.directory + "/out/a.log") }
                try await api.withAnother("delete", "cat-etc-hosts") { try await $0.outcome().expectStatus(0) }
                let outcome = try await look.outcome()
                outcome.expectStatus(3)
                #expect(outcome.text == "==> a <==\nhi\n")
                #expect(
                    outcome.lines.contains(
                        "run-once: daemonset/cat-etc-hosts was deleted before its nodes were done, "
                            + "as far as could be seen from here"))
                #expect(!outcome.stderr.contains("left as it is"))
            }
        }
    }

    @Test("What is no run is told, with the next step, and left alone")
    func noRun() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.addDaemonSet("cat-etc-hosts")
            try await api.addDaemonSet("old", labels: [runLabel: "x"])
            let list = "the runs that are there:\n    kubectl run-once list"
            let before = try await api.requests.count
            for (arguments, message) in [
                (["attach", "none"], "run none not found in namespace default; \(list)"),
                (
                    ["delete", "cat-etc-hosts"],
                    "daemonset/cat-etc-hosts in namespace default is no run, and was left alone; "
                        + list
                ),
                (
                    ["attach", "old"],
                    "daemonset/old does not tell how it is to be followed: another version of this program started it; "
                        + "to remove it:\n    kubectl run-once delete old"
                ),
            ] {
                let outcome = try await api.plugin(arguments)
                outcome.expectStatus(3)
                #expect(outcome.stderr == "error: \(message)\n", "\(arguments)")
            }
            #expect(try await api.requests.dropFirst(before).allSatisfy { $0.method == "GET" })
        }
    }

    @Test("A cluster that refuses, or that nobody reaches, is told in one line", arguments: ["list", "delete"])
    func noCluster(subcommand: String) async throws {
        try await withFakeAPI(proxied: true) { api in
            let arguments = [subcommand] + (subcommand == "list" ? [] : ["x"])
            try await api.fail(.refused(403, "Forbidden", "daemonsets.apps is forbidden: no"), resource: "daemonsets")
            let refused = try await api.plugin(arguments)
            refused.expectStatus(3)
            #expect(refused.stderr == "error: the cluster refused: daemonsets.apps is forbidden: no\n")
            try await api.recover()
            try await api.outage(true)
            let outage = try await api.plugin(arguments)
            outage.expectStatus(3)
            #expect(outage.stderr.hasPrefix("error: no cluster can be reached: "))
            #expect(outage.lines.count == 1, "\(outage.stderr)")
        }
    }
}

extension FakeAPI {
    /// Has a DaemonSet be older than it is.
    fileprivate func age(_ daemonSet: String, by seconds: Int) async throws {
        let created = Date(timeIntervalSinceNow: -Double(seconds)).ISO8601Format()
        try await request(
            "PATCH", "apis/apps/v1/namespaces/default/daemonsets/\(daemonSet)",
            Data(#"{"metadata":{"creationTimestamp":"\#(created)"}}"#.utf8), type: "application/merge-patch+json")
    }

    /// Runs the plugin while another one runs.
    func withAnother(_ arguments: String..., body: (Running) async throws -> Void) async throws {
        try await withProcess(commandLine(arguments), environment: environment(), directory: directory, body)
    }
}
