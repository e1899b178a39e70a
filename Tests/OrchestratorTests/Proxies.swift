import Foundation
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

    @Test("Nobody waits for a kubectl that serves nothing, also where a child of its own holds its output")
    func silentWrapper() async throws {
        try await withFakeAPI { api in
            try api.writeProgram("kubectl", "#!/bin/sh\nsleep 61.7 &\nwait\n")
            var kubectl = Kubectl()
            kubectl.variables["PATH"] = "\(api.programs):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
            let folder = try WorkDirectory()
            defer { folder.remove() }
            let proxy = Proxy(kubectl, serverHasPath: false, in: folder) { _ in }
            await #expect(throws: NoAnswer.self) { try await proxy.start(limit: 0.2) }
        }
        killProcesses(mentioning: "sleep\u{0}61.7")
    }
}
