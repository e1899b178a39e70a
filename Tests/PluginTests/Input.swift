import Foundation
import TestSupport
import Testing

extension PluginTests {
    @Test("An argument that is no UTF-8 can't be in a manifest: exit 2, one line, nothing is created")
    func notText() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let words = #"exec "$1" --image busybox -- rm "$(printf '/tmp/\351')""#
            let outcome = try await run(
                ["/bin/sh", "-c", words, "sh", pluginPath], environment: api.environment())
            outcome.expectStatus(2)
            let line = "error: argument 5 is not text in UTF-8, which is all that a manifest can hold\n"
            #expect(outcome.stderr == line)
            #expect(try await api.requests.isEmpty)
        }
    }

    @Test("Empty standard input is one for a command that reads it; a shell would run nothing: exit 2, nothing created")
    func emptyInput() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.plugin("-i", "--image", "busybox", "--", "cat").expectStatus(0)
            #expect(try await api.created("secrets")[0]["data"]["stdin"].string == "")
            let outcome = try await api.plugin("-i", "--image", "busybox", "--", "sh", "-s")
            outcome.expectStatus(2)
            let line = "error: -i/--stdin: standard input is empty, so that sh would run nothing and succeed\n"
            #expect(outcome.stderr == line)
            #expect(try await api.created("secrets").count == 1)
        }
    }

    private static let feed = ["-i", "--image", "busybox", "--", "cat"]
    private static let all = ["daemonsets", "pods", "jobs", "secrets"]

    @Test("What comes on standard input goes into a Secret of the run, which the command reads on every node")
    func input() async throws {
        let content = binary(1 << 20)
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let outcome = try await api.plugin(PluginTests.feed, input: content)
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")

            let secret = try await api.created("secrets")[0]
            let job = try await api.created("jobs")[0]
            #expect(secret["data"].keys == ["stdin"])
            #expect(secret["data"]["stdin"].string.flatMap { Data(base64Encoded: $0) } == content)
            #expect(secret["immutable"].value as? Bool == true)
            #expect(secret["type"].string == "Opaque")
            #expect(secret.labels == job.labels)
            #expect(secret["metadata"]["ownerReferences"].count == 1)
            #expect(secret["metadata"]["ownerReferences"][0]["kind"].string == "Job")
            #expect(secret["metadata"]["ownerReferences"][0]["name"].string == job["metadata"]["name"].string)

            let pod = try await api.created("daemonsets")[0].pod
            let volume = pod["volumes"][1]
            #expect(volume["secret"]["secretName"].string == secret["metadata"]["name"].string)
            #expect(volume["secret"]["defaultMode"].number == 0o444)
            let task = pod["containers"][0]
            #expect(task["volumeMounts"][1]["name"].string == volume["name"].string)
            #expect(task["volumeMounts"][1]["readOnly"].value as? Bool == true)
            let file = "\(task["volumeMounts"][1]["mountPath"].string ?? "")/stdin"
            #expect(task["command"].strings == ["/run/run-once/run-once"] + sealWords + ["--stdin", file, "--"])
            #expect(task["args"].strings == ["cat"])

            // The cluster is first asked whether it would take the DaemonSet, and for the user's rights.
            let posts = try await api.requests.filter { $0.method == "POST" && !$0.path.hasSuffix("reviews") }
            let asked = posts.map { request in
                request.path.split(separator: "/").last.map(String.init) ?? "" + (request.query["dryRun"] ?? "")
            }
            #expect(asked == ["daemonsets", "jobs", "secrets", "daemonsets"])
            let name = try #require(secret["metadata"]["name"].string)
            #expect(try await api.requests("DELETE", "/secrets/\(name)").count == 1)
            try await api.expectDeleted(PluginTests.all)
        }
    }

    @Test(
        "More than a Secret can hold, and what can't be read, is refused before anything is asked for",
        arguments: [
            ("head -c 1048577 /dev/zero | exec \"$@\"", "standard input holds more than 1 MiB"),
            ("exec \"$@\" </dev/zero", "standard input holds more than 1 MiB"),
            ("exec \"$@\" </", "standard input can't be read: Is a directory"),
            ("exec \"$@\" <&-", "standard input can't be read: Bad file descriptor"),
        ])
    func inputRefused(start: String, message: String) async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.withPlugin("-i", "--image", "busybox", "--", "cat", by: shell(start)) { process in
                let outcome = try await process.outcome()
                outcome.expectStatus(2)
                #expect(outcome.lines.count == 1 && outcome.stderr.hasPrefix("error: -i/--stdin: " + message))
            }
            #expect(try await api.requests.isEmpty)
        }
    }

    @Test("Without the right to make Secrets there is no run, and nothing is left")
    func inputForbidden() async throws {
        try await withFakeAPI(nodes: [.init("a", .done())]) { api in
            let words = "secrets is forbidden: User \"me\" cannot create resource \"secrets\" in API group \"\""
            try await api.fail(.refused(403, "Forbidden", words), resource: "secrets")
            let outcome = try await api.plugin(PluginTests.feed)
            outcome.expectStatus(3)
            #expect(outcome.stderr == "error: -i/--stdin takes a Secret: \(words)\n")
            #expect(try await api.created("daemonsets").isEmpty)
            try await api.expectDeleted(PluginTests.all)
        }
    }

    @Test("A Secret that may be there, since its first answer was lost, is deleted when the second request is refused")
    func inputUnclearThenRefused() async throws {
        try await withFakeAPI(nodes: [.init("a", .done())]) { api in
            // The faults are looked at in their order; the second one stands for a quota that the first Secret filled.
            try await api.fail(.dropped(performed: true), verb: "create", resource: "secrets", times: 1)
            try await api.fail(.refused(403, "Forbidden", "exceeded quota"), verb: "create", resource: "secrets")
            let outcome = try await api.plugin(["--keep"] + PluginTests.feed)
            outcome.expectStatus(3)
            #expect(outcome.stderr.contains("exceeded quota"))
            try await api.expectDeleted(PluginTests.all)
        }
    }

    @Test("A Secret of which the cluster did not say whether it was created is there once", arguments: [true, false])
    func inputUnclear(performed: Bool) async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.fail(.dropped(performed: performed), verb: "create", resource: "secrets", times: 1)
            let outcome = try await api.plugin(PluginTests.feed)
            outcome.expectStatus(0)
            #expect(try await api.created("secrets").count == 2)
            try await api.expectDeleted(PluginTests.all)
        }
    }

    @Test(
        "Where the run has no Job, the Secret is deleted all the same; where it can't be, that is told: status 3",
        arguments: [true, false])
    func inputWithoutJob(mayDelete: Bool) async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.fail(.refused(403, "Forbidden", "no Jobs"), verb: "create", resource: "jobs")
            if !mayDelete { try await api.fail(.refused(403, "Forbidden", "no"), verb: "delete", resource: "secrets") }
            let outcome = try await api.plugin(PluginTests.feed)
            outcome.expectStatus(mayDelete ? 0 : 3)
            let secret = try await api.created("secrets")[0]
            #expect(!secret["metadata"]["ownerReferences"].isThere)
            let line =
                "run-once: can't delete the run's Secret: no; to remove it:\n    kubectl delete "
                + "jobs,daemonsets,pods,secrets -l \(runLabel)=\(secret.labels[runLabel] ?? "")"
            #expect(outcome.lines.contains(line) != mayDelete, "\(outcome.stderr)")
            try await api.expectDeleted(mayDelete ? PluginTests.all : ["daemonsets", "pods", "jobs"])
        }
    }

    @Test("Where it has one, who may not delete Secrets leaves that to the cluster")
    func inputOwned() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.fail(.refused(403, "Forbidden", "no"), verb: "delete", resource: "secrets")
            let outcome = try await api.plugin(PluginTests.feed)
            outcome.expectStatus(0)
            #expect(!outcome.stderr.contains("Secret"))
            try await eventually("the cluster deletes it") { try await api.names(of: "secrets").isEmpty }
        }
    }

    @Test("With --keep the Secret stays with the DaemonSet, until the run is deleted")
    func inputKept() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let outcome = try await api.plugin(["--keep"] + PluginTests.feed)
            outcome.expectStatus(0)
            let name = try #require(try await api.created("daemonsets")[0]["metadata"]["name"].string)
            let secret = try await api.created("secrets")[0]
            #expect(try await api.names(of: "secrets") == [secret["metadata"]["name"].string])
            let command = "kubectl run-once delete \(name)"
            #expect(outcome.lines.contains("run-once: kept daemonset/\(name); to remove it:\n    \(command)"))
            #expect(try await api.names(of: "daemonsets") == [name])
            #expect(try await api.names(of: "jobs") == [])
            #expect(try await api.requests.allSatisfy { $0.method != "DELETE" })
            let removed = try await api.plugin("delete", name)
            removed.expectStatus(0)
            try await api.expectDeleted(PluginTests.all)
        }
    }

    @Test("A DaemonSet that can't be created leaves no Secret behind, without a Job too")
    func inputWithoutRun() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.refused(403, "Forbidden", "no"), verb: "create", resource: "daemonsets", dryRun: false)
            try await api.plugin(["--keep"] + PluginTests.feed).expectStatus(3)
            #expect(try await api.created("secrets").count == 1)
            try await api.expectDeleted(PluginTests.all)
        }
    }

    @Test("A signal while the Secret is created waits until it is known what there is, and deletes it")
    func inputInterrupted() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.hanging, verb: "create", resource: "secrets")
            try await api.withPlugin("-i", "--image", "busybox", "--", "cat") { process in
                try await api.isAsked("POST", "/secrets")
                process.send(SIGTERM)
                try await api.recover()
                try await process.outcome().expectStatus(143)
                try await api.expectDeleted(PluginTests.all)
            }
        }
    }

    @Test("A signal while standard input is read ends the program at once")
    func inputWaiting() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let file = try FIFO(api.directory + "/input")
            let command = shell(#"exec "$@" <input"#)
            try await api.withPlugin("-i", "--image", "busybox", "--", "cat", by: command) { process in
                try file.write("some")
                try await process.isWaiting()
                process.send(SIGINT)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                #expect(outcome.stderr == "")
            }
            #expect(try await api.requests.isEmpty)
        }
    }
}
