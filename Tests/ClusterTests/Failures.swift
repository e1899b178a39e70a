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
                    let outcome = try await site.runOnce("hosts", "--output-dir", results)
                    outcome.expectStatus(1)
                    #expect(outcome.text.contains("node-1"))
                    #expect(outcome.text.contains("node-3"))
                    #expect(
                        outcome.lines(with: "node-2: failed") == [
                            "run-once: node-2: failed with exit code 1: "
                                + "cat-etc-hosts: /node/etc/hosts: Permission denied"
                        ])
                    #expect(try names(in: results) == Cluster.nodes.map { $0 + ".log" } + ["summary.json"])
                    for node in ["node-1", "node-3"] {
                        let hosts = try contents(Cluster.hostsFile(of: node))
                        #expect(try contents("\(results)/\(node).log") == hosts)
                    }
                    #expect(try Summary(in: results).nodes[1].exitCode == 1)
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
                try await site.withRun("-f", site.manifest(task: task), "--output-dir", results) { plugin in
                    try await plugin.says("node-1: failed with exit code 7: ")
                    try await plugin.says("node-2: failed with exit code 9\n")
                    try site.open("go-on")
                    let outcome = try await plugin.outcome()
                    outcome.expectStatus(1)
                    #expect(outcome.results == "==> node-3 <==\ndone\n")
                    #expect(
                        outcome.stderr.contains(
                            """
                            node-1: failed with exit code 7: first <line>
                                second "line"

                            """))
                    #expect(outcome.stderr.contains("1 of 3 nodes done, 2 failed"))
                    let summary = try Summary(in: results).nodes
                    #expect(summary.map(\.state) == ["failed", "failed", "done"])
                    #expect(summary[0].exitCode == 7)
                    #expect(summary[0].reason == "first <line>\nsecond \"line\"")
                }
                #expect(site.starts() == Cluster.nodes)
                try await site.expectNothingLeft()
            }
        }

        @Test(
            """
            An init container that fails is tried again: a node where it then succeeds is done, one where it never \
            does is named with what it said
            """)
        func initContainer() async throws {
            try await withSite { site in
                let manifest = try site.edit(
                    site.manifest(), "      containers:\n",
                    """
                          initContainers:
                            - name: shaky
                              image: busybox:stable
                              imagePullPolicy: IfNotPresent
                              command:
                                - sh
                                - -c
                                - |
                                  [ -e /run/tried ] && [ $NODE != node-2 ] && exit
                                  touch /run/tried
                                  echo 'no "space" {' >&2
                                  exit 3
                              env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
                              terminationMessagePolicy: FallbackToLogsOnError
                              volumeMounts: [{name: run, mountPath: /run}]
                          containers:

                    """)
                let outcome = try await site.runOnce("-f", manifest, "-t", "45s")
                outcome.expectStatus(124)
                #expect(outcome.results == "==> node-1 <==\nnode-1\n\n==> node-3 <==\nnode-3\n")
                let told = "not done: node-2: container shaky ended with exit code 3: no \"space\" {"
                #expect(outcome.lines(with: told).count == 1, "\(outcome.stderr)")
                #expect(!outcome.stderr.contains(": failed"), "\(outcome.stderr)")
                #expect(site.starts() == ["node-1", "node-3"])
                try await site.expectNothingLeft()
            }
        }

        @Test(
            """
            With --output-dir the whole logs of failed nodes are there too, and what a node had written when its time \
            ran out, marked as partial; who was killed for its memory is told so
            """)
        func everyLog() async throws {
            try await withSite { site in
                let script = """
                    case $NODE in
                        node-1) echo begin; head -c 2000m /dev/zero | tail ;;
                        node-2) seq 5000; exit 7 ;;
                        node-3) echo so far; sleep 1000 ;;
                    esac
                    """
                let results = site.directory + "/results"
                let outcome = try await site.runOnce(
                    "--image", "busybox:stable", "--name", "logs", "--output-dir", results, "-t", "75s",
                    "--", "sh", "-c", script)
                outcome.expectStatus(124)
                #expect(outcome.results == "")
                let killed = outcome.lines(with: "node-1: failed with exit code 137: OOMKilled: ")
                #expect(killed.count == 1, "\(outcome.stderr)")
                #expect(outcome.lines(with: "not done: node-3: still running").count == 1, "\(outcome.stderr)")

                let summary = try Summary(in: results)
                #expect(summary.schema == 1)
                #expect(summary.run.name == "logs")
                #expect(summary.run.namespace == site.namespace)
                #expect(summary.run.started.contains(/^20..-..-..T..:..:..Z$/))
                #expect(summary.run.verdict == "timed-out")
                #expect(summary.nodes.map(\.node) == Cluster.nodes)
                #expect(summary.nodes.map(\.state) == ["failed", "failed", "running"])
                #expect(summary.nodes.map(\.exitCode) == [137, 7, nil])
                #expect(summary.nodes.map(\.partial) == [false, false, true])
                let logs = try Cluster.nodes.map { node in
                    String(decoding: try contents("\(results)/\(node).log"), as: UTF8.self)
                }
                #expect(logs[0].hasPrefix("begin\n"))
                // What comes over standard error may come between any two lines of standard output.
                let written = logs[1].split(separator: "\n").filter { !$0.hasPrefix("run-once: ") }
                let isWhole = written == (1...5000).map { "\($0)" }
                #expect(isWhole, "\(logs[1].count) characters")
                #expect(logs[2] == "so far\n")
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
                try await site.withRun("-f", site.manifest(task: task), "--fail-fast") { plugin in
                    try await plugin.says("1 of 3 nodes done")
                    try site.open("node-1-is-fetched")
                    let outcome = try await plugin.outcome()
                    outcome.expectStatus(1)
                    #expect(outcome.results == "==> node-1 <==\nearly\n")
                    #expect(outcome.stderr.contains("node-2: failed with exit code 7"))
                    #expect(outcome.stderr.contains("node-3"))
                }
                try await site.expectNothingLeft()
            }
        }
    }
}
