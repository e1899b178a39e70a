import FoundationEssentials
import TestSupport
import Testing

@testable import Orchestrator

@Suite("The agent that the program carries") struct CarriedAgents {
    private let run = RunIdentity(name: "mine", value: "value")
    private static let programs: [String: [UInt8]] = ["run-once": [1, 2, 3], "cat-etc-hosts": [4]]
    private let agent = CarriedAgent([.init(architecture: "amd64", programs: programs, pauseImage: "r/pause:1")])

    @Test(
        "A built-in manifest starts what the ConfigMap holds, in the user's image or one that every node has; the rest stays",
        arguments: [
            (BuiltIn.anyCommand, ["/run-once/run-once", "--"], "busybox:stable", "run-once"),
            (.hostCommand, ["/run-once/run-once", "--host", "--"], "registry.k8s.io/pause:3.10", "run-once"),
            (.etcHosts, ["/run-once/cat-etc-hosts"], "registry.k8s.io/pause:3.10", "cat-etc-hosts"),
        ])
    func expected(_ manifest: BuiltIn, command: [String], image: String, program: String) {
        let daemonSet = manifest.daemonSet
        var carried = CarriedAgent.expected(by: daemonSet)
        #expect(!CarriedAgent.isExpected(by: daemonSet) && CarriedAgent.isExpected(by: carried))
        var task = carried["spec"]["template"]["spec"]["containers"].elements[0]
        #expect(task["command"] == .array(command.map { .string($0) }))
        #expect(task["image"] == .string(image))
        #expect(
            task["readinessProbe"]["exec"]["command"] == [.string("/run-once/\(program)"), "--ready", "--wait", "3000"])
        #expect(carried["spec"]["template"]["spec"]["initContainers"] == .null)
        #expect(agent.asStarted(by: [carried]).kits[0].programs.keys.sorted() == [program])

