import Foundation
import TestSupport
import Testing

extension ClusterTests {
    @Suite("Commands that read standard input, and commands on the node itself") struct Reach {
        @Test("Standard input reaches the command on every node, byte for byte up to 1 MiB, and no Secret is left")
        func input() async throws {
            try await withSite { site in
                let content = binary(1 << 20)
                let options = ["-i", "--image", "busybox:stable", "--"]
                async let script = run(
                    site.plugin() + options + ["sh", "-s", "a b"], environment: site.environment,
                    input: Data("for word; do echo \"$word on $NODE\"; done\n".utf8), timeout: .seconds(180))
                async let bytes = run(
                    site.plugin() + options + ["sha256sum"], environment: site.environment, input: content,
                    timeout: .seconds(180))
                let outcomes = try await (script: script, bytes: bytes)
                outcomes.script.expectStatus(0)
                let each = Cluster.nodes.map { "==> \($0) <==\na b on \($0)\n" }
                #expect(outcomes.script.text == each.joined(separator: "\n"))
                outcomes.bytes.expectStatus(0)
                let sum = try await run(["sha256sum"], input: content).text
                #expect(outcomes.bytes.text == "==> node-1, node-2, node-3 <==\n\(sum)")
                try await site.expectNoSecret()
                try await site.expectNothingLeft()
            }
        }

        @Test("Who may not create Secrets is told so, and nothing is left")
        func inputForbidden() async throws {
            try await withSite { site in
                try await site.allowViewer(
                    "run-once",
                    to: """
                        - {apiGroups: [apps], resources: [daemonsets], verbs: [create, get, list, watch, delete]}
                        - {apiGroups: [batch], resources: [jobs], verbs: [create, delete]}
                        - {apiGroups: [""], resources: [pods], verbs: [get, list, watch]}
                        - {apiGroups: [""], resources: [pods/log], verbs: [get]}
                        - {apiGroups: [""], resources: [configmaps], verbs: [create, delete]}
                        """)
                let outcome = try await site.asViewer.runOnce("-i", "--image", "busybox:stable", "--", "cat")
                outcome.expectStatus(3)
                let told = outcome.lines(with: "error: nothing was created: ")
                #expect(told.count == 1 && told[0].contains(" you may not create secrets, "), "\(outcome.stderr)")
                try await site.expectNothingLeft()
            }
        }

        @Test("A node that forbids it to enter the namespaces of its process 1 is told as that, with what it takes")
        func hostForbidden() async throws {
            try await withSite { site in
                let printed = try await site.runOnce("--dry-run", "--host", "--", "echo", "never")
                let manifest = try site.write(printed.text, to: "host.yaml")
                let outcome = try await site.runOnce(
                    "-f", site.edit(manifest, "privileged: true", "privileged: false"))
                outcome.expectStatus(1)
                #expect(outcome.results == "")
                let reason =
                    "failed with exit code 1: run-once: open /proc/1/ns/uts: Permission denied: "
                    + "the host forbids it; --host takes user 0, a privileged container, hostPID: true, and a node that allows it"
                let told = outcome.lines(with: reason).joined()
                #expect(Cluster.nodes.allSatisfy { told.contains($0) }, "\(outcome.stderr)")
                try await site.expectNothingLeft()
            }
        }

        @Test("A command on a node has the node's files, and no other variables than root has there, and NODE")
        func host() async throws {
            try await withSite { site in
                let hosts = Dictionary(
                    uniqueKeysWithValues: Cluster.nodes.map { ($0, "127.0.0.1 localhost # of \($0)\n") })
                try await Cluster.withHosts(hosts) {
                    // Each node of this machine has files of its own in the mount namespace of its container runtime.
                    async let one = onHost(of: "node-1", site)
                    async let two = onHost(of: "node-2", site)
                    async let three = onHost(of: "node-3", site)
                    for outcome in try await [one, two, three] { outcome.expectStatus(0) }
                    let texts = try await [one.text, two.text, three.text]
                    for (node, text) in zip(Cluster.nodes, texts) {
                        #expect(
                            text == """
                                ==> \(node) <==
                                \(hosts[node] ?? "")/
                                HOME=/root
                                NODE=\(node)
                                PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin

                                """)
                    }
                }
                try await site.expectNothingLeft()
            }
        }

        private func onHost(of node: String, _ site: Site) async throws -> Outcome {
            let script = "cat /etc/hosts; pwd; env -u PWD -u OLDPWD -u SHLVL -u _ | sort"
            return try await site.runOnHost(
                of: node,
                site.runOnce(
                    "--dry-run", "--name", "on-\(node)", "--host", "--", "sh", "-c", script))
        }
    }
}

extension Site {
    /// Runs what --host would, on one node, with the node's container runtime in the place of process 1.
    ///
    /// - Parameter printed: what --dry-run made of it.
    func runOnHost(of node: String, _ printed: Outcome) async throws -> Outcome {
        printed.expectStatus(0)
        let manifest = try write(printed.text, to: "\(node).yaml")
        let edited = try edit(
            manifest, "        - --host\n",
            """
                    - --host
                    - --host-process
                    - "\(Cluster.runtime(of: node))"

            """)
        return try await runOnce("-f", edited, "--nodes", node)
    }

    /// Expects that no run has left a Secret; the cluster deletes it with its owner, at the latest.
    fileprivate func expectNoSecret() async throws {
        try await eventually("no Secret of a run is left") {
            try await kubectl("get", "secrets", "-l", "run-once-daemonset/run", "-o", "name") == ""
        }
    }
}
