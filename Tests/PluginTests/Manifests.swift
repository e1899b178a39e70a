import Foundation
import TestSupport
import Testing

extension PluginTests {
    @Test("A COMMAND arrives word by word as it was typed; `$` is doubled, or Kubernetes would read it")
    func command() async throws {
        let words = [
            "printf", "%s", "$HOME", "$(NODE)", "$$", "a b", "", "é", "-x", "--", "two\nlines", "\"", "\\", "'",
            "{{x}}", "null", "1",
        ]
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.plugin(["--image", "registry.example/tools@sha256:0", "--"] + words).expectStatus(0)
            let made = try await api.created("daemonsets")[0]
            #expect(made["metadata"]["name"].string?.wholeMatch(of: /run-once-[a-z0-9]{5}/) != nil)
            #expect(made.pod["initContainers"][0]["image"].string == "cat-etc-hosts:latest")
            let task = made.pod["containers"][0]
            #expect(task["args"].strings == words.map { $0.replacing("$", with: "$$") })
            #expect(task["command"].strings == ["/run/run-once/run-once"] + sealWords + ["--"])
            #expect(task["env"].list.contains { $0["valueFrom"]["fieldRef"]["fieldPath"].string == "metadata.uid" })
            #expect(task["image"].string == "registry.example/tools@sha256:0")
        }
    }

    @Test("Options change the DaemonSet that is created, and nothing else in it")
    func options() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", labels: ["disk": "ssd", "zone": "x"], .done("hi\n")), .init("b", .done("no\n")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            let outcome = try await api.plugin(
                "--image=busybox", "--name", "mine", "--agent-image", "registry.example:5000/agent", "-l",
                "disk=ssd,zone in (x,y),!spot",
                "--", "ls")
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            let created = try await api.created("daemonsets")[0]
            #expect(created["metadata"]["name"].string == "mine")
            #expect(created.pod["initContainers"][0]["image"].string == "registry.example:5000/agent:0.1.0")
            #expect(created.pod["containers"][0]["image"].string == "busybox")
            let terms = created.pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][
                "nodeSelectorTerms"]
            #expect(terms.count == 1)
            let keys = (0..<5).map { terms[0]["matchExpressions"][$0]["key"].string }
            #expect(keys == ["type", "eks.amazonaws.com/compute-type", "disk", "zone", "spot"])

            // The agent's image may be named in the environment.
            try await api.plugin(environment: ["RUN_ONCE_AGENT_IMAGE": "registry.example/agent:1"]).expectStatus(0)
            let later = try await api.created("daemonsets")[1]
            #expect(later["metadata"]["name"].string == "cat-etc-hosts")
            #expect(later.pod["containers"][0]["image"].string == "registry.example/agent:1")
        }
    }

    @Test("What a COMMAND's pods are to have is printed by --dry-run, and arrives in the DaemonSet")
    func podOptions() async throws {
        let options = [
            "--requests", "cpu=100m,memory=64Mi", "--limits=cpu=2", "--limits", "memory=1Gi", "--env", "A=x=$(NODE),1",
            "--env=EMPTY=", "--env", "NUMBER=1", "--labels", "team=ops,example.org/stage=", "--service-account",
            "reader", "--image-pull-secret=one", "--image-pull-secret", "two",
        ]
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let arguments = ["--image=busybox"] + options + ["--", "env"]
            let printed = try await api.plugin(["--dry-run=client"] + arguments)
            printed.expectStatus(0)
            try await api.plugin("-f", api.write(printed.text, to: "printed.yaml")).expectStatus(0)
            let daemonSet = try await api.created("daemonsets")[0]
            let task = daemonSet.pod["containers"][0]
            let requests = ["cpu": "100m", "memory": "64Mi", "ephemeral-storage": "0"]
            #expect(task["resources"]["requests"].value as? [String: String] == requests)
            let limits = ["cpu": "2", "memory": "1Gi", "ephemeral-storage": "128Mi"]
            #expect(task["resources"]["limits"].value as? [String: String] == limits)
            #expect(task["env"].list.map { $0["name"].string } == ["NODE", "POD_UID", "A", "EMPTY", "NUMBER"])
            #expect(task["env"].list.dropFirst(2).map { $0["value"].string } == ["x=$$(NODE),1", "", "1"])
            let labels = daemonSet["spec"]["template"].labels
            #expect(labels["team"] == "ops" && labels["example.org/stage"] == "")
            #expect(daemonSet.pod["serviceAccountName"].string == "reader")
            #expect(!daemonSet.pod["automountServiceAccountToken"].isThere)
            #expect(daemonSet.pod["imagePullSecrets"].list.map { $0["name"].string } == ["one", "two"])
            let install = daemonSet.pod["initContainers"][0]
            #expect(install["env"].count == 0 && install["resources"]["limits"]["memory"].string == "64Mi")
        }
    }

    @Test("The namespace is that of -n, else of the manifest, else of the kubeconfig")
    func namespaces() async throws {
        let all = ["option", "manifest", "config", "default"]
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: .init { $0.namespaces = all }) { api in
            let named = try api.manifest(probed, metadata: "name: task, namespace: manifest")
            try FileManager.default.moveItem(atPath: named, toPath: api.directory + "/named.yaml")
            let plain = try api.manifest(probed)
            let config = try api.write(
                String(contentsOfFile: api.kubeconfig, encoding: .utf8).replacing(
                    "user: me}", with: "user: me, namespace: config}"),
                to: "config")
            let other = try await api.plugin("-f", "named.yaml", "--namespace", "option")
            other.expectStatus(2)
            #expect(other.stderr == "error: named.yaml is for the namespace manifest, not for option\n")
            #expect(try await api.requests("POST", "").isEmpty)
            try await api.plugin("-f", plain, "--namespace", "option", environment: ["KUBECONFIG": config])
                .expectStatus(0)
            try await api.plugin("-f", "named.yaml", environment: ["KUBECONFIG": config]).expectStatus(0)
            try await api.plugin("-f", plain, environment: ["KUBECONFIG": "config"]).expectStatus(0)
            let paths = try await api.requests.filter { $0.method == "POST" && $0.path.hasSuffix("/daemonsets") }.map(
                \.path)
            #expect(
                paths.map { $0.split(separator: "/")[4] } == [
                    "option", "option", "manifest", "manifest", "config", "config",
                ])
            for namespace in all { try await api.expectDeleted(namespace: namespace) }
        }
    }

    @Test("Without -f - standard input is neither read nor waited for")
    func standardInput() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let input = try FIFO(api.directory + "/input")
            try input.write("hello")
            let command = shell(#"input=$1; shift; exec "$@" <"$input""#, [input.path])
            let outcome = try await api.withPlugin("--image=busybox", "--", "cat", by: command) {
                try await $0.outcome()
            }
            outcome.expectStatus(0)
            #expect(try await run(["head", "-c", "5", input.path]).text == "hello")
        }
    }

    @Test(
        "A manifest that is not one DaemonSet with a task whose end can be told is refused in one line",
        arguments: Kubectl.installed)
    func wrongManifests(kubectl: Kubectl) async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            func expectRefused(
                _ message: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
            ) async throws {
                let outcome = try await api.plugin(
                    "-f", api.write(text, to: "m.yaml"), kubectl: kubectl, sourceLocation: sourceLocation)
                outcome.expectStatus(2, sourceLocation: sourceLocation)
                #expect(
                    outcome.lines.count == 1 && outcome.text == "", "\(outcome.stderr)", sourceLocation: sourceLocation)
                #expect(outcome.stderr.hasPrefix("error: "), sourceLocation: sourceLocation)
                #expect(outcome.stderr.contains(message), "\(outcome.stderr)", sourceLocation: sourceLocation)
            }
            let task = try String(contentsOfFile: api.manifest(probed), encoding: .utf8)
            let file = api.directory + "/m.yaml"
            try await expectRefused("\(file): holds no object", "")
            try await expectRefused("\(file): not the manifest of a DaemonSet: ", "a: [b")
            try await expectRefused(
                "\(file): must hold one DaemonSet of apps/v1 and nothing else, "
                    + "but holds apps/v1 DaemonSet, v1 ConfigMap",
                task + "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}")
            try await expectRefused(
                "but holds apps/v1 DaemonSet, apps/v1 DaemonSet: several are one run only as --dry-run=server prints "
                    + "them, NAME and NAME-ARCH, each for another kubernetes.io/arch", task + "\n---\n" + task)
            try await expectRefused(
                "container task has no readiness probe, so nobody can tell when its task is done: give it one",
                String(contentsOfFile: api.manifest("{name: task, image: busybox}"), encoding: .utf8))
            let missing = try await api.plugin("-f", "none.yaml", kubectl: kubectl)
            missing.expectStatus(2)
            #expect(missing.lines.count == 1 && missing.stderr.contains("none.yaml"), "\(missing.stderr)")
            #expect(try await api.requests("POST", "").isEmpty)
        }
    }

    @Test("A field that the cluster does not know, and what it refuses, is told in one line; nothing is created")
    func refusedManifest() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let task = try String(contentsOfFile: api.manifest(probed), encoding: .utf8)
            let misspelt = try await api.plugin(
                "-f", api.write(task.replacing("tolerations:", with: "toleration:"), to: "m.yaml"))
            misspelt.expectStatus(2)
            #expect(misspelt.lines.count == 1)
            #expect(
                misspelt.stderr.contains(#"m.yaml: the cluster refused it: "#)
                    && misspelt.stderr.contains(#"unknown field "spec.template.spec.toleration""#))

            try await api.fail(
                .refused(403, "Forbidden", "admission webhook \"policy\" denied the request:\n\nrule one\nrule two"),
                verb: "create", times: 1)
            let refused = try await api.plugin("-f", api.write(task, to: "m.yaml"))
            refused.expectStatus(3)
            #expect(
                refused.stderr
                    == #"error: the cluster refused: admission webhook "policy" denied the request:"#
                    + "\n    rule one\n    rule two\n"
            )

            try await api.fail(.warning(#"would violate "restricted""#), verb: "create", dryRun: true)
            let warned = try await api.plugin("-f", "m.yaml", "-n", "none")
            #expect(warned.lines.first == #"run-once: the cluster warns: would violate "restricted""#)
            warned.expectStatus(3)
            #expect(warned.stderr.contains(#"namespaces "none" not found"#))
            try await api.expectDeleted()
        }
    }

    @Test(
        "All that a run creates has its label, with a value of its own; it touches nothing that others created"
    )
    func label() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.addDaemonSet("bystander")
            try await api.withPlugin("--image=busybox", "--name=one", "--", "ls") { one in
                try await one.says("created daemonset/one")
                try await api.withPlugin("--image=busybox", "--name=two", "--", "ls") { two in
                    try await two.says("created daemonset/two")
                    try await eventually("all three have a pod") { try await api.names(of: "pods").count == 3 }
                    try await api.play(.done("one\n"), on: "a", daemonSet: "one")
                    let first = try await one.outcome()
                    #expect(first.text == "==> a <==\none\n")
                    #expect(try await api.names(of: "daemonsets") == ["bystander", "two"])
                    try await api.play(.done("two\n"), on: "a", daemonSet: "two")
                    #expect(try await two.outcome().text == "==> a <==\ntwo\n")
                }
            }
            #expect(try await api.names(of: "daemonsets") == ["bystander"])
            #expect(try await api.names(of: "pods").count == 1)
            #expect(try await api.names(of: "jobs") == [])

            let daemonSets = try await api.created("daemonsets")
            let jobs = try await api.created("jobs")
            let values = daemonSets.map { $0.labels[runLabel] ?? "" }
            #expect(Set(values).count == 2 && values.allSatisfy { $0.count == 10 })
            #expect(jobs.map { $0.labels[runLabel] } == values)
            for (daemonSet, value) in zip(daemonSets, values) {
                #expect(daemonSet["spec"]["template"].labels[runLabel] == value)
                #expect((daemonSet["spec"]["selector"]["matchLabels"].value as? [String: String])?[runLabel] == value)
                #expect(daemonSet["metadata"]["ownerReferences"][0]["kind"].string == "Job")
            }
            let collections = try await api.requests("DELETE", "/pods")
            #expect(collections.map { $0.query["labelSelector"] } == values.map { "\(runLabel)=\($0)" })
            let deletions = try await api.requests.filter { $0.method == "DELETE" && $0.path.contains("/daemonsets/") }
            #expect(deletions.count == 2 && deletions.allSatisfy { $0.body.contains(#""preconditions":{"uid":""#) })
        }
    }

    @Test("A DaemonSet of that name is left alone, also where it comes at the last moment")
    func alreadyExists() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let message = "error: daemonset/cat-etc-hosts exists already and was left alone: "
            try await api.fail(
                .refused(409, "AlreadyExists", "daemonsets.apps \"cat-etc-hosts\" already exists"), verb: "create",
                resource: "daemonsets", dryRun: false, times: 1)
            let late = try await api.plugin()
            late.expectStatus(3)
            #expect(late.stderr == message + "the runs that are there:\n    kubectl run-once list\n")
            #expect(try await api.names(of: "jobs") == [])

            try await api.addDaemonSet("cat-etc-hosts")
            let outcome = try await api.plugin()
            outcome.expectStatus(3)
            #expect(
                outcome.stderr == message
                    + "it is no run; to remove it:\n    kubectl delete daemonset cat-etc-hosts\n")
            #expect(try await api.names(of: "daemonsets") == ["cat-etc-hosts"])
            #expect(try await api.requests.allSatisfy { $0.method != "DELETE" || $0.path.contains("/jobs/") })
        }
    }

    @Test("-f takes a URL, too; one that can't be read is a mistake that is told, and nobody waits for it")
    func manifestOfURL() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.addDaemonSet("theirs")
            let path = "/apis/apps/v1/namespaces/default/daemonsets/theirs"
            let there = try await api.plugin("-f", api.server + path, "--dry-run")
            #expect(there.text.contains("name: theirs"), "\(there.stderr)")
            for url in [api.server + path + "-not", "http://127.0.0.1:1/x.yaml", "file:///etc/hosts"] {
                let outcome = try await api.plugin("-f", url)
                outcome.expectStatus(2)
                #expect(outcome.stderr.hasPrefix("error: \(url): can't be read: ") && outcome.lines.count == 1)
            }
        }
    }
}
