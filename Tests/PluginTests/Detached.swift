import Foundation
import Glibc
import TestSupport
import Testing

extension PluginTests {
    @Test("--detach prints the run's name alone, says what comes next, and leaves the run to itself")
    func detached() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let outcome = try await api.plugin(
                "--detach", "--name=mine", "--image=busybox", "-t", "10m", "--keep-for=8h", "--", "echo", "a b", "$X")
            outcome.expectStatus(0)
            #expect(outcome.text == "mine\n")
            #expect(
                outcome.lines == [
                    "run-once: created daemonset/mine in namespace default",
                    "run-once: it goes on by itself; after 8h the cluster deletes it",
                    "run-once: to see its results:\n    kubectl run-once attach mine",
                    "run-once: to remove it:\n    kubectl run-once delete mine",
                ])
            #expect(try await api.names(of: "daemonsets") == ["mine"])
            #expect(try await api.requests.allSatisfy { $0.method != "DELETE" })
            let job = try await api.created("jobs")[0]
            #expect(job["spec"]["activeDeadlineSeconds"].number == 8 * 3600 + 600)
            let notes = try await api.created("daemonsets")[0]["metadata"]["annotations"]
            #expect(notes["run-once-daemonset/timeout"].string == "600")
            #expect(notes["run-once-daemonset/container"].string == "task")
            #expect(notes["run-once-daemonset/runs"].string == "echo 'a b' '$X'")
            #expect(notes["run-once-daemonset/detached"].string == "true")
            #expect(notes["run-once-daemonset/deadline"].string?.hasSuffix("Z") == true)
        }
    }

    @Test("Every run is marked for who comes back to it, not only a detached one; marks of another run do not stay")
    func marks() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let manifest = try api.manifest(
                probed, metadata: "name: task, annotations: {run-once-daemonset/detached: \"true\", own: x}")
            try await api.plugin("-f", manifest).expectStatus(0)
            let own = try await api.created("daemonsets")[0]["metadata"]["annotations"]
            let marks = ["container", "deadline", "runs", "timeout"].map { "run-once-daemonset/\($0)" }
            #expect(own.keys == ["own"] + marks)
            #expect(own["run-once-daemonset/runs"].string == "task.yaml")
        }
    }

    @Test(
        "Without a Job nobody would end it: --detach is refused with the reason, and nothing is left",
        arguments: [
            (FakeAPI.Fault.refused(403, "Forbidden", "jobs is forbidden: no"), "jobs is forbidden: no"),
            (.text(503, "no backend"), "no backend"),
        ])
    func noJob(fault: FakeAPI.Fault, why: String) async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(fault, verb: "create", resource: "jobs")
            let outcome = try await api.plugin("--detach")
            outcome.expectStatus(3)
            #expect(
                outcome.stderr == """
                    error: --detach needs a Job, which ends the run in time; the cluster did not take it: \(why)

                    """)
            #expect(outcome.stdout.isEmpty)
            try await api.expectDeleted()
            #expect(try await api.created("daemonsets").isEmpty)
        }
    }

    @Test(
        "On a Kubernetes that does not end the Job nothing is promised",
        arguments: [("", true), ("v1.22+.3", true), ("v1.23.0", false)])
    func oldKubernetes(version: String, isOld: Bool) async throws {
        try await withFakeAPI(nodes: ["a"], settings: .init { $0.version = version }) { api in
            let outcome = try await api.plugin("--detach", "-q")
            outcome.expectStatus(0)
            let old = "run-once: it goes on by itself; this Kubernetes is older than 1.23, and will not delete it"
            #expect(outcome.lines.contains(old) == isOld)
        }
    }

    @Test("The next steps reach the cluster that the user named, and tell no secret")
    func nextSteps() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let options = [
                "--context", "fake", "--kubeconfig=\(api.kubeconfig)", "--as", "it's me", "--as-group=ops",
                "--token=secret",
            ]
            let place = "--context=fake --kubeconfig=\(api.kubeconfig) '--as=it'\\''s me' --as-group=ops"
            let detached = try await api.plugin(options + ["--detach"], environment: ["KUBECONFIG": "/none"])
            detached.expectStatus(0)
            #expect(
                detached.lines.last == "run-once: to remove it:\n    kubectl run-once delete cat-etc-hosts \(place)")
            let exists = try await api.plugin(options)
            exists.expectStatus(3)
            #expect(
                exists.stderr == """
                    error: daemonset/cat-etc-hosts exists already and was left alone: another run is under way, or one \
                    was left; to follow it:
                        kubectl run-once attach cat-etc-hosts \(place)
                        to remove it:
                        kubectl run-once delete cat-etc-hosts \(place)

                    """)
        }
    }

    @Test("A signal while what is to be detached is created deletes it, and ends with its status")
    func signalWhileDetaching() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.hanging, verb: "create", resource: "daemonsets", dryRun: false)
            try await api.withPlugin("--detach") { process in
                try await api.isAsked("POST", "/daemonsets")
                process.send(SIGTERM)
                try await api.recover()
                let outcome = try await process.outcome()
                outcome.expectStatus(143)
                #expect(outcome.text == "")
                try await api.expectDeleted()
            }
        }
    }

    @Test("A name that can't be written is told on standard error; the run is there")
    func unwrittenName() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let outcome = try await api.withPlugin("--detach", by: shell(#"exec "$@" >/dev/full"#)) {
                try await $0.outcome()
            }
            outcome.expectStatus(1)
            #expect(
                outcome.lines.last
                    == "run-once: the run's name could not be written to standard output: No space left on device")
            #expect(try await api.names(of: "daemonsets") == ["cat-etc-hosts"])
        }
    }
}
