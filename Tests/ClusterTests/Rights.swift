import TestSupport
import Testing

extension ClusterTests {
    @Suite("Users with few rights") struct Rights {
        @Test("Rights in the namespace are enough, also without Jobs: one line says what is left out")
        func namespaceOnly() async throws {
            try await withSite { site in
                try await site.allowViewer(
                    "run-once",
                    to: """
                        - {apiGroups: [apps], resources: [daemonsets], verbs: [create, get, list, watch, delete]}
                        - {apiGroups: [""], resources: [pods], verbs: [get, list, watch, deletecollection]}
                        - {apiGroups: [""], resources: [pods/log], verbs: [get]}
                        - {apiGroups: [""], resources: [events], verbs: [list, watch]}
                        """)
                let task = "echo $NODE; [ $NODE != node-1 ] || \(Site.wait("end"))"
                try await site.asViewer.withRun("-f", site.manifest(task: task)) { plugin in
                    try await plugin.says("no permission: can't list nodes, can't create jobs")
                    try site.open("end")
                    let outcome = try await plugin.outcome()
                    outcome.expectStatus(0)
                    #expect(outcome.text == Cluster.nodes.map { "==> \($0) <==\n\($0)\n" }.joined(separator: "\n"))
                    #expect(outcome.lines(with: "should this machine fail").count == 1, "\(outcome.stderr)")
                    #expect(outcome.lines(with: "forbidden") + outcome.lines(with: "(no permission)") == [])
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("Who may not create a DaemonSet is told so")
        func none() async throws {
            try await withSite { site in
                let outcome = try await site.asViewer.runOnce("-f", site.manifest())
                outcome.expectStatus(3)
                #expect(outcome.text == "")
                #expect(outcome.lines(with: #"User "viewer" cannot create"#).count == 1, "\(outcome.stderr)")
                try await site.expectNothingLeft()
            }
        }
    }
}
