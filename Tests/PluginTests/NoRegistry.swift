import Foundation
import TestSupport
import Testing

extension PluginTests {
    @Suite(
        "No image has to hold the agent",
        .enabled(
            if: carriesAgents, "RUN_ONCE_PLUGIN names no plugin that carries its agents: Release/agents makes them"))
    struct NoRegistry {}
}

private let carriesAgents = ProcessInfo.processInfo.environment["RUN_ONCE_PLUGIN"] != nil

extension PluginTests.NoRegistry {
    private static let command = ["--image", "busybox", "--", "uname"]
    private static let all = ["daemonsets", "pods", "jobs", "configmaps"]

    private static func agent(_ name: String, _ architecture: String = "amd64") throws -> Data {
        try Data(contentsOf: URL(filePath: "\(repositoryRoot)/.build/agents/\(architecture)/\(name)"))
    }

    @Test("A ConfigMap of the run brings the agent, made after the Job that owns it and gone with the run")
    func configMap() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let outcome = try await api.plugin(Self.command)
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            let map = try await api.created("configmaps")[0]
            let job = try await api.created("jobs")[0]
            #expect(map["binaryData"].keys == ["run-once"])
            #expect(
                map["binaryData"]["run-once"].string.flatMap { Data(base64Encoded: $0) } == (try Self.agent("run-once"))
            )
            #expect(map["immutable"].value as? Bool == true)
            #expect(map["metadata"]["ownerReferences"][0]["name"].string == job["metadata"]["name"].string)
            #expect(map.labels == job.labels)

            let pod = try await api.created("daemonsets")[0].pod
            #expect(pod["volumes"][1]["configMap"]["name"].string == map["metadata"]["name"].string)
            #expect(pod["initContainers"].count == 0)
            #expect(pod["containers"][0]["image"].string == "busybox")
            #expect(pod["containers"][0]["command"].strings == ["/run-once/run-once"] + sealWords + ["--"])
            let made = try await api.requests.filter { $0.method == "POST" && $0.query["dryRun"] == nil }
                .compactMap { $0.path.split(separator: "/").last }.filter { $0 != "selfsubjectaccessreviews" }
            #expect(made == ["jobs", "configmaps", "daemonsets"])
            let name = try #require(map["metadata"]["name"].string)
            #expect(try await api.requests("DELETE", "/configmaps/\(name)").count == 1)
            try await api.expectDeleted(Self.all)
        }
    }

    @Test(
        "The built-in task and --host take the image that the nodes name as their pause image, or the one that all have",
        arguments: zip(
            [["registry.k8s.io/pause@sha256:1", "r.example/pause:3.9"], nil] as [[String]?],
            [[], ["--host", "--", "uptime"]] as [[String]]))
    func pauseImage(names: [String]?, arguments: [String]) async throws {
        let node = FakeAPI.Node("a", images: names.map { [["busybox"], $0] }, .done("hi\n"))
        try await withFakeAPI(nodes: [node]) { api in
            try await api.plugin(arguments).expectStatus(0)
            let image = try await api.created("daemonsets")[0].pod["containers"][0]["image"].string
            #expect(image == (names == nil ? "registry.k8s.io/pause:3.10" : "r.example/pause:3.9"))
            let program = arguments.isEmpty ? "cat-etc-hosts" : "run-once"
            #expect(try await api.created("configmaps")[0]["binaryData"].keys == [program])
        }
    }

    @Test("The nodes' architecture decides which agent they get")
    func architecture() async throws {
        let arm = ["kubernetes.io/arch": "arm64"]
        try await withFakeAPI(nodes: [.init("a", labels: arm, .done("hi\n")), "b"]) { api in
            try await api.plugin(["--nodes", "a"] + Self.command).expectStatus(0)
            let data = try await api.created("configmaps")[0]["binaryData"]["run-once"].string
            #expect(data.flatMap { Data(base64Encoded: $0) } == (try Self.agent("run-once", "arm64")))
            #expect(try await api.created("daemonsets").count == 1)
            #expect(try await api.created("jobs").count == 1)
        }
    }

    private static let armNode = ["kubernetes.io/arch": "arm64"]

    @Test(
        "Nodes of two architectures are one run, at once or one after the other: a DaemonSet for each with its own agent",
        arguments: [[], ["--parallel", "1"]])
    func mixed(options: [String]) async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", labels: Self.armNode, .done("hi\n"))]) {
            api in
            let outcome = try await api.plugin(["--name", "mine", "--output-dir", "out"] + options + Self.command)
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a, b <==\nhi\n")
            #expect(outcome.stderr.contains("created daemonset/mine and daemonset/mine-arm64 in namespace default"))
            #expect(try api.summary("out")["run"]["name"].string == "mine")
            let (sets, maps) = try await (api.created("daemonsets"), api.created("configmaps"))
            #expect(sets.map { $0["metadata"]["name"].string } == ["mine", "mine-arm64"])
            #expect(sets.map { $0.pod["nodeSelector"]["kubernetes.io/arch"].string } == ["amd64", "arm64"])
            #expect(Set(sets.map { $0.labels[runLabel] }).count == 1)
            #expect(maps.count == 1)
            for (set, architecture) in zip(sets, ["amd64", "arm64"]) {
                let item = set.pod["volumes"].list.compactMap { $0["configMap"]["items"].list.first }[0]
                #expect(item["path"].string == "run-once")
                let data = maps[0]["binaryData"][item["key"].string ?? ""].string.flatMap { Data(base64Encoded: $0) }
                #expect(data == (try Self.agent("run-once", architecture)))
            }
            #expect(try await api.created("jobs").count == 1)
            try await api.expectDeleted(Self.all)
        }
    }

    @Test("A node of an architecture that no agent is for gets no pod: it is told, not met, and fails the run")
    func withoutAgent() async throws {
        let other = FakeAPI.Node("c", labels: ["kubernetes.io/arch": "riscv64"], .failed(1))
        let nodes: [FakeAPI.Node] = [.init("a", .done("hi\n")), .init("b", labels: Self.armNode, .done("hi\n")), other]
        try await withFakeAPI(nodes: nodes) { api in
            let outcome = try await api.plugin(["--output-dir", "out"] + Self.command)
            outcome.expectStatus(1)
            #expect(outcome.text == "==> a, b <==\nhi\n")
            let why = "this program carries agents for amd64 and arm64 only; name an image"
            #expect(outcome.stderr.contains("run-once: c is left out: \(why)"))
            let node = try api.summary("out")["nodes"][2]
            #expect(node["node"].string == "c" && node["state"].string == "unmet")
            #expect(node["reason"].string?.hasPrefix(why) == true)
            try await api.expectDeleted(Self.all)
        }
    }

    @Test("A detached run of two DaemonSets is one in list, in completion and for attach, which delete removes whole")
    func detachedMixed() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("hi\n")), .init("b", labels: Self.armNode, .running),
            .init("c", labels: ["kubernetes.io/arch": "riscv64"]),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            let detached = try await api.plugin(["--detach", "--name", "mine"] + Self.command)
            detached.expectStatus(0)
            #expect(detached.text == "mine\n")
            let list = try await api.plugin("list")
            #expect(list.text.split(separator: "\n").count == 2 && !list.text.contains("mine-arm64"))
            #expect(list.text.split(separator: "\n")[1].split(separator: " ").prefix(3) == ["mine", "running", "1/3"])
            #expect(try await api.plugin("__complete", "delete", "").text.hasPrefix("mine\n:"))
            try await api.withPlugin("attach", "mine") { process in
                try await process.says("1 of 2 nodes done")
                try await api.play(.done("hi\n"), on: "b")
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(outcome.text == "==> a, b <==\nhi\n")
                #expect(outcome.stderr.contains("c: whoever started the run had no agent for its architecture"))
            }
            try await api.plugin("delete", "mine").expectStatus(0)
            try await api.expectDeleted(Self.all)
        }
    }

    @Test("Where the second DaemonSet is refused, the first is deleted, without a Job too")
    func secondRefused() async throws {
        try await withFakeAPI(nodes: ["a", .init("b", labels: Self.armNode)]) { api in
            try await api.fail(
                .refused(403, "Forbidden", "not this one"), verb: "create", resource: "daemonsets", name: "mine-arm64",
                dryRun: false)
            let outcome = try await api.plugin(["--keep", "--name", "mine"] + Self.command)
            outcome.expectStatus(3)
            let begun = "run-once: tasks may have begun on the nodes of daemonset/mine, which is deleted\n"
            #expect(outcome.stderr == begun + "error: the cluster refused: not this one\n")
            // The garbage collector takes the pods along.
            try await eventually("the pods are gone") { try await api.names(of: "pods") == [] }
            try await api.expectDeleted(Self.all)
        }
    }

    @Test("Where nobody answers which nodes there are, no architecture is guessed: exit 3, nothing is created")
    func unanswered() async throws {
        try await withFakeAPI(nodes: [.init("a", labels: ["kubernetes.io/arch": "arm64"])]) { api in
            try await api.fail(.text(500, "no quorum"), resource: "nodes")
            let outcome = try await api.plugin(Self.command)
            outcome.expectStatus(3)
            #expect(outcome.stderr == "error: no cluster can be reached: no quorum\n")
            #expect(try await api.created("jobs").isEmpty)
        }
    }

    @Test("Nodes that no query can choose are not guessed at: it is the user's word")
    func numbers() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let printed = try await api.plugin(["--dry-run"] + Self.command)
            let before = "nodeSelectorTerms:\n            - matchExpressions:\n"
            #expect(printed.text.contains(before))
            let number =
                "              - key: cores\n                operator: Gt\n                values:\n                - \"4\"\n"
            let file = try api.write(printed.text.replacing(before, with: before + number), to: "numbers.yaml")
            try await api.withPlugin("--arch", "arm64", "-f", file) { process in
                try await process.says("created daemonset/")
                kill(process.pid, SIGTERM)
                let outcome = try await process.outcome()
                #expect(!outcome.stderr.contains("assuming"))
            }
            let data = try await api.created("configmaps")[0]["binaryData"]["run-once"].string
            #expect(data.flatMap { Data(base64Encoded: $0) } == (try Self.agent("run-once", "arm64")))
        }
    }

    @Test("Who may not make the ConfigMap is told what else there is, and nothing stays")
    func noConfigMap() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.refused(403, "Forbidden", "not you"), verb: "create", resource: "configmaps")
            let outcome = try await api.plugin(Self.command)
            outcome.expectStatus(3)
            let line = "error: the agent goes to the nodes in a ConfigMap, or with --agent-image in an image: not you\n"
            #expect(outcome.stderr == line)
            #expect(try await api.created("daemonsets").isEmpty)
            try await api.expectDeleted(Self.all)
        }
    }

    @Test("A run without a Job says where it can't delete its ConfigMap: exit 3, and it stays")
    func noJob() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.fail(.refused(403, "Forbidden", "no Job for you"), resource: "jobs")
            try await api.fail(.refused(403, "Forbidden", "not you"), verb: "delete", resource: "configmaps")
            let outcome = try await api.plugin(Self.command)
            outcome.expectStatus(3)
            let line =
                "can't delete the run's ConfigMap: not you; to remove it:\n    kubectl delete "
                + "jobs,daemonsets,pods,configmaps -l run-once-daemonset/run="
            #expect(outcome.stderr.contains(line), "\(outcome.stderr)")
            #expect(try await api.names(of: "configmaps").count == 1)
        }
    }

    @Test("Where the DaemonSet is refused, what it would have used is deleted, without a Job too")
    func refused() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.refused(403, "Forbidden", "no Job for you"), resource: "jobs")
            try await api.fail(
                .refused(403, "Forbidden", "not you"), verb: "create", resource: "daemonsets", dryRun: false)
            try await api.plugin(Self.command).expectStatus(3)
            #expect(try await api.created("configmaps").count == 1)
            try await api.expectDeleted(["daemonsets", "configmaps"])
        }
    }

    @Test("Where the Secret of -i is refused, a ConfigMap that no Job takes along is deleted")
    func noSecret() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.refused(403, "Forbidden", "not you"), verb: "create", resource: "secrets")
            try await api.plugin(["--keep", "-i"] + Self.command, input: Data("x".utf8)).expectStatus(3)
            #expect(try await api.created("configmaps").count == 1)
            try await api.expectDeleted(Self.all)
        }
    }

    @Test("What --dry-run prints runs with -f, and brings the agent too; delete removes all of a kept run")
    func dryRun() async throws {
        try await withFakeAPI(nodes: [.init("a", images: [["r.example/pause:3.9"]], .done("hi\n"))]) { api in
            let printed = try await api.plugin("--dry-run", "--host", "--name", "mine", "--", "uptime")
            #expect(printed.text.contains("name: made-by-kubectl-run-once"))
            #expect(try await api.requests.isEmpty)
            try await api.plugin("--keep", "-f", api.write(printed.text, to: "host.yaml")).expectStatus(0)
            let pod = try await api.created("daemonsets")[0].pod
            let map = try await api.created("configmaps")[0]
            #expect(pod["containers"][0]["image"].string == "r.example/pause:3.9")
            #expect(pod["volumes"][1]["configMap"]["name"].string == map["metadata"]["name"].string)
            #expect(try await api.names(of: "configmaps").count == 1)
            try await api.plugin("delete", "mine").expectStatus(0)
            try await api.expectDeleted(Self.all)
        }
    }

    @Test("--dry-run=server prints a List where nodes are of two architectures; this runs as one, changed as well")
    func dryRunOfTwo() async throws {
        let nodes = [
            FakeAPI.Node("a", images: [["r.example/pause:3.9"]], .done("hi\n")),
            .init("b", labels: Self.armNode, images: [["r.example/arm/pause:3.8"]], .done("hi\n")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            let printed = try await api.plugin(
                "--dry-run=server", "--nodes", "[ab]", "--parallel", "1", "--name", "mine", "--host", "--", "sh", "-c",
                "echo\n\necho")
            printed.expectStatus(0)
            // With what is not in the manifest: how it is run, and which nodes are to have a pod.
            let command = "kubectl run-once -f - --nodes '[ab]' --parallel 1"
            #expect(printed.text.hasPrefix("# To run it: \(command)\napiVersion: v1\nkind: List\nitems:\n"))
            #expect(!printed.text.contains(runLabel) && !printed.text.contains("schedulingGates"))
            for resource in Self.all { #expect(try await api.created(resource).isEmpty) }

            let list = printed.text
            let changed = list.replacing("r.example/arm/pause:3.8", with: "r.example/mine:1")
            let outcome = try await api.plugin("-f", api.write(changed, to: "list.yaml"), "--timeout", "2m")
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a, b <==\nhi\n")
            #expect(outcome.stderr.contains("created daemonset/mine and daemonset/mine-arm64 in namespace default"))
            let (sets, maps) = try await (api.created("daemonsets"), api.created("configmaps"))
            #expect(sets.map { $0["metadata"]["name"].string } == ["mine", "mine-arm64"])
            #expect(sets.map { $0.pod["nodeSelector"]["kubernetes.io/arch"].string } == ["amd64", "arm64"])
            let images = ["r.example/pause:3.9", "r.example/mine:1"]
            #expect(sets.map { $0.pod["containers"][0]["image"].string } == images)
            #expect(sets.allSatisfy { $0.pod["containers"][0]["args"].strings == ["sh", "-c", "echo\n\necho"] })
            #expect(maps.map { $0["binaryData"].keys } == [["run-once-amd64", "run-once-arm64"]])
            try await api.expectDeleted(Self.all)

            // One of them alone is a run of its own.
            let parts = list.components(separatedBy: "\n- ")
            let alone = parts[2].replacing("\n  ", with: "\n")
            try await api.plugin("--keep", "-f", api.write(alone, to: "one.yaml")).expectStatus(0)
            #expect(try await api.created("configmaps").last?["binaryData"].keys == ["run-once"])
            #expect(try await api.plugin("list").text.contains("mine-arm64"))
        }
    }

    @Test(
        "A node that no agent is for is not forgotten where what --dry-run=server printed is run: it is not met either",
        arguments: [[], ["--exclude", "b"]])
    func dryRunWithoutAgent(options: [String]) async throws {
        let other = FakeAPI.Node("c", labels: ["kubernetes.io/arch": "s390x"], .failed(1))
        let nodes: [FakeAPI.Node] = [.init("a", .done("hi\n")), .init("b", labels: Self.armNode, .done("hi\n")), other]
        try await withFakeAPI(nodes: nodes) { api in
            let printed = try await api.plugin(["--dry-run=server"] + options + Self.command)
            printed.expectStatus(0)
            #expect(
                printed.stderr.hasPrefix("run-once: c is left out: this program carries agents for amd64 and arm64 "))
            let file = try api.write(printed.text, to: "printed.yaml")
            let outcome = try await api.plugin("-f", file, "--output-dir", "out")
            outcome.expectStatus(1)
            #expect(outcome.stderr.contains("run-once: c is left out: this program carries"), "\(outcome.stderr)")
            let node = try api.summary("out")["nodes"].list.last
            #expect(node?["node"].string == "c" && node?["state"].string == "unmet")
            let kinds = options.isEmpty ? ["amd64", "arm64"] : ["amd64"]
            let sets = try await api.created("daemonsets")
            #expect(sets.map { $0.pod["nodeSelector"]["kubernetes.io/arch"].string } == kinds)
            try await api.plugin("-f", file, "-l", "kubernetes.io/arch in (amd64,arm64)").expectStatus(0)

            try await api.fail(.refused(403, "Forbidden", "no"), resource: "nodes")
            try await api.plugin("-f", file, "--timeout", "2m").expectStatus(options.isEmpty ? 0 : 1)
        }
    }

    @Test(
        "Where nodes may not be listed, --dry-run=server prints what is for the architecture named, and says what it assumes",
        arguments: ["arm64", nil])
    func forbiddenDryRun(architecture: String?) async throws {
        try await withFakeAPI(nodes: [.init("a", labels: Self.armNode, .done("hi\n"))]) { api in
            try await api.fail(.refused(403, "Forbidden", "no"), resource: "nodes")
            let words = architecture.map { ["--arch", $0] } ?? []
            let printed = try await api.plugin(["--dry-run=server"] + words + Self.command)
            printed.expectStatus(0)
            let guess = "run-once: can't list nodes: assuming amd64"
            #expect(printed.lines == (architecture == nil ? [guess] : []))
            let outcome = try await api.plugin("-f", api.write(printed.text, to: "printed.yaml"))
            outcome.expectStatus(0)
            #expect(outcome.lines.contains(guess) == (architecture == nil), "\(outcome.stderr)")
            #expect(
                try await api.created("daemonsets")[0].pod["nodeSelector"]["kubernetes.io/arch"].string == architecture)
            let data = try await api.created("configmaps")[0]["binaryData"]["run-once"].string
            let agent = try Self.agent("run-once", architecture ?? "amd64")
            #expect(data.flatMap { Data(base64Encoded: $0) } == agent)

            let selected = printed.text.replacing("kubernetes.io/arch: arm64", with: "kubernetes.io/arch: s390x")
            guard selected != printed.text else { return }
            let none = try await api.plugin("-f", api.write(selected, to: "s390x.yaml"))
            none.expectStatus(2)
            let line = "error: this program carries agents for amd64 and arm64 only, and not for s390x, which the "
            #expect(none.lines == [line + "manifest selects"])
        }
    }

    @Test(
        "A node that can't get the pause image takes another one that it has, once; who may not change pods is advised")
    func anotherImage() async throws {
        let stuck = FakeAPI.Step.waiting("ErrImagePull", "no such host")
        let images = [["r.example/pause:3.9"], ["r.example/app:1"]]
        let nodes = [
            FakeAPI.Node("a", images: images, .done("hi\n")), .init("b", images: [["r.example/app:2"]], stuck),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            try await api.withPlugin(environment: ["RUN_ONCE_LIMITS": #"{"late": 0}"#]) { process in
                try await process.says(
                    "b: r.example/pause:3.9 can't be had there: tries r.example/app:2, which is there")
                let patches = try await api.requests.filter { $0.method == "PATCH" && $0.path.contains("/pods/") }
                #expect(patches.count == 1 && patches[0].body.contains(#"app:2""#), "\(patches)")
                try await api.play(.done("hi\n"), on: "b")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a, b <==\nhi\n")
            }
            try await api.expectDeleted(Self.all)
        }
        try await withFakeAPI(nodes: [.init("b", images: images, stuck)]) { api in
            try await api.fail(.refused(403, "Forbidden", "not you"), verb: "patch", resource: "pods")
            let outcome = try await api.plugin(environment: ["RUN_ONCE_LIMITS": #"{"late": 0, "agentImage": 1}"#])
            outcome.expectStatus(1)
            let told = "no node that answered can get the agent's image r.example/pause:3.9: "
            let advice = "name one that has the agent with --agent-image, or print the manifest with --dry-run"
            #expect(outcome.stderr.contains(told + advice), "\(outcome.stderr)")
            #expect(!outcome.stderr.contains("tries"))
            #expect(try await api.requests.filter { $0.method == "PATCH" && $0.path.contains("/pods/") }.count == 1)
        }
    }

    @Test("A pod that gets the image after all, before another is tried, keeps it: to change it would kill its task")
    func imageAfterAll() async throws {
        let (stuck, images) = (FakeAPI.Step.waiting("ErrImagePull", "no such host"), [["r.example/pause:3.9"]])
        try await withFakeAPI(
            nodes: [.init("b", images: images + [["r.example/app:2"]], .running)]
        ) { api in
            try await api.withPlugin(environment: ["RUN_ONCE_LIMITS": #"{"late": 0}"#]) { process in
                try await process.says("0 of 1 node done, 1 running")
                try await api.fail(.hanging, verb: "list", resource: "nodes")
                try await api.play(stuck, on: "b")
                try await eventually("the node is asked which images it has") {
                    try await api.requests.contains { $0.query["fieldSelector"] == "metadata.name=b" }
                }
                try await api.play(.running, on: "b")
                try await api.recover()
                try await eventually("the pod is looked at") {
                    try await api.requests.contains {
                        $0.query["fieldSelector"]?.hasPrefix("metadata.name=cat") == true
                    }
                }
                try await api.play(.done("hi\n"), on: "b")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(!outcome.stderr.contains("tries"))
            }
            #expect(try await !api.requests.contains { $0.method == "PATCH" && $0.path.contains("/pods/") })
        }
    }

    @Test("With an image that has the agent nothing is brought")
    func agentImage() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let image = "registry.example/agent:1"
            try await api.plugin(["--agent-image", image] + Self.command).expectStatus(0)
            #expect(try await api.created("configmaps").isEmpty)
            #expect(try await api.created("daemonsets")[0].pod["initContainers"][0]["image"].string == image)
            let printed = try await api.plugin(["--arch", "arm64", "--dry-run"] + Self.command)
            printed.expectStatus(2)
            let same = "error: --dry-run prints the same manifest for all architectures: leave out --arch\n"
            #expect(printed.stderr == same)
            let arch = try await api.plugin(["--arch", "arm64", "--agent-image", image] + Self.command)
            arch.expectStatus(2)
            #expect(
                arch.stderr == "error: --arch is for the agent that this program carries: leave it out, or what "
                    + "names an image of the agent (-f, --agent-image, $RUN_ONCE_AGENT_IMAGE)\n")
        }
    }
}

extension PluginTests {
    @Test(
        "A plugin without agents says so, and how to go on; it takes the image that has them",
        .enabled(if: !carriesAgents, "this one carries agents"))
    func withoutAgents() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let version = try await api.plugin("--version")
            #expect(version.text.hasSuffix("\ncarries no agents: --agent-image says which image has them\n"))
            let arch = try await api.plugin("--arch", "amd64")
            arch.expectStatus(2)
            #expect(
                arch.stderr
                    == "error: --arch: this program was built without agents: --agent-image says which image has them\n"
            )
            let printed = try await api.plugin("--dry-run", "--host", "--", "uptime")
            let volume =
                "volumes:\n      - configMap:\n          name: made-by-kubectl-run-once\n        name: agent\n      -"
            let manifest = printed.text.replacing("volumes:\n      -", with: volume)
            let outcome = try await api.plugin("-f", api.write(manifest, to: "host.yaml"))
            outcome.expectStatus(2)
            #expect(
                outcome.lines.count == 1
                    && outcome.stderr.contains(
                        "takes the agent from this program, which was built without: ")
            )
            #expect(try await api.created("jobs").isEmpty)
        }
    }
}
