import Foundation
import TestSupport
import Testing

/// What clusters do to what is created.
extension PluginTests {
    private static let command = ["--image", "busybox", "--name", "mine", "--limits", "cpu=1", "--", "uname"]

    private static func task(_ fields: String) -> [String: String] {
        ["daemonsets": #"{"spec": {"template": {"spec": {"containers": [{"name": "task", \#(fields)}]}}}}"#]
    }

    @Test("A cluster that drops fields that it does not know: one that is gone is a mistake, and nothing is created")
    func unknownField() async throws {
        let policy = #"{"spec": {"minReadySeconds": null}}"#
        for (version, status) in [("v1.24.9", Int32(2)), ("v1.25.0", 0)] {
            let settings = FakeAPI.Settings { ($0.version, $0.policies) = (version, ["daemonsets": policy]) }
            try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: settings) { api in
                let text = try String(contentsOfFile: api.manifest(probed), encoding: .utf8)
                let more = text.replacing("spec:\n  selector", with: "spec:\n  minReadySeconds: 5\n  selector")
                #expect(more != text)
                let manifest = try api.write(more, to: "m.yaml")
                let outcome = try await api.plugin("-f", manifest)
                outcome.expectStatus(status)
                #expect(outcome.stderr.contains("does not know the field spec.minReadySeconds") == (status == 2))
            }
        }
    }

    @Test("A policy's change of what the task depends on is told once, with both values; that it takes a limit is not")
    func commandChanged() async throws {
        let policy = Self.task(#""args": ["other"], "resources": {"limits": {"cpu": null}}"#)
        let settings = FakeAPI.Settings { $0.policies = policy }
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: settings) { api in
            let outcome = try await api.plugin(["--quiet"] + Self.command)
            outcome.expectStatus(0)
            #expect(
                outcome.stderr == "run-once: spec.template.spec.containers[task].args is asked to be "
                    + #"["uname"], and the cluster makes it ["other"]"# + "\n")
        }
    }

