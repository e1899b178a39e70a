import Foundation
import Glibc
import TestSupport
import Testing

extension PluginTests {
    @Test("list shows the runs of a namespace, or of all, as kubectl prints tables; none is no error")
    func list() async throws {
        try await withFakeAPI(nodes: ["a"], settings: .init { $0.namespaces = ["default", "team"] }) { api in
            let none = try await api.plugin("list")
            none.expectStatus(0)
            #expect(none.stdout.isEmpty && none.stderr == "No runs found in default namespace.\n")
            let nowhere = try await api.plugin("list", "-A")
            nowhere.expectStatus(0)
            #expect(nowhere.stdout.isEmpty && nowhere.stderr == "No runs found\n")

            let detached = try await api.plugin("--detach", "-t", "1h", "-q")
            detached.expectStatus(0)
            #expect(detached.stderr == "", "all goes well")
            try await api.plugin(
                "-n", "team", "--detach", "--image=busybox", "--name=long-name", "--", "uname", "-r"
            ).expectStatus(0)
            try await api.addDaemonSet("task")

            let here = try await api.plugin("list")
            here.expectStatus(0)
            #expect(here.stderr == "")
            func withoutTimes(_ text: String) -> String {
                text.replacing(/\d{1,3}s +/, with: "AGE ").replacing(/in \d+m/, with: "in TIME")
            }
            #expect(
                withoutTimes(here.text) == """
                    NAME            STATUS    DONE   AGE   DEADLINE   RUNS
                    cat-etc-hosts   running   0/1    AGE in TIME    daemonset.yaml

                    """, "\(here.text)")
            let all = try await api.plugin("list", "--all-namespaces")
            #expect(
                withoutTimes(all.text) == """
                    NAMESPACE   NAME            STATUS    DONE   AGE   DEADLINE   RUNS
                    default     cat-etc-hosts   running   0/1    AGE in TIME    daemonset.yaml
                    team        long-name       running   0/1    AGE in TIME     uname -r

                    """, "\(all.text)")
        }
    }

    @Test("list tells how many nodes are done, and how a run ended; -o json tells it to programs")
    func listStatus() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .running)]) { api in
            #expect(
                try await api.plugin("list", "-o", "json").text == "{\n  \"runs\" : [\n\n  ],\n  \"schema\" : 1\n}\n")
            try await api.plugin("--detach").expectStatus(0)
            try await eventually("a is done") { try await api.plugin("list").text.contains("   running   1/2 ") }
            try await api.play(.done("hi\n"), on: "b")
            try await eventually("all are done") { try await api.plugin("list").text.contains("   done     2/2 ") }
            try await api.plugin("--keep", "--name=bad", "--image=x", "--agent-image=x", "-t", "1s", "--", "ls")
                .expectStatus(124)
            let text = try await api.plugin("list", "-o=json").stdout
            let runs = JSON(try JSONSerialization.jsonObject(with: text))["runs"].list
            #expect(runs.map { $0["status"].string } == ["timed-out", "done"] && runs[1]["nodes"].number == 2)
            #expect(runs[1].keys == ["created", "deadline", "done", "name", "namespace", "nodes", "runs", "status"])
        }
    }

    @Test("A list that can't be written is no success")
    func unwrittenList() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let outcome = try await api.withPlugin("list", "-o", "json", by: shell(#"exec "$@" >/dev/full"#)) {
                try await $0.outcome()
            }
            outcome.expectStatus(3)
            #expect(outcome.stderr == "error: the list can't be written to standard output: No space left on device\n")
        }
    }

    @Test("delete removes all of a run, and has ended when its pods are gone; others keep theirs")
    func delete() async throws {
        try await withFakeAPI(nodes: ["a", "b"], settings: .init { $0.stopSeconds = 1 }) { api in
            for name in ["one", "two", "three"] {
                try await api.plugin("--detach", "--image=busybox", "--name=\(name)", "--", "ls").expectStatus(0)
            }
            try await eventually("their pods are there") { try await api.names(of: "pods").count == 6 }
            let outcome = try await api.plugin("delete", "one", "none", "daemonset.apps/three", "one")
            outcome.expectStatus(3)
            #expect(
                outcome.lines == [
                    "run-once: deleted daemonset/one in namespace default, with all of its run",
                    "error: run none not found in namespace default; the runs that are there:\n    "
                        + "kubectl run-once list",
                    "run-once: deleted daemonset/three in namespace default, with all of its run",
                ])
            #expect(try await api.names(of: "daemonsets") == ["two"])
            #expect(try await api.names(of: "jobs").allSatisfy { $0.hasPrefix("two-") })
            #expect(try await api.names(of: "pods").map { $0.hasPrefix("two-") } == [true, true])
            let deletions = try await api.requests("DELETE", "/daemonsets/one")
            #expect(deletions.count == 1 && deletions[0].body.contains(#""preconditions":{"uid":""#))
        }
    }

    @Test("Of a run that is under way its client sees that somebody deleted it: status 3, with what is there")
    func deleteLiveRun() async throws {
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .done("hi\n"))]) { api in
            try await api.withPlugin { process in
                try await process.says("1 of 2 nodes done")
                let removal = try await run(
                    [pluginPath, "delete", "cat-etc-hosts"], environment: api.environment())
                removal.expectStatus(0)
                let outcome = try await process.outcome()
                outcome.expectStatus(3)
                #expect(outcome.stderr.contains("somebody else deleted daemonset/cat-etc-hosts"))
                #expect(outcome.text == "==> b <==\nhi\n")
            }
            try await api.expectDeleted()
        }
    }

    @Test("What can't be deleted is no success, and is told with the reason")
    func mayNotDeleteRun() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.addDaemonSet("cat-etc-hosts", labels: [runLabel: "x"])
            try await api.fail(.refused(403, "Forbidden", "daemonsets is forbidden: no"), verb: "delete")
            let outcome = try await api.plugin("delete", "cat-etc-hosts")
            outcome.expectStatus(3)
            #expect(outcome.stderr.hasPrefix("run-once: can't delete daemonset/cat-etc-hosts: daemonsets is for"))
            #expect(!outcome.stderr.contains("deleted daemonset"))
            #expect(try await api.names(of: "daemonsets") == ["cat-etc-hosts"])
        }
    }

    @Test("A signal while something is deleted ends the program; the next delete goes on where it was")
    func stoppedDelete() async throws {
        try await withFakeAPI(nodes: ["a"], settings: .init { $0.stopSeconds = 3 }) { api in
            try await api.plugin("--detach").expectStatus(0)
            try await eventually("the pod is there") { try await api.names(of: "pods").count == 1 }
            try await api.withPlugin("delete", "cat-etc-hosts") { process in
                try await api.isAsked("DELETE", "/pods")
                process.send(SIGINT)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                #expect(
                    outcome.stderr == "run-once: stopped; to remove what is left:\n    "
                        + "kubectl run-once delete cat-etc-hosts\n")
            }
            #expect(try await api.names(of: "jobs").count == 1)
            try await api.plugin("delete", "cat-etc-hosts").expectStatus(0)
            try await api.expectDeleted()
        }
    }

    @Test(
        "All that a run without a Job took to the nodes is deleted by its name, also where its DaemonSet is gone",
        arguments: [true, false])
    func leftParcels(mayListSecrets: Bool) async throws {
        let kinds = ["secrets", "configmaps"]
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let arguments = ["--keep", "-i", "--image=busybox", "--name=mine", "--", "cat"]
            try await api.plugin(arguments, input: Data("x".utf8)).expectStatus(0)
            try await api.request("DELETE", "apis/apps/v1/namespaces/default/daemonsets/mine")
            // That of the agent, which not every build carries.
            let labels = try await api.created("secrets")[0].labels
            let name = try await api.names(of: "secrets")[0]
            let map: [String: Any] = ["kind": "ConfigMap", "metadata": ["name": name, "labels": labels]]
            try await api.request(
                "POST", "api/v1/namespaces/default/configmaps", JSONSerialization.data(withJSONObject: map))
            for kind in kinds { #expect(try await api.names(of: kind).count == 1) }
            if !mayListSecrets {
                try await api.fail(.refused(403, "Forbidden", "no"), verb: "list", resource: "secrets")
            }
            try await api.plugin("delete", "mine").expectStatus(0)
            try await api.recover()
            for kind in kinds { #expect(try await api.names(of: kind) == []) }
        }
    }

    @Test(
        "What can't be looked for is not taken for what is not there: it is told why",
        arguments: [
            ("jobs", FakeAPI.Fault.text(503, "no backend"), "no cluster can be reached: no backend"),
            ("jobs", .refused(403, "Forbidden", "not you"), "the cluster refused: not you"),
            ("secrets", .refused(403, "Forbidden", "not you"), "the cluster refused: not you"),
        ])
    func unseenRest(resource: String, fault: FakeAPI.Fault, why: String) async throws {
        try await withFakeAPI { api in
            try await api.fail(fault, verb: "list", resource: resource)
            let outcome = try await api.plugin("delete", "mine")
            outcome.expectStatus(3)
            #expect(
                outcome.stderr == """
                    error: run mine not found in namespace default, and what may be left of it can't be looked for: \
                    \(why); the runs that are there:
                        kubectl run-once list

                    """)
        }
    }

    @Test("A run of which not all can be found is not deleted in part: it is told why")
    func unseenDaemonSets() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.plugin("--detach").expectStatus(0)
            try await api.request("DELETE", "apis/apps/v1/namespaces/default/daemonsets/cat-etc-hosts")
            try await api.fail(.text(503, "no backend"), verb: "list", resource: "daemonsets")
            let outcome = try await api.plugin("delete", "cat-etc-hosts")
            outcome.expectStatus(3)
            #expect(outcome.stderr == "error: no cluster can be reached: no backend\n")
            #expect(try await api.names(of: "jobs").count == 1)
        }
    }
}
