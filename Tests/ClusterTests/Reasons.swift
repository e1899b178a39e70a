import TestSupport
import Testing

extension ClusterTests {
    @Suite("Pods that don't start") struct Reasons {
        // Three runs at a time, since all that each of them does is to wait.
        @Test("What keeps pods from starting is told soon, once, with all the nodes; the run ends with the timeout")
        func pending() async throws {
            try await withSite { site in
                let image = try site.manifest("image", image: "127.0.0.1:1/no-such-image:1")
                let cpu = try site.manifest("cpu", cpu: "1000")
                let hostPath = try site.manifest("file", hostPath: "/there/is/no-such-file")
                try await site.withRun("-f", image, "-t", "20s") { image in
                    try await site.withRun("-f", cpu, "-t", "20s") { cpu in
                        try await site.withRun("-f", hostPath, "-t", "20s") { hostPath in
                            try await expect(image, toSay: /(ErrImagePull|ImagePullBackOff): .*no-such-image/)
                            try await expect(cpu, toSay: /Unschedulable: .*Insufficient cpu/)
                            try await expect(hostPath, toSay: /FailedMount: .*no-such-file is not a file/)
                        }
                    }
                }
                #expect(site.starts(of: "image") + site.starts(of: "cpu") + site.starts(of: "file") == [])
                try await site.expectNothingLeft()
            }
        }

        private func expect(
            _ script: Running, toSay reason: Regex<some Any>, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let outcome = try await script.outcome()
            outcome.expectStatus(124, sourceLocation: sourceLocation)
            #expect(outcome.text == "", sourceLocation: sourceLocation)
            let said = outcome.stderr.split(separator: "\n").filter { $0.contains(reason) }
            let told = said.filter { $0.hasPrefix("run-once-daemonset: node-1, node-2, node-3: ") }
            #expect(!told.isEmpty, "\(outcome.stderr)", sourceLocation: sourceLocation)
            #expect(Set(told).count == told.count, "\(outcome.stderr)", sourceLocation: sourceLocation)
            let end = said.filter { $0.hasPrefix("run-once-daemonset: not done: node-1, node-2, node-3: ") }
            #expect(end.count == 1, "\(outcome.stderr)", sourceLocation: sourceLocation)
        }
    }
}
