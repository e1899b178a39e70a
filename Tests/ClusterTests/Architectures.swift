import TestSupport
import Testing

extension ClusterTests.DeadNodes {
    @Test(
        """
        Nodes of two architectures are one run on the real cluster, and so is the List that --dry-run=server prints of it
        """,
        .enabled("arm64 programs do not run here: qemu's binfmt would have them") { await runsArm64() })
    func mixed() async throws {
        try await withSite { site in
            func label(_ architecture: String) async throws {
                // A kubelet of 1.20 says both when it registers, and then leaves them as they are.
                let labels = ["kubernetes.io/arch", "beta.kubernetes.io/arch"].map { "\($0)=\(architecture)" }
                try await Cluster.kubectl(["label", "node", "node-3", "--overwrite"] + labels)
            }
            try await undoing({
                try await label("arm64")
                // Not with --host: qemu has several threads, and such a process can't enter a mount namespace.
                let command = ["--name", "mine", "--image", "busybox:stable", "--", "echo", "hi"]
                let printed = try await run(
                    site.plugin("--dry-run=server") + command, environment: site.environment, timeout: .seconds(180))
                printed.expectStatus(0)
                #expect(try await site.objects("{.items[*].metadata.name}") == "")
                let list = try site.write(printed.text, to: "list.yaml")
                for arguments in [command, ["-f", list]] {
                    let outcome = try await run(
                        site.plugin() + arguments, environment: site.environment, timeout: .seconds(180))
                    outcome.expectStatus(0)
                    #expect(outcome.text == "==> node-1, node-2, node-3 <==\nhi\n")
                    #expect(outcome.stderr.contains("created daemonset/mine and daemonset/mine-arm64 in namespace"))
                }
                try await site.expectNothingLeft()
            }) {
                try await label("amd64")
            }
        }
    }
}

/// Whether the agent for arm64 runs here.
private func runsArm64() async -> Bool {
    await succeeds(repositoryRoot + "/.build/agents/arm64/run-once", "--help")
}
