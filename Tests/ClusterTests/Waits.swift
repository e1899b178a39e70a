import TestSupport
import Testing

extension ClusterTests {
    @Suite("Waits") struct Waits {
        @Test("Tasks that take their time to end are told while they are waited for, with what Ctrl-C does")
        func deletion() async throws {
            try await withSite { site in
                let task = "trap '' TERM; echo $NODE; sleep 600 & while :; do wait; done"
                let outcome = try await site.runOnce("--image", "busybox:stable", "-t", "10s", "--", "sh", "-c", task)
                outcome.expectStatus(124)
                #expect(outcome.stderr.contains("3 running: node-1, node-2, node-3\n"), "\(outcome.stderr)")
                let told = outcome.stderr.contains(/run-once: deleting \d pods?; Ctrl-C leaves (it|them)\n/)
                #expect(told, "\(outcome.stderr)")
                try await site.expectNothingLeft()
            }
        }
    }
}
