import Foundation
import TestSupport
import Testing

extension ClusterTests {
    @Suite("Results") struct Results {
        @Test("Large, binary, empty, without a final newline: each result is what the task wrote, to the byte")
        func outputs() async throws {
            try await withSite { site in
                let lines = Data((1...100_000).map { "line \($0)" }.joined(separator: "\n").utf8)
                let outputs = ["node-1": binary(9 << 20), "node-2": Data(), "node-3": lines]
                for (node, bytes) in outputs { try bytes.write(to: URL(filePath: "\(site.directory)/\(node).out")) }
                let results = site.directory + "/results"
                let outcome = try await site.runOnce(
                    "-f", site.manifest(task: "cat /test/$NODE.out"), "--output-dir", results)
                outcome.expectStatus(0)
                for (node, bytes) in outputs {
                    // Not the bytes themselves, which would all be shown.
                    let same = try contents("\(results)/\(node).log") == bytes
                    #expect(same, "\(node)")
                }
                let all = [
                    Data("==> node-1 <==\n".utf8), outputs["node-1"]!, Data("\n\n==> node-2 <==\n".utf8),
                    Data("\n==> node-3 <==\n".utf8), lines, Data("\n".utf8),
                ]
                let printed = outcome.stdout == Data(all.joined())
                #expect(printed)
                try await site.expectNothingLeft()
            }
        }

