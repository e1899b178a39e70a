import Foundation
import TestSupport
import Testing

extension ClusterTests {
    @Suite("Tasks that fail") struct Failures {
        @Test("A hosts file that can't be read: the node is named with the reason, the others' results come")
        func unreadable() async throws {
            try await withSite { site in
                let results = site.directory + "/results"
                try await Cluster.withHosts(["node-2": "10.0.0.2 secret\n"]) {
                    #expect(chmod(Cluster.hostsFile(of: "node-2"), 0o600) == 0)
                    let outcome = try await site.runOnce("-o", results)
                    outcome.expectStatus(1)
                    #expect(outcome.text.contains("node-1"))
                    #expect(outcome.text.contains("node-3"))
                    #expect(outcome.lines(with: "node-2: failed") == [
                        "run-once-daemonset: node-2: failed with exit code 1: "
                            + "cat-etc-hosts: /node/etc/hosts: Permission denied"
                    ])
                    #expect(try names(in: results) == ["node-1.log", "node-3.log", "summary.json"])
                    for node in ["node-1", "node-3"] {
                        let hosts = try contents(Cluster.hostsFile(of: node))
                        #expect(try contents("\(results)/\(node).log") == hosts)
                    }
                    #expect(try NodeSummary.read(in: results)[1].exitCode == 1)
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("A failure is told at once, with all the task said; the run goes on for the other nodes")
        func someFail() async throws {
            try await withSite { site in
                let task = """
                    case $NODE in
                        node-1) echo "first <line>"; echo 'second "line"'; exit 7 ;;
                        node-2) exit 9 ;;
                        node-3) \(Site.wait("go-on")); echo done ;;
                    esac
                    """
                let results = site.directory + "/results"
                try await site.withRun("-f", site.manifest(task: task), "-o", results) { script in
                    try await script.says("node-1: failed with exit code 7: ")
                    try await script.says("node-2: failed with exit code 9: Error\n")
                    try site.open("go-on")
                    let outcome = try await script.outcome()
                    outcome.expectStatus(1)
                    #expect(outcome.text == "==> node-3 <==\ndone\n")
                    #expect(outcome.stderr.contains("""
                        node-1: failed with exit code 7: first <line>
                            second "line"

                        """))
                    #expect(outcome.stderr.contains("nodes: 1 of 3 done, 2 failed, 0 not reached"))
                    let summary = try NodeSummary.read(in: results)
                    #expect(summary.map(\.state) == ["failed", "failed", "done"])
                    #expect(summary[0].exitCode == 7)
                    #expect(summary[0].reason == "first <line>\nsecond \"line\"\n")
                }
                #expect(site.starts() == Cluster.nodes)
                try await site.expectNothingLeft()
            }
        }

        @Test("An init container that fails is a failure of its node, with what it said")
        func initContainer() async throws {
            try await withSite { site in
                let manifest = try String(contentsOfFile: site.manifest(), encoding: .utf8)
                    .replacing("      containers:\n", with: """
                              initContainers:
                                - name: fine
                                  image: busybox:stable
                                  imagePullPolicy: IfNotPresent
                                  command: ["true"]
                                - name: wrong
                                  image: busybox:stable
                                  imagePullPolicy: IfNotPresent
                                  command: [sh, -c, "echo 'no \\"space\\" left {' >&2; exit 3"]
                                  terminationMessagePolicy: FallbackToLogsOnError
                              containers:

                        """)
                let outcome = try await site.runOnce("-f", site.write(manifest, to: "init.yaml"))
                outcome.expectStatus(1)
                #expect(outcome.text == "")
                let said = #"failed with exit code 3: no "space" left {"#
                for node in Cluster.nodes {
                    #expect(outcome.lines(with: "\(node): \(said)").count == 1, "\(outcome.stderr)")
                }
                #expect(site.starts() == [])
                try await site.expectNothingLeft()
            }
        }

        @Test("With --fail-fast the first failure ends the run")
        func failFast() async throws {
            try await withSite { site in
                let task = """
                    [ $NODE != node-1 ] || echo early
                    [ $NODE = node-1 ] || \(Site.wait("node-1-is-fetched"))
                    [ $NODE != node-2 ] || exit 7
                    [ $NODE != node-3 ] || \(Site.wait("never"))
                    """
                try await site.withRun("-f", site.manifest(task: task), "--fail-fast") { script in
                    try await script.says("1 of 3 done")
                    try site.open("node-1-is-fetched")
                    let outcome = try await script.outcome()
                    outcome.expectStatus(1)
                    #expect(outcome.text == "==> node-1 <==\nearly\n")
                    #expect(outcome.stderr.contains("node-2: failed with exit code 7"))
                    #expect(outcome.stderr.contains("node-3"))
                }
                try await site.expectNothingLeft()
            }
        }
    }
}