        let mount: JSON = ["name": "agent", "mountPath": "/run-once", "readOnly": true]
        #expect(task["volumeMounts"].elements.last == mount)
        #expect(
            carried["spec"]["template"]["spec"]["volumes"].elements.last == [
                "name": "agent", "configMap": ["name": "made-by-kubectl-run-once", "defaultMode": 0o555],
            ])

        let before = daemonSet["spec"]["template"]["spec"]["containers"].elements[0]
        for field in ["command", "image", "readinessProbe"] { task[field] = before[field] }
        task["volumeMounts"].elements.removeLast()
        #expect(task == before)
        var pod = carried["spec"]["template"]["spec"]
        pod["containers"] = daemonSet["spec"]["template"]["spec"]["containers"]
        pod["initContainers"] = daemonSet["spec"]["template"]["spec"]["initContainers"]
        pod["volumes"].elements.removeLast()
        carried["spec"]["template"]["spec"] = pod
        #expect(carried == daemonSet)
    }

    private func manifest(_ volumes: JSON, image: JSON = "registry.k8s.io/pause:3.10", command: JSON = "/bin/x") -> JSON
    {
        [
            "spec": [
                "template": [
                    "spec": [
                        "volumes": volumes, "containers": [["name": "task", "image": image, "command": [command]]],
                    ]
                ]
            ]
        ]
    }

    private func given(to daemonSet: JSON) -> [JSON] {
        agent.divided([daemonSet]).map { CarriedAgent.given(to: $0, by: run) }
    }

    @Test(
        "A tag and a digest of one repository may be one image, two tags or two digests are not",
        arguments: [
            ("r/pause:3.10", "r/pause:3.10", true), ("r/pause:3.10", "r/pause@sha256:1", true),
            ("r:5000/pause@sha256:1", "r:5000/pause:3.9", true), ("r:5000/pause", "r:5000/pause@sha256:1", true),
            ("r/pause:3.10", "r/pause:3.9", false), ("r/pause@sha256:1", "r/pause@sha256:2", false),
            ("r/pause:3.10", "r/app@sha256:1", false),
        ])
    func namesOfImages(one: String, other: String, isSame: Bool) {
        #expect(CarriedAgent.isSame(one, other) == isSame && CarriedAgent.isSame(other, one) == isSame)
    }

    @Test("A run's ConfigMap and the nodes' own name of the pause image take the places that are held for them")
    func given() {
        let other: JSON = ["name": "mine", "configMap": ["name": "other"]]
        let expected = manifest([other, ["name": "a", "configMap": ["name": "made-by-kubectl-run-once", "x": 1]]])
        #expect(
            given(to: expected) == [
                manifest(
                    [other, ["name": "a", "configMap": ["name": .string(run.jobName), "x": 1]]], image: "r/pause:1")
            ])
        let twice = manifest([
            ["name": "a", "configMap": ["name": "made-by-kubectl-run-once"]],
            ["name": "b", "configMap": ["name": "made-by-kubectl-run-once"]],
        ])
        #expect(!CarriedAgent.isExpected(by: given(to: twice)[0]))
        let user = manifest([other])
        #expect(!CarriedAgent.isExpected(by: user))
        #expect(CarriedAgent.given(to: user, by: run) == user)
        #expect(Parcel.all(of: run, in: expected) == [])
        #expect(Parcel.all(of: run, in: given(to: expected)[0]) == [.agent])
    }

    @Test("The nodes get only what is started; all, where a manifest starts it from elsewhere")
    func started() {
        let started = agent.asStarted(by: [manifest([], command: "/run-once/run-once")]).kits[0]
        #expect(started.programs == ["run-once": [1, 2, 3]] && started.pauseImage == "r/pause:1")
        #expect(agent.asStarted(by: [manifest([], command: "/x/run-once")]).kits[0].programs.count == 2)
    }

    @Test("The ConfigMap is the run's, nobody changes it, and the Job takes it along", arguments: ["uid", nil])
    func configMap(owner: String?) {
        let map = agent.configMap(of: run, owner: owner)
        #expect(map["kind"] == "ConfigMap" && map["apiVersion"] == "v1" && map["immutable"] == true)
        #expect(map["binaryData"] == ["run-once": "AQID", "cat-etc-hosts": "BA=="])
        #expect(map["metadata"]["name"].string == run.jobName)
        #expect(map["metadata"]["labels"] == ["run-once-daemonset/run": "value"])
        let owners = map["metadata"]["ownerReferences"].elements
        #expect(owners.map { $0["uid"] } == (owner == nil ? [] : ["uid"]))
        #expect(owners.allSatisfy { $0["kind"] == "Job" && $0["name"].string == run.jobName })
    }

    @Test(
        "Pause as most nodes name it, by tag where it has one; where not all do, an image that all have, if there is one",
        arguments: [
            ([], nil), ([["docker.io/library/busybox:stable"], []], nil),
            ([["r/pauses:1", "r/unpause:1"], ["", "@sha256:1", "<none>@<none>"]], nil),
            (
                [["registry.k8s.io/pause@sha256:1", "registry.k8s.io/pause:3.10", "r/app:1"]],
                "registry.k8s.io/pause:3.10"
            ),
            ([["registry.k8s.io/pause@sha256:1"]], "registry.k8s.io/pause@sha256:1"),
            ([["pause"]], "pause"), ([["r:5000/eks/pause:3.5", "s/app:1"]], "r:5000/eks/pause:3.5"),
            ([["docker.io/rancher/mirrored-pause:3.6"]], "docker.io/rancher/mirrored-pause:3.6"),
            ([["r/pause:3.9"], ["r/pause:3.8"], ["r/pause:3.8", "r/pause:3.8"]], "r/pause:3.8"),
            ([["r/pause:3.9", "r/pause:3.9"], ["r/pause:3.8"], ["r/pause:3.8"]], "r/pause:3.8"),
            ([["r/pause:3.9", "r/pause:3.8"]], "r/pause:3.9"),
            ([["r/pause:3.9", "r/proxy:1", "r/proxy@sha256:1"], ["r/proxy:1", "r/proxy@sha256:1"]], "r/proxy:1"),
            ([["r/pause:3.9", "r/app:1"], ["r/other:1"]], "r/pause:3.9"),
        ] as [([[String]], String?)])
    func pause(images: [[String]], name: String?) {
        #expect(CarriedAgent.carrier(of: images) == name)
    }

    @Test("For several architectures there is a DaemonSet each: the first has the run's name, all one ConfigMap")
    func several() {
        let other = CarriedAgent.Kit(
            architecture: "arm64", programs: ["run-once": [5]], pauseImage: "r/pause@sha256:arm")
        var both = agent
        both.kits.append(other)
        both = both.asStarted(by: [manifest([], command: "/run-once/run-once")])
        #expect(
            both.configMap(of: run, owner: nil)["binaryData"] == ["run-once-amd64": "AQID", "run-once-arm64": "BQ=="])
        var expected = manifest([["name": "a", "configMap": ["name": "made-by-kubectl-run-once"]]])
        expected["metadata"]["name"] = "mine"
        expected["apiVersion"] = "apps/v1"
        expected["kind"] = "DaemonSet"
        let divided = both.divided([expected])
        // Printed, and read again.
        #expect(JSON.daemonSets(ofOneRun: divided) == divided && both.divided(divided) == divided)
        let made = divided.map { CarriedAgent.given(to: $0, by: run) }
        #expect(made.map { $0["metadata"]["name"].string } == ["mine", "mine-arm64"])
        #expect(made.map { $0["metadata"]["labels"] } == [.null, ["run-once-daemonset/beside": "arm64"]])
        for (daemonSet, architecture) in zip(made, ["amd64", "arm64"]) {
            let pod = daemonSet["spec"]["template"]["spec"]
            #expect(pod["nodeSelector"] == ["kubernetes.io/arch": .string(architecture)])
            let map = pod["volumes"].elements[0]["configMap"]
            #expect(map["name"].string == run.jobName)
            #expect(map["items"] == [["key": .string("run-once-\(architecture)"), "path": "run-once"]])
        }
        let images = made.map { $0["spec"]["template"]["spec"]["containers"].elements[0]["image"] }
        #expect(images == ["r/pause:1", "r/pause@sha256:arm"])
    }

    @Test("What is printed for one architecture does not choose it, unless the user named it, who sees no other node")
    func printed() {
        let manifest = manifest([])
        func architecture(_ agent: CarriedAgent, _ named: String?) -> String? {
            agent.printed([manifest], for: named)[0].architecture
        }
        var among = agent
        among.withoutAgent = ["c": "no agent"]
        #expect(among.divided([manifest])[0].architecture == "amd64")
        #expect(architecture(agent, nil) == nil && architecture(among, nil) == nil)
        #expect(architecture(agent, "amd64") == "amd64" && architecture(among, "amd64") == nil)
    }

    private func daemonSet(_ name: String, _ architecture: JSON, beside: JSON = .null, in namespace: JSON = .null)
        -> JSON
    {
        var one: JSON = ["apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": ["name": .string(name)]]
        one["metadata"]["labels"] = ["run-once-daemonset/beside": beside, "own": "label"]
        if beside == .null { one["metadata"]["labels"] = ["own": "label"] }
        one["metadata"]["namespace"] = namespace
        one["spec"]["template"]["spec"]["nodeSelector"]["kubernetes.io/arch"] = architecture
        return one
    }

    @Test(
        "DaemonSets in one manifest are one run where each is for another architecture, as --dry-run=server prints them"
    )
    func ofOneRun() {
        let first = daemonSet("mine", "amd64")
        let second = daemonSet("mine-arm64", "arm64", beside: "arm64")
        #expect(JSON.daemonSets(ofOneRun: [first, second]) == [first, second])
        #expect(JSON.daemonSets(ofOneRun: [second, first]) == [first, second])
        #expect(JSON.daemonSets(ofOneRun: [second]) == [daemonSet("mine-arm64", "arm64")])
        let config: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "x"]]
        for others in [
            [first, config], [first, first], [second, second], [first, second, second], [],
            [daemonSet("mine", .null), second], [daemonSet("mine", "arm64"), second],
            [daemonSet("other", "amd64"), second],
            [first, daemonSet("mine-arm64", "arm64")], [first, daemonSet("mine-arm64", "riscv64", beside: "arm64")],
            [first, daemonSet("mine-arm64", "arm64", beside: "arm64", in: "team")],
        ] {
            #expect(JSON.daemonSets(ofOneRun: others) == nil, "\(others)")
        }
    }

    private func chosen(_ found: [String: String]?, _ named: String? = nil) throws(Refusal) -> [String] {
        try Architectures(found: found, carried: ["amd64", "arm64"]).chosen(named: named)
    }

    @Test(
        "The architectures are the nodes' own; where they may not be listed, or there are none, it is the user's word")
    func architecture() throws {
        #expect(try chosen(["arm64": "n"]) == ["arm64"])
        #expect(try chosen(["arm64": "n"], "arm64") == ["arm64"])
        #expect(try chosen(["arm64": "b", "amd64": "a"]) == ["amd64", "arm64"])
        #expect(try chosen(["riscv64": "c", "arm64": "b"]) == ["arm64"])
        #expect(try chosen(["riscv64": "c", "arm64": "b"], "arm64") == ["arm64"])
        #expect(try chosen(nil) == ["amd64"])
        #expect(try chosen(nil, "arm64") == ["arm64"])
        #expect(try chosen([:]) == ["amd64"])
        #expect(try chosen([:], "arm64") == ["arm64"])
    }

    @Test("Where there is an agent for none of the nodes, or the user says otherwise than they, he is told")
    func noAgent() {
        #expect(
            throws: Refusal.usage(
                """
                node c is riscv64: this program carries agents for amd64 and arm64 only; name an image that has this node's \
                agent with --agent-image, or leave it out with -l 'kubernetes.io/arch in (amd64,arm64)'
                """)
        ) { try chosen(["riscv64": "c"]) }
        #expect(
            throws: Refusal.usage(
                "this program carries agents for amd64 and arm64 only, and not for s390x, which the manifest selects")
        ) { try chosen(nil, "s390x") }
        #expect(throws: Refusal.usage("--arch amd64: the nodes are arm64, such as b: leave it out")) {
            try chosen(["arm64": "b"], "amd64")
        }
        #expect(
            throws: Refusal.usage(
                """
                --arch arm64: the nodes are amd64, such as a, and arm64, such as b: leave it out; -l \
                kubernetes.io/arch=arm64 chooses among them
                """)
        ) { try chosen(["amd64": "a", "arm64": "b"], "arm64") }
    }
}
