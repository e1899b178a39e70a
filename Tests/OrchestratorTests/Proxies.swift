import TestSupport
import Testing
@testable import Orchestrator

@Suite("The way to a cluster", .enabled(if: hasKubectl, "kubectl is not installed")) struct ProxyTests {
    @Test("All who wait for a proxy that does not start are told why, in kubectl's words")
    func noStart() async throws {
        try await withTemporaryDirectory { directory in
            try await withCluster(kubeconfig: directory + "/none", socketIn: directory) { cluster in
                let whys = await each([1, 2], atOnce: 2) { _ in
                    do throws(NoAnswer) {
                        try await cluster.api.proxy.start(limit: 60)
                        return "it started"
                    } catch {
                        return error.reason
                    }
                }
                #expect(whys.count == 2 && whys.allSatisfy { $0.contains("/none: no such file") }, "\(whys)")
            }
        }
    }
}
