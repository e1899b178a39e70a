import Foundation
import TestSupport
import Testing

extension ClusterTests {
    @Suite("The main job") struct MainJob {
        @Test("Each node's own hosts file arrives byte for byte, and nothing is left")
        func differentHosts() async throws {
            try await withSite { site in
                let hosts = [
                    "node-1": "127.0.0.1 localhost\n10.0.0.1 node-1\n",
                    "node-2": "127.0.0.1 localhost\n\n# no newline at the end",
                    "node-3": "\t127.0.0.1 löcalhost\n10.0.0.3 node-3\n\n",
                ]
                let results = site.directory + "/results"
                let outcome = try await Cluster.withHosts(hosts) {
                    try await site.runOnce("hosts", "--output-dir", results)
                }
                outcome.expectStatus(0)
                #expect(
                    outcome.text == """
                        ==> node-1 <==
                        \(hosts["node-1"]!)
                        ==> node-2 <==
                        \(hosts["node-2"]!)

                        ==> node-3 <==
                        \(hosts["node-3"]!)
                        """)
                for (node, text) in hosts {
                    #expect(try contents("\(results)/\(node).log") == Data(text.utf8))
                }
                let summary = try Summary(in: results).nodes
                #expect(summary.map(\.node) == Cluster.nodes)
                #expect(summary.allSatisfy { $0.state == "done" && $0.exitCode == 0 && $0.seconds != nil })
                #expect(try Summary(in: results).run.verdict == "done")
                try await site.expectNothingLeft()
            }
        }

        @Test(
            """
            Nodes with the same hosts file are shown once; relative paths and blanks in them do no harm, and standard \
            input is left alone
            """)
        func equalHosts() async throws {
            try await withSite { site in
                let text = "127.0.0.1 localhost\n10.0.0.1 the-same-everywhere\n"
                let hosts = Dictionary(uniqueKeysWithValues: Cluster.nodes.map { ($0, text) })
                let folder = site.directory + "/a folder"
                for (file, name) in [
                    (repositoryRoot + "/daemonset.yaml", "the manifest.yaml"), (Cluster.adminConfig, "the config"),
                ] {
                    try site.write(String(contentsOfFile: file, encoding: .utf8), to: "a folder/\(name)")
                }
                let command = site.plugin("-f", "the manifest.yaml", "--output-dir", "the results")
                let outcome = try await Cluster.withHosts(hosts) {
                    try await run(
                        shell(#""$@"; status=$?; cat; exit "$status""#, command),
                        environment: site.environment.merging(["TMPDIR": folder, "KUBECONFIG": "the config"]) { $1 },
                        input: Data("left alone\n".utf8), directory: folder, timeout: .seconds(180))
                }
                outcome.expectStatus(0)
                #expect(outcome.text == "==> node-1, node-2, node-3 <==\n" + text + "left alone\n")
                #expect(try names(in: folder + "/the results") == Cluster.nodes.map { $0 + ".log" } + ["summary.json"])
                #expect(try names(in: folder) == ["the config", "the manifest.yaml", "the results"])
                try await site.expectNothingLeft()
            }
        }

        @Test(
            "The oldest kubectl that is supported does the same",
            .enabled(
                if: OldKubectl.isGiven,
                """
                needs kubectl 1.20, such as that of Debian's kubernetes-client: \
                RUN_ONCE_OLD_KUBECTL=the directory that holds it
                """))
        func oldKubectl() async throws {
            try await withSite { site in
                let task = """
                    case $NODE in
                        node-2) echo "no such luck" >&2; exit 7 ;;
                        *) printf 'from %s' $NODE ;;
                    esac
                    """
                let command = try site.plugin("-f", site.manifest(task: task))
                let path = OldKubectl.directory + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
                let outcome = try await run(
                    command, environment: site.environment.merging(["PATH": path]) { $1 }, timeout: .seconds(180))
                outcome.expectStatus(1)
                #expect(outcome.results == "==> node-1 <==\nfrom node-1\n\n==> node-3 <==\nfrom node-3\n")
                #expect(outcome.stderr.contains("node-2: failed with exit code 7: no such luck\n"))
                try await site.expectNothingLeft()
            }
        }
    }
}
