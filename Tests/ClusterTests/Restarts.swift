import Glibc
import TestSupport
import Testing

extension ClusterTests {
    @Suite("Containers that are restarted") struct Restarts {
        @Test(
            """
            The agent copies the file once at most, when its container is restarted after a success or a failure; the \
            new log has the result and its seal again
            """)
        func atMostOnce() async throws {
            try await withSite { site in
                try await Cluster.withHosts(["node-1": "not twice\n", "node-2": "not readable at first\n"]) {
                    #expect(chmod(Cluster.hostsFile(of: "node-2"), 0o600) == 0)
                    let outcome = try await site.runOnce("hosts", "--keep")
                    outcome.expectStatus(1)
                    // A Job would delete at its deadline what is to be kept.
                    #expect(try await site.kubectl("get", "jobs", "-o", "name") == "")
                    #expect(chmod(Cluster.hostsFile(of: "node-2"), 0o644) == 0)

                    // The failed one was restarted already; it is Running and never Ready, and so it stays.
                    let (done, failed) = try await (site.pod(on: "node-1"), site.pod(on: "node-2"))
                    try await expectRestarted(failed, in: site, times: 1, ready: false)
                    let reason =
                        "cat-etc-hosts: /run/run-once: "
                        + "the task was started before and did not end in success; it is not run again"
                    let sealedFailure = try Regex("\(reason)\n# run-once .* 0 bytes, sha256 .*, exit status 1")
                    try await expectLog(of: failed, in: site, sealedFailure)
                    for pod in [done, failed] {
                        kill(try #require(try Cluster.process("/run-once/cat-etc-hosts", of: pod)), SIGKILL)
                    }
                    try await expectRestarted(done, in: site, times: 1, ready: true)
                    let sealedSuccess = try Regex("not twice\n# run-once .* 10 bytes, sha256 .*, exit status 0")
                    try await expectLog(of: done, in: site, sealedSuccess)
                    try await expectRestarted(failed, in: site, times: 2, ready: false)
                    try await expectLog(of: failed, in: site, sealedFailure)

                    // What it says removes it does remove it.
                    let kept = try #require(outcome.stderr.firstMatch(of: /kept .* to remove it:\n    (.*)/))
                    try await site.follow(kept.1).expectStatus(0)
                    try await site.expectNothingLeft()
                }
            }
        }

        private func expectLog(of pod: String, in site: Site, _ expected: Regex<AnyRegexOutput>) async throws {
            let log = try await site.kubectl("logs", pod)
            #expect(log.wholeMatch(of: expected) != nil, "\(log)")
        }

        /// Expects the container of a pod to be restarted, to run, and to be as ready as it will ever be.
        private func expectRestarted(_ pod: String, in site: Site, times: Int, ready: Bool) async throws {
            // A second restart comes ten seconds after the first, and a busy kubelet takes its time.
            try await eventually("the container of \(pod) is restarted", within: .seconds(180)) {
                let state = try await site.pod(
                    pod,
                    "{.status.phase} {.status.containerStatuses[0].restartCount}"
                        + " {.status.containerStatuses[0].ready} {.status.containerStatuses[0].state.running}")
                try #require(state.hasPrefix("Running "))
                return state.hasPrefix("Running \(times) \(ready) {")
            }
        }

        @Test("A node whose container is restarted after success counts as done, with the result it had")
        func duringTheRun() async throws {
            try await withSite { site in
                let task = """
                    echo result of $NODE
                    [ $NODE = node-1 ] || \(Site.wait("restarted"))
                    """
                try await site.withRun("-f", site.manifest(task: task)) { plugin in
                    try await plugin.says("1 of 3 nodes done")
                    let pod = try await site.pod(on: "node-1")
                    kill(try #require(try Cluster.process("sh", of: pod)), SIGKILL)
                    try await eventually("its container is restarted") {
                        try await site.pod(pod, "{.status.containerStatuses[0].restartCount}") == "1"
                    }
                    try site.open("restarted")
                    let outcome = try await plugin.outcome()
                    outcome.expectStatus(0)
                    for node in Cluster.nodes {
                        #expect(outcome.text.contains("==> \(node) <==\nresult of \(node)\n"))
                    }
                }
                #expect(site.starts() == Cluster.nodes)
                try await site.expectNothingLeft()
            }
        }
    }
}
