import TestSupport
import Testing

extension ClusterTests {
    @Suite("Pods that don't start") struct Reasons {
        // Runs at the same time, since all that each of them does is to wait.
        @Test("What keeps pods from starting is told soon and once, at the timeout with all the nodes")
        func pending() async throws {
            try await withSite { site in
                let image = try site.manifest("image", image: "127.0.0.1:1/no-such-image:1")
                let cpu = try site.manifest("cpu", cpu: "1000")
                let hostPath = try site.manifest("file", hostPath: "/there/is/no-such-file")
                try await site.withRun("-f", image, "-t", "30s") { image in
                    try await site.withRun("-f", cpu, "-t", "30s") { cpu in
                        try await site.withRun("-f", hostPath, "-t", "30s") { hostPath in
                            async let hopeless: Void = expectHopelessEnds(site)
                            try await expect(image, toSay: /(ErrImagePull|ImagePullBackOff): .*no-such-image/)
                            try await expect(cpu, toSay: /Unschedulable: .*Insufficient cpu/)
                            try await expect(hostPath, toSay: /FailedMount: .*no-such-file is not a file/)
                            try await hopeless
                        }
                    }
                }
                #expect(site.starts(of: "image") + site.starts(of: "cpu") + site.starts(of: "file") == [])
                try await site.expectNothingLeft()
            }
        }

        /// Expects runs that nothing can help to end long before their time is up.
        private func expectHopelessEnds(_ site: Site) async throws {
            let manifest = try site.manifest("name", image: "Not/Valid")
            async let namedWrong = site.runOnce("-f", manifest)
            async let withoutAgent = site.runOnce(
                "--agent-image", "127.0.0.1:1/no-agent:1", "--image", "busybox:stable", "--", "true")
            let (name, agent) = try await (namedWrong, withoutAgent)
            name.expectStatus(1)
            // Those that are seen within a second share a line.
            let failed = name.lines(with: ": failed: InvalidImageName: ")
            #expect(nodes(in: failed) == Cluster.nodes, "\(name.stderr)")
            agent.expectStatus(1)
            let told = agent.lines(with: "127.0.0.1:1/no-agent:1: ")
            #expect(told.contains { $0.contains("--agent-image") }, "\(agent.stderr)")
        }

        private func expect(
            _ plugin: Running, toSay reason: Regex<some Any>, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let outcome = try await plugin.outcome()
            outcome.expectStatus(124, sourceLocation: sourceLocation)
            #expect(outcome.results == "", sourceLocation: sourceLocation)
            let said = outcome.stderr.split(separator: "\n").filter { $0.contains(reason) }
            // A reason is told once, with the nodes that have it by then; at the end with all. Kubelets that are not at
            // the same step say it in other words.
            let end = said.filter { $0.hasPrefix("run-once: not done: ") }
            let soon = said.filter { !end.contains($0) }
            #expect(
                !soon.isEmpty && Set(soon).count == soon.count, "\(outcome.stderr)",
                sourceLocation: sourceLocation)
            #expect(
                end.count <= 2 && nodes(in: end) == Cluster.nodes, "\(outcome.stderr)",
                sourceLocation: sourceLocation)
        }

        /// The nodes that lines are about, as often as they are named.
        private func nodes(in lines: [Substring]) -> [String] {
            lines.flatMap { $0.matches(of: /node-\d(?=[,:])/).map { String($0.output) } }.sorted()
        }
    }
}
