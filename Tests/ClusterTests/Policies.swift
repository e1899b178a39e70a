import TestSupport
import Testing

extension ClusterTests {
    @Suite("What others do to a run") struct Policies {
        @Test("A DaemonSet that somebody restarts while its tasks run: each of them runs once, and it is told")
        func rolloutRestart() async throws {
            try await withSite { site in
                let task =
                    "echo $NODE >>\(site.directory)/starts; until [ -e \(site.directory)/go ]; do sleep 0.2; done"
                try await site.withRun("--name", "mine", "--host", "--", "sh", "-c", task) { plugin in
                    let starts = {
                        (try? contents(site.directory + "/starts")).map { String(decoding: $0, as: UTF8.self) }
                    }
                    try await eventually("all tasks have started") { starts()?.split(separator: "\n").count == 3 }
                    try await site.kubectl("rollout", "restart", "daemonset/mine")
                    try await plugin.says("somebody changed what daemonset/mine asks for")
                    try site.open("go")
                    let outcome = try await plugin.outcome()
                    outcome.expectStatus(0)
                    #expect(outcome.stderr.contains("3 nodes done in"))
                    #expect(starts()?.split(separator: "\n").sorted().map(String.init) == Cluster.nodes)
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("A LimitRange that gives containers a hundredth of a processor leaves a run as it is")
        func limitRange() async throws {
            try await withSite { site in
                let range = """
                    apiVersion: v1
                    kind: LimitRange
                    metadata: {name: small}
                    spec: {limits: [{type: Container, default: {cpu: 10m}, defaultRequest: {cpu: 1m}}]}
                    """
                try await site.kubectl("create", "-f", site.write(range, to: "range.yaml"))
                let outcome = try await site.runOnce("--image", "busybox:stable", "--", "echo", "hi")
                outcome.expectStatus(0)
                #expect(outcome.text == "==> node-1, node-2, node-3 <==\nhi\n")
                try await site.expectNothingLeft()
            }
        }
    }
}
