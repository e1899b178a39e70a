import TestSupport
import Testing

extension ClusterTests {
    @Suite("No image of ours on any node", .enabled("a node has one", { try await noNodeHasOurImage() }))
    struct NoRegistry {
        @Test("A command runs in a stock image, as another user than root and with a root that nobody can write to")
        func anyCommand() async throws {
            try await withSite { site in
                let script = "id -u; touch /here 2>/dev/null || ls /run-once"
                let outcome = try await site.runOnce("--image", "busybox:stable", "--", "sh", "-c", script)
                outcome.expectStatus(0)
                #expect(
                    outcome.text == """
                        ==> node-1, node-2, node-3 <==
                        65532
                        run-once

                        """)
                try await site.expectNothingLeft()
                #expect(try await noNodeHasOurImage())
            }
        }

        @Test("The built-in task runs in the image that every node has")
        func hosts() async throws {
            try await withSite { site in
                let outcome = try await site.runOnce("hosts")
                outcome.expectStatus(0)
                for node in Cluster.nodes {
                    let hosts = try String(decoding: contents(Cluster.hostsFile(of: node)), as: UTF8.self)
                    #expect(outcome.text.contains("==> \(node) <==\n\(hosts)"))
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("A command on the node runs in the image that every node has")
        func host() async throws {
            try await withSite { site in
                let outcome = try await site.runOnce("--host", "--", "uname", "-r")
                outcome.expectStatus(0)
                let version = try await run(["uname", "-r"]).text
                #expect(outcome.text == "==> node-1, node-2, node-3 <==\n\(version)")
                try await site.expectNothingLeft()
            }
        }

        @Test(
            "An agent that may not be executed, as on a noexec volume, fails at once with that reason and --agent-image"
        )
        func noExecution() async throws {
            try await withSite { site in
                // The container runtime has the same words for it; runc takes noexec from what is mounted read-only.
                let printed = try await site.runOnce("--dry-run", "--host", "--", "echo", "never")
                let manifest = try site.write(printed.text, to: "host.yaml")
                let closed = try site.edit(manifest, "defaultMode: 365", "defaultMode: 292")
                let outcome = try await site.runOnce("-f", closed)
                outcome.expectStatus(1)
                let told =
                    "the node lets nothing be executed that is in a ConfigMap (noexec): name an image that has the agent"
                #expect(outcome.stderr.contains("failed: \(told) with --agent-image"), "\(outcome.stderr)")
                try await site.expectNothingLeft()
            }
        }

        @Test("What --dry-run prints runs with -f as it is")
        func dryRun() async throws {
            try await withSite { site in
                let printed = try await site.runOnce("--dry-run", "--image", "busybox:stable", "--", "echo", "hi")
                let outcome = try await site.runOnce("-f", site.write(printed.text, to: "printed.yaml"))
                outcome.expectStatus(0)
                #expect(outcome.text == "==> node-1, node-2, node-3 <==\nhi\n")
                try await site.expectNothingLeft()
            }
        }
    }
}

private func noNodeHasOurImage() async throws -> Bool {
    guard Cluster.isGiven else { return false }
    return try await !Cluster.kubectl("get", "nodes", "-o", "jsonpath={..images[*].names}").contains("cat-etc-hosts")
}