        @Test("-o prefix for pipes, -o json for programs: each node's result, a failed one's in the document too")
        func formats() async throws {
            try await withSite { site in
                let task = "echo one of $NODE; printf 'a \"b\"\\\\'; [ $NODE != node-2 ] || exit 1"
                let manifest = try site.manifest(task: task)
                let prefix = try await site.runOnce("-f", manifest, "-o", "prefix", "-q")
                prefix.expectStatus(1)
                #expect(
                    prefix.text.split(separator: "\n").sorted() == [
                        #"node-1: a "b"\"#, "node-1: one of node-1", #"node-3: a "b"\"#, "node-3: one of node-3",
                    ])
                let json = try await site.runOnce("-f", manifest, "-o", "json")
                json.expectStatus(1)
                let nodes = "[.nodes[] | [.node, .state, .result]]"
                let read = try await run(["jq", "-c", nodes], input: json.stdout)
                #expect(
                    read.text == """
                        [["node-1","done","one of node-1\\na \\"b\\"\\\\"],["node-2","failed","one of node-2\\na \\"b\\"\\\\"],\
                        ["node-3","done","one of node-3\\na \\"b\\"\\\\"]]

                        """)
                try await site.expectNothingLeft()
            }
        }

        /// Bytes of all values, with two exceptions: newlines are rare, since a node keeps no more than 10 MiB of a
        /// log, in which a line takes some fifty bytes more; and there is no CR LF, of which containerd drops the CR.
        private func binary(_ count: Int) -> Data {
            var state: UInt32 = 1
            var block = Data(
                (0..<65_537).map { _ in
                    state = state &* 1_664_525 &+ 1_013_904_223
                    return UInt8(state >> 24)
                })
            for index in block.indices where block[index] == 0x0A && (index % 16 != 1 || block[index - 1] == 0x0D) {
                block[index] = 0x0B
            }
            var bytes = Data()
            while bytes.count < count { bytes += block }
            return bytes.prefix(count)
        }

        @Test("Only the nodes that are named, and not those that are left out; a name that no node has is refused")
        func named() async throws {
            try await withSite { site in
                let manifest = try site.manifest()
                let outcome = try await site.runOnce("-f", manifest, "--nodes", "node-3,node-1", "--exclude=node-1")
                outcome.expectStatus(0)
                #expect(outcome.text == "==> node-3 <==\nnode-3\n")
                let unknown = try await site.runOnce("-f", manifest, "--exclude", "node-9")
                unknown.expectStatus(2)
                #expect(unknown.stderr == "error: no node is called node-9\n")
                #expect(site.starts() == ["node-3"])
                try await site.expectNothingLeft()
            }
        }

        @Test("Of several containers the task is the one of the annotation, or of --container, an init container too")
        func otherContainers() async throws {
            try await withSite { site in
                let helper = """
                    image: busybox:stable
                    imagePullPolicy: IfNotPresent
                    command: [sleep, "3600"]
                    """.replacing("\n", with: "\n          ")
                let beside = try site.edit(
                    site.edit(
                        site.manifest("beside", task: "echo result"), "      containers:\n",
                        """
                              containers:
                                - name: side
                                  \(helper)

                        """),
                    "labels: {task: beside}",
                    """
                    labels: {task: beside}, \
                    annotations: {kubectl.kubernetes.io/default-container: task}
                    """)
                let before = try site.write(
                    """
                    apiVersion: apps/v1
                    kind: DaemonSet
                    metadata: {name: before}
                    spec:
                      selector: {matchLabels: {task: before}}
                      template:
                        metadata: {labels: {task: before}}
                        spec:
                          terminationGracePeriodSeconds: 1
                          tolerations: [{operator: Exists}]
                          initContainers:
                            - name: work
                              image: busybox:stable
                              imagePullPolicy: IfNotPresent
                              command: [sh, -c, 'echo hi from $NODE; [ $NODE != node-3 ] || exit 4']
                              env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
                          containers:
                            - name: pause
                              image: busybox:stable
                              imagePullPolicy: IfNotPresent
                              command: [sleep, "3600"]
                    """, to: "before.yaml")
                async let annotatedRun = site.runOnce("-f", beside)
                async let namedRun = site.runOnce("-f", before, "--container", "work")
                let (annotated, named) = try await (annotatedRun, namedRun)
                annotated.expectStatus(0)
                #expect(annotated.text == "==> node-1, node-2, node-3 <==\nresult\n")
                // Its first end counts: what kubelet tries again is a second run that nobody asked for.
                named.expectStatus(1)
                #expect(named.results == "==> node-1 <==\nhi from node-1\n\n==> node-2 <==\nhi from node-2\n")
                #expect(named.lines(with: "node-3: failed with exit code 4").count == 1, "\(named.stderr)")

                let unnamed = try await site.runOnce("-f", before)
                unnamed.expectStatus(2)
                #expect(unnamed.lines(with: "container pause has no readiness probe").count == 1)
                #expect(unnamed.stderr.contains("--container work"))
                try await site.expectNothingLeft()
            }
        }

        @Test("A result that can't be fetched: its node is named, the other results are kept")
        func unfetchable() async throws {
            try await withSite { site in
                // Who may not delete pods either leaves them to the garbage collector.
                try await site.allowViewer(
                    "run-once",
                    to: """
                        - {apiGroups: [apps], resources: [daemonsets], verbs: [create, get, list, watch, delete]}
                        - {apiGroups: [""], resources: [pods, events], verbs: [get, list, watch]}
                        """)
                // Without this right no run begins.
                try await site.allowViewer("logs", to: "- {apiGroups: [\"\"], resources: [pods/log], verbs: [get]}")
                let results = site.directory + "/results"
                let manifest = try site.manifest(task: "\(Site.wait("end")); echo result of $NODE")
                try await site.asViewer.withRun("-f", manifest, "--output-dir", results) { plugin in
                    try await eventually("the tasks have started") { site.starts() == Cluster.nodes }
                    for node in ["node-1", "node-3"] {
                        try await site.allowViewer(
                            "log-of-\(node)",
                            to: """
                                - {apiGroups: [""], resources: [pods/log], verbs: [get], \
                                   resourceNames: [\(site.pod(on: node))]}
                                """)
                    }
                    try await site.kubectl("delete", "rolebinding", "logs")
                    try await eventually("the other log is forbidden") {
                        try await run([
                            "kubectl", "--kubeconfig", Cluster.viewerConfig, "--namespace", site.namespace,
                            "auth", "can-i", "get", "pods", "--subresource=log",
                        ]).text == "no\n"
                    }
                    try site.open("end")
                    // It tries for half a minute.
                    let outcome = try await plugin.outcome(within: .seconds(180))
                    outcome.expectStatus(1)
                    #expect(outcome.results == "==> node-1 <==\nresult of node-1\n\n==> node-3 <==\nresult of node-3\n")
                    let told = outcome.lines(with: "node-2: done, but its result can't be fetched: ")
                    #expect(told.count == 1, "\(outcome.stderr)")
                    #expect(outcome.stderr.contains("3 of 3 nodes done, 1 without a result, in "))
                    #expect(try names(in: results) == ["node-1.log", "node-3.log", "summary.json"])
                    #expect(try Summary(in: results).nodes.map(\.state) == ["done", "unfetched", "done"])
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("Only the nodes of a selector, in the whole grammar of label selectors")
        func selected() async throws {
            try await withSite { site in
                let selector = """
                    kubernetes.io/hostname in (node-1, node-2),kubernetes.io/hostname notin (node-1),!no-such-label,\
                    kubernetes.io/os==linux,kubernetes.io/hostname!=node-3,kubernetes.io/arch
                    """
                let outcome = try await site.runOnce("-f", site.manifest(), "-l", selector)
                outcome.expectStatus(0)
                #expect(outcome.text == "==> node-2 <==\nnode-2\n")
                #expect(site.starts() == ["node-2"])
                try await site.expectNothingLeft()
            }
        }
    }
}
