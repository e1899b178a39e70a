import TestSupport
import Testing

extension ClusterTests {
    @Suite("Waits") struct Waits {
        @Test("An image that takes long to come is named while it is pulled, and with the nodes that wait for it")
        func pull() async throws {
            // A registry that takes a connection, and never answers.
            let registry = """
                import socket, time
                server = socket.create_server(("127.0.0.1", 0))
                print(server.getsockname()[1], flush=True)
                time.sleep(600)
                """
            try await withSite { site in
                try await withProcess(["python3", "-c", registry]) { registry in
                    try await eventually("the registry is there") { registry.text.hasSuffix("\n") }
                    let image = "127.0.0.1:\(registry.text.dropLast())/none:1"
                    let outcome = try await site.runOnce("-f", site.manifest(image: image), "-t", "24s")
                    outcome.expectStatus(124)
                    let soon = outcome.lines(with: ": pulling image \(image)").filter { !$0.contains("not done: ") }
                    #expect(Cluster.nodes.allSatisfy { soon.joined().contains($0) }, "\(outcome.stderr)")
                    #expect(outcome.stderr.contains("0 of 3 nodes done, 3 starting: node-1"), "\(outcome.stderr)")
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("The last nodes are shown after a while, and pods that take long to go, with what Ctrl-C does")
        func deletion() async throws {
            try await withSite { site in
                let manifest = try site.manifest(task: "block", ignoringSignals: true)
                let outcome = try await site.runOnce("-f", manifest, "-t", "20s")
                outcome.expectStatus(124)
                #expect(outcome.stderr.contains("\n0 of 3 nodes done, 3 running: node-1, node-2, node-3\n"))
                let isTold = outcome.stderr.contains("\nrun-once: deleting 3 pods; Ctrl-C leaves them\n")
                #expect(isTold, "\(outcome.stderr)")
                try await site.expectNothingLeft()
            }
        }
    }
}
