import Foundation
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
                    try await site.withRun("-f", site.manifest(image: image)) { plugin in
                        // A kubelet may be late, so that its node is not among those that are told first.
                        let waiting = "node-1, node-2, node-3 (pulling image \(image))"
                        try await plugin.says("\n0 of 3 nodes done, 3 starting: \(waiting)\n")
                        kill(-plugin.pid, SIGINT)
                        let outcome = try await plugin.outcome()
                        outcome.expectStatus(130)
                        #expect(!outcome.lines(with: ": pulling image \(image)").isEmpty, "\(outcome.stderr)")
                    }
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("The last nodes are shown after a while, and pods that take long to go, with what Ctrl-C does")
        func deletion() async throws {
            try await withSite { site in
                let manifest = try site.manifest(task: "block", ignoringSignals: true)
                try await site.withRun("-f", manifest) { plugin in
                    try await plugin.says("\n0 of 3 nodes done, 3 running: node-1, node-2, node-3\n")
                    kill(-plugin.pid, SIGINT)
                    try await plugin.says("\nrun-once: deleting 3 pods; Ctrl-C leaves them\n")
                    try await plugin.outcome().expectStatus(130)
                }
                try await site.expectNothingLeft()
            }
        }
    }
}