    @Test("A policy that takes the probe away: nobody could tell when the task is done; status 3, nothing is created")
    func probeRemoved() async throws {
        let settings = FakeAPI.Settings { $0.policies = Self.task(#""readinessProbe": null"#) }
        try await withFakeAPI(nodes: ["a"], settings: settings) { api in
            let outcome = try await api.plugin(Self.command)
            outcome.expectStatus(3)
            let told = "the cluster drops spec.template.spec.containers[task].readinessProbe: "
            #expect(
                outcome.lines.count == 1
                    && outcome.stderr.contains(told + "nobody could tell when the task is done"), "\(outcome.stderr)")
            #expect(try await api.created("jobs").isEmpty)
        }
    }

    @Test("One that takes no part in the rehearsal: what it made is deleted, and it is said that tasks may have begun")
    func probeRemovedInTheEnd() async throws {
        let settings = FakeAPI.Settings { $0.policies = Self.task(#""readinessProbe": null"#) }
        try await withFakeAPI(nodes: ["a"], settings: settings) { api in
            let why = "admission webhook \"x\" does not support dry run"
            try await api.fail(
                .refused(400, "BadRequest", why), verb: "create", resource: "daemonsets", dryRun: true)
            let outcome = try await api.plugin(Self.command)
            outcome.expectStatus(3)
            #expect(
                outcome.lines.first
                    == "run-once: tasks may have begun on the nodes of daemonset/mine, which is deleted")
            #expect(outcome.stderr.contains("nobody could tell when the task is done"))
            // The garbage collector takes the pods.
            try await api.expectDeleted(["daemonsets", "jobs"])
        }
    }

    @Test("A Job that the cluster does not end in time is told; --detach is refused, and what was made is deleted")
    func jobChanged() async throws {
        let told = "spec.activeDeadlineSeconds is asked to be 420, and the cluster makes it 99999"
        let settings = FakeAPI.Settings { $0.policies = ["jobs": #"{"spec": {"activeDeadlineSeconds": 99999}}"#] }
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: settings) { api in
            let outcome = try await api.plugin(Self.command)
            outcome.expectStatus(0)
            let unended = "run-once: should this machine fail, the cluster will not end the run by itself: "
            #expect(outcome.lines.contains(unended + told), "\(outcome.stderr)")
            let detached = try await api.plugin(["--detach", "--keep-for", "2m"] + Self.command)
            detached.expectStatus(3)
            #expect(
                detached.stderr
                    == "error: --detach needs a Job that ends the run in time, which this cluster's does not: \(told)\n"
            )
            #expect(try await api.created("daemonsets").count == 1)
            try await api.expectDeleted()
        }
    }

    private static let away = FakeAPI.Fault.refused(
        500, "InternalError",
        "Internal error occurred: failed calling webhook \"x\": Post \"https://x.y.svc:443\": connection refused")

    @Test("An admission webhook that is away while the run is created is told, and waited for")
    func webhookAway() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            for (resource, inRehearsal) in [("daemonsets", true), ("jobs", false), ("daemonsets", false)] {
                try await api.fail(Self.away, verb: "create", resource: resource, dryRun: inRehearsal, times: 2)
            }
            let outcome = try await api.plugin(["--quiet"] + Self.command, environment: limits(["admission": 60]))
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            let told = ["daemonset/mine", "the run's Job", "daemonset/mine"].map {
                "run-once: \($0) can't be created just now, which is tried for 60 s: Internal error occurred: failed"
            }
            #expect(
                outcome.lines.count == 3 && zip(outcome.lines, told).allSatisfy { $0.hasPrefix($1) },
                "\(outcome.stderr)")
            #expect(try await api.names(of: "jobs").isEmpty)
            try await api.expectDeleted()
        }
    }

    @Test("One that stays away ends it in time: status 3, and nothing is left", .waitsLong)
    func webhookStaysAway() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(Self.away, verb: "create", resource: "daemonsets", dryRun: false)
            let outcome = try await api.plugin(Self.command)
            outcome.expectStatus(3)
            let told = "error: the cluster did not create daemonset/mine: Internal error"
            #expect(outcome.lines.last?.hasPrefix(told) == true, "\(outcome.stderr)")
            try await api.expectDeleted()
        }
    }

    @Test("A change of the DaemonSet while it runs is told")
    func changedWhileItRuns() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try await api.withPlugin("--image", "busybox", "--name", "mine", "--", "uname") { process in
                try await process.says("0 of 1 node done")
                try await api.request(
                    "PATCH", "apis/apps/v1/namespaces/default/daemonsets/mine",
                    Data(#"{"spec": {"template": {"metadata": {"annotations": {"restarted": "now"}}}}}"#.utf8),
                    type: "application/merge-patch+json")
                try await process.says("somebody changed what daemonset/mine asks for")
                try await api.play(.done("hi\n"), on: "a")
                try await process.outcome().expectStatus(0)
            }
        }
    }

    @Test("--labels and --annotations reach all objects of the run, and the pods")
    func labels() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.plugin(
                ["-i", "--labels", "team=ops", "--annotations", "example.org/why=a=b,c", "--image", "busybox"]
                    + ["--", "cat"],
                input: Data("x".utf8)
            ).expectStatus(0)
            let sets = try await api.created("daemonsets")
            let objects =
                try await api.created("jobs") + sets + (try await api.created("secrets"))
                + sets.map { $0["spec"]["template"] } + (try await api.created("jobs").map { $0["spec"]["template"] })
                + (try await api.created("configmaps"))
            #expect(objects.count >= 5)
            for object in objects {
                #expect(object.labels["team"] == "ops")
                #expect(object["metadata"]["annotations"]["example.org/why"].string == "a=b,c")
            }
        }
    }

    @Test("A node that says why it is not ready is told with its words")
    func nodeWords() async throws {
        let words = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady"
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", isReady: false, message: words)]) { api in
            let outcome = try await api.plugin("--image", "busybox", "--", "uname")
            outcome.expectStatus(1)
            let hint = "; --host uses the node's own network, and works there"
            #expect(outcome.stderr.contains("b: the node is not ready: \(words)\(hint)"), "\(outcome.stderr)")
        }
    }

    @Test("With --parallel a node whose pod a shutdown ended has failed, and is not started again")
    func shutdownInOrder() async throws {
        let down = FakeAPI.Node("a", .running, .evicted("Pod was terminated in response to imminent node shutdown."))
        let other = FakeAPI.Node("b", .running, .done("hi\n").after(seconds: 1))
        try await withFakeAPI(nodes: [down, other], settings: .init { $0.replaceSeconds = 0.2 }) { api in
            let outcome = try await api.plugin("--parallel", "1", "--host", "--", "systemctl", "reboot")
            outcome.expectStatus(1)
            let patches = try await api.requests.filter { $0.method == "PATCH" && $0.path.contains("/pods/") }
            #expect(patches.count == 2, "one for each node: \(patches.map(\.path))")
            let told = "a: failed with exit code 137: Evicted: Pod was terminated"
            #expect(outcome.stderr.contains(told), "\(outcome.stderr)")
        }
    }

    @Test("Where --detach is refused and the suspended Job can't be deleted, it is told how to remove it")
    func suspendedJobStays() async throws {
        let settings = FakeAPI.Settings { $0.policies = ["jobs": #"{"spec": {"suspend": true}}"#] }
        try await withFakeAPI(nodes: ["a"], settings: settings) { api in
            try await api.fail(.refused(403, "Forbidden", "jobs is forbidden: no"), verb: "delete", resource: "jobs")
            let outcome = try await api.plugin(["--detach"] + Self.command)
            outcome.expectStatus(3)
            let told = "run-once: can't delete the run's Job: jobs is forbidden: no; to remove it:\n    kubectl delete "
            #expect(outcome.lines.count == 2 && outcome.stderr.hasPrefix(told), "\(outcome.stderr)")
            let why = "a policy of the cluster suspends it: spec.suspend is true"
            #expect(
                outcome.lines.last
                    == "error: --detach needs a Job that ends the run in time, which this cluster's does not: \(why)")
        }
    }
}
