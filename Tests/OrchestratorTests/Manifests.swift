import FoundationEssentials
import RunLogic
import Testing

@testable import Orchestrator

/// A DaemonSet with these containers.
private func daemonSet(_ containers: JSON, inits: JSON = .null, annotations: JSON = .null) -> JSON {
    var daemonSet: JSON = ["metadata": ["name": "task"], "spec": ["template": ["spec": ["containers": containers]]]]
    daemonSet["spec"]["template"]["spec"]["initContainers"] = inits
    daemonSet["spec"]["template"]["metadata"]["annotations"] = annotations
    return daemonSet
}

private let probe: JSON = ["exec": ["command": ["true"]]]
private let task: JSON = ["name": "task", "readinessProbe": probe]
private let side: JSON = ["name": "side"]

@Suite("Manifests") struct ManifestTests {
    @Test("The task is the container that the user names, else the annotation's, else the only one")
    func taskContainer() throws {
        let annotations: JSON = ["kubectl.kubernetes.io/default-container": "task"]
        #expect(
            try TaskContainer(in: daemonSet([task]), chosen: nil) == TaskContainer(name: "task", isInitContainer: false)
        )
        #expect(try TaskContainer(in: daemonSet([side, task]), chosen: "task").name == "task")
        #expect(try TaskContainer(in: daemonSet([side, task], annotations: annotations), chosen: nil).name == "task")
        #expect(throws: Refusal.self) {
            try TaskContainer(in: daemonSet([side, task], annotations: annotations), chosen: "side")
        }
        #expect(throws: Refusal.usage("which container is the task? name it with --container: side, task")) {
            try TaskContainer(in: daemonSet([side, task]), chosen: nil)
        }
        #expect(throws: Refusal.usage("no container is called x: the manifest has task")) {
            try TaskContainer(in: daemonSet([task]), chosen: "x")
        }
        #expect(throws: Refusal.usage("the manifest has no container: spec.template.spec.containers")) {
            try TaskContainer(in: daemonSet(.null), chosen: nil)
        }
    }

    @Test("An init container can be the task, and needs no probe; a sidecar needs one")
    func initContainer() throws {
        let sidecar: JSON = ["name": "work", "restartPolicy": "Always"]
        let work: JSON = ["name": "work"]
        #expect(
            try TaskContainer(in: daemonSet([side], inits: [work]), chosen: "work")
                == TaskContainer(name: "work", isInitContainer: true))
        let message =
            "container work has no readiness probe, so nobody can tell when its task is done: "
            + "give it one that passes when it is"
        #expect(throws: Refusal.usage(message + "; if an init container does the work: --container work")) {
            try TaskContainer(in: daemonSet([side], inits: [sidecar]), chosen: "work")
        }
        #expect(
            throws: Refusal.usage(
                message.replacing("container work", with: "container side", maxReplacements: 1)
                    + "; if an init container does the work: --container work")
        ) {
            try TaskContainer(in: daemonSet([side], inits: [work]), chosen: nil)
        }
    }

    @Test("Changes touch what they name, and nothing else")
    func changes() {
        let install: JSON = ["name": "install", "image": "cat-etc-hosts:latest"]
        let manifest = daemonSet(
            [["name": "task", "image": "busybox", "args": ["old"], "env": ["x"]]], inits: [install])
        #expect(Changes().applied(to: manifest) == manifest)

        var changes = Changes()
        (changes.command, changes.image, changes.name, changes.agentImage) = (
            ["echo", "$A", "$$", "", "$\u{301}"], "alpine", "mine", "r/agent:2"
        )
        let changed = changes.applied(to: manifest)
        let pod = changed["spec"]["template"]["spec"]
        #expect(
            pod["containers"] == [
                [
                    "name": "task", "image": "alpine", "args": ["echo", "$$A", "$$$$", "", "$$\u{301}"],
                    "env": ["x"],
                ]
            ])
        #expect(pod["initContainers"] == [["name": "install", "image": "r/agent:2"]])
        #expect(changed["metadata"]["name"] == "mine")
        #expect(changed["spec"]["selector"]["matchLabels"] == ["run-once-daemonset": "mine"])
        #expect(changed["spec"]["template"]["metadata"]["labels"] == ["run-once-daemonset": "mine"])
        #expect(agent(of: changed, changes)! == ("install", "r/agent:2"))
        #expect(agent(of: daemonSet([task]), Changes()) == nil)
    }

    @Test("What the pods are to have is added to what they have; what has the same name takes its place")
    func podOptions() {
        var manifest = daemonSet(
            [
                [
                    "name": "task", "env": [["name": "NODE", "value": "n"], ["name": "OLD", "value": "o"]],
                    "resources": ["requests": ["cpu": "1m", "memory": "4Mi"], "limits": ["memory": "512Mi"]],
                ]
            ],
            inits: [["name": "install", "resources": ["limits": ["memory": "64Mi"]]]], annotations: ["a": "b"])
        manifest["spec"]["template"]["metadata"]["labels"] = ["app": "x", "stage": "old"]
        manifest["spec"]["template"]["spec"]["automountServiceAccountToken"] = false
        manifest["spec"]["template"]["spec"]["imagePullSecrets"] = [["name": "first"]]

        var changes = Changes()
        changes.podOptions.requests = ["cpu": "100m", "ephemeral-storage": "1Gi"]
        changes.podOptions.limits = ["cpu": "2"]
        changes.podOptions.environment = ["B": "$(NODE) $$ $\u{301}(X)", "OLD": "a=b,c", "A": ""]
        changes.podOptions.labels = ["team": "ops", "stage": "new", "empty": ""]
        changes.podOptions.imagePullSecrets = ["second", "first"]
        let unnamed = changes.applied(to: manifest)["spec"]["template"]["spec"]
        #expect(unnamed["serviceAccountName"] == .null && unnamed["automountServiceAccountToken"] == false)
        changes.podOptions.serviceAccount = "reader"

        var expected = manifest
        expected["spec"]["template"]["metadata"]["labels"] = [
            "app": "x", "stage": "new", "team": "ops", "empty": "",
        ]
        expected["metadata"]["labels"] = ["stage": "new", "team": "ops", "empty": ""]
        var pod = expected["spec"]["template"]["spec"]
        pod["automountServiceAccountToken"] = .null
        pod["serviceAccountName"] = "reader"
        pod["imagePullSecrets"] = [["name": "first"], ["name": "second"]]
        pod["containers"] = [
            [
                "name": "task",
                "env": [
                    ["name": "NODE", "value": "n"], ["name": "A", "value": ""],
                    ["name": "B", "value": "$$(NODE) $$$$ $$\u{301}(X)"], ["name": "OLD", "value": "a=b,c"],
                ],
                "resources": [
                    "requests": ["cpu": "100m", "memory": "4Mi", "ephemeral-storage": "1Gi"],
                    "limits": ["memory": "512Mi", "cpu": "2"],
                ],
            ]
        ]
        expected["spec"]["template"]["spec"] = pod
        #expect(changes.applied(to: manifest) == expected)
    }

    @Test(
        "The agent's image gets the tag of this version where it has none",
        arguments: [
            ("agent", "agent:7"), ("agent:1", "agent:1"), ("r.example:5000/agent", "r.example:5000/agent:7"),
            ("r.example:5000/agent:1", "r.example:5000/agent:1"), ("agent@sha256:0", "agent@sha256:0"),
        ])
    func tag(image: String, tagged: String) {
        #expect(Changes.agentImage(image, version: "7") == tagged)
    }

    @Test("A run marks what it creates, and nothing of another run stays in it")
    func mark() {
        var manifest = daemonSet([task])
        manifest["metadata"]["labels"] = ["app": "x"]
        manifest["status"] = ["numberReady": 3]
        let marked = RunIdentity(name: "task", value: "v").mark(manifest, owner: "uid")
        #expect(marked["metadata"]["labels"] == ["app": "x", "run-once-daemonset/run": "v"])
        #expect(marked["spec"]["template"]["metadata"]["labels"]["run-once-daemonset/run"] == "v")
        #expect(marked["spec"]["selector"]["matchLabels"]["run-once-daemonset/run"] == "v")
        #expect(marked["status"] == .null)
        #expect(
            marked["metadata"]["ownerReferences"] == [
                ["apiVersion": "batch/v1", "kind": "Job", "name": "task-v", "uid": "uid"]
            ])
        #expect(
            RunIdentity(name: "task", value: "v").mark(manifest, owner: nil)["metadata"]["ownerReferences"] == .null)
    }

    @Test("The run's Job never makes a pod, ends at the deadline, and its name fits in a label")
    func job() {
        let identity = RunIdentity(name: String(repeating: "n", count: 80))
        #expect(identity.jobName.count == 63 && identity.jobName.hasSuffix("-" + identity.value))
        // A part of a name may not end where the name is cut.
        let dotted = RunIdentity(name: String(repeating: "n", count: 50) + "-..x.y", value: "0123456789")
        #expect(dotted.jobName == String(repeating: "n", count: 50) + "-0123456789")
        let job = identity.job(deadline: 420)
        #expect(job["spec"]["parallelism"] == 0 && job["spec"]["activeDeadlineSeconds"] == 420)
        #expect(job["spec"]["ttlSecondsAfterFinished"] == 5)
        #expect(job["metadata"]["labels"]["run-once-daemonset/run"] == .string(identity.value))
    }

    @Test("Values of the run's label differ, and have nothing in them that reads as something else")
    func random() {
        let values = (0..<1000).map { _ in RunIdentity(name: "x").value }
        #expect(Set(values).count == 1000)
        #expect(values.allSatisfy { $0.count == 10 && $0.allSatisfy("bcdfghjklmnpqrstvwxz2456789".contains) })
    }

    @Test("JSON is written as it was read")
    func json() throws {
        let text = #"{"a":[1,-2,2.5,true,false,null,"é\n\u0000",{}],"b":{"c":[]},"d":9007199254740993}"#
        let value = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
        #expect(
            value["a"].elements[3] == true && value["a"].elements[0] == 1
                && value["d"] == .integer(9_007_199_254_740_993))
        #expect(try JSONDecoder().decode(JSON.self, from: JSONEncoder().encode(value)) == value)
    }
}
