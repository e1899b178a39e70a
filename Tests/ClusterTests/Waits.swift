import TestSupport
import Testing

extension ClusterTests {
    @Suite("Waits") struct Waits {
        @Test("An image that takes long to come is named while it is pulled, and with the nodes that wait for it")
        func pull() async throws {
            try await withSite { site in
                // No name can be looked up there: that takes a while.
                let manifest = try site.manifest(image: "registry.example/none:1")
                let outcome = try await site.runOnce("-f", manifest, "-t", "14s")
                outcome.expectStatus(124)
                let line = "run-once: node-1, node-2, node-3: pulling image registry.example/none:1\n"
                #expect(outcome.stderr.contains(line), "\(outcome.stderr)")
                #expect(outcome.stderr.contains("0 of 3 nodes done, 3 starting: node-1, node-2, node-3 ("))
                try await site.expectNothingLeft()
            }
        }

        @Test("The last nodes are shown after a while, and pods that take long to go, with what Ctrl-C does")
        func deletion() async throws {
            try await withSite { site in
                let manifest = try site.manifest(task: "block", ignoringSignals: true)
                let outcome = try await site.runOnce("-f", manifest, "-t", "13s")
                outcome.expectStatus(124)
                #expect(outcome.stderr.contains("\n0 of 3 nodes done, 3 running: node-1, node-2, node-3\n"))
                let isTold = outcome.stderr.contains("\nrun-once: deleting 3 pods; Ctrl-C leaves them\n")
                #expect(isTold, "\(outcome.stderr)")
                try await site.expectNothingLeft()
            }
        }
    }
}
