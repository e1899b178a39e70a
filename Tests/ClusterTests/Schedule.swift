import Foundation
import TestSupport
import Testing

extension ClusterTests {
    @Suite("On a schedule") struct Schedule {
        @Test(
            """
            Examples/cron-job.yaml as it is: its Job's log has each node's result, the Job is complete, and nothing is \
            left of the run
            """)
        func example() async throws {
            try await withSite { site in
                try await site.withCronJob {
                    try await site.startJob("one")
                    #expect(try await site.end(ofJob: "one") == "Complete")
                    let log = try await site.kubectl("logs", "job/one")
                    for node in Cluster.nodes {
                        #expect(log.contains(try Regex("==> \(node) <==\nLinux \\S+ on \(node)\n")), "\(log)")
                    }
                    try await site.expectOnlyTheJob()
                }
            }
        }

        @Test(
            """
            A node that takes a while and then fails makes the Job fail, and nothing is run again; the service account \
            may do all that it asks for, and has no right that it does not use
            """)
        func failure() async throws {
            try await withSite { site in
                let command = "[ $NODE != node-2 ] || { sleep 8; echo no luck >&2; exit 7; }; echo hello from $NODE"
                try await site.withCronJob(running: command) {
                    try await site.startJob("one")
                    #expect(try await site.end(ofJob: "one") == "Failed")
                    let log = try await site.kubectl("logs", "job/one")
                    let results = "==> node-1 <==\nhello from node-1\n\n==> node-3 <==\nhello from node-3\n"
                    #expect(log.contains(results), "\(log)")
                    #expect(log.contains("node-2: failed with exit code 7: no luck\n"), "\(log)")
                    try await site.expectOnlyTheJob()

                    let requests = try site.requests
                    #expect(requests.filter { !$0.isAllowed }.map(\.requestURI) == [])
                    let rights = try await site.rights
                    #expect(rights.count > 10)
                    // These logs prove their results, so that none is taken from its node; and a Job is asked for only
                    // where the answer to its creation was lost.
                    let inTrouble = ["get pods/exec", "create pods/exec", "get jobs.batch"]
                    let unused = rights.subtracting(requests.compactMap(\.right)).map { "\($0)" }
                    #expect(unused.filter { !inTrouble.contains($0) } == [])
                }
            }
        }

        @Test("Deleting the Job in the middle of the run deletes the DaemonSet, too")
        func deleted() async throws {
            try await withSite { site in
                try await site.withCronJob(running: "sleep 1000") {
                    try await site.startJob("one")
                    try await eventually("its tasks are at work", within: .seconds(180)) {
                        try await site.parts("{.items[?(@.status.phase=='Running')].kind}") == "Pod Pod Pod"
                    }
                    try await site.kubectl("delete", "job", "one", "--cascade=background")
                    try await eventually("nothing is left", within: .seconds(120)) {
                        let left = try await (site.objects("{.items[*].kind}"), site.parts("{.items[*].kind}"))
                        return left == ("", "")
                    }
                    // That is its own work, not that of a Job which is left to its deadline.
                    let deleted = try site.requests.filter { $0.verb == "delete" }.compactMap(\.objectRef?.resource)
                    #expect(Set(deleted) == ["configmaps", "daemonsets", "jobs"])
                }
            }
        }
    }
}

extension Site {
    private static let example = repositoryRoot + "/Examples/cron-job.yaml"

    /// Runs `body` while there is what the example creates. It names a namespace in one place only, for a user who
    /// applies it in another.
    ///
    /// - Parameter command: in place of the example's.
    fileprivate func withCronJob(running command: String? = nil, _ body: () async throws -> Void) async throws {
        var manifest = try edit(Site.example, "    namespace: default\n", "    namespace: \(namespace)\n")
        if let command { manifest = try edit(manifest, #"'echo "$(uname -sr) on $NODE"'"#, "'\(command)'") }
        if try await !Cluster.hasCronJobs { manifest = try edit(manifest, " batch/v1\n", " batch/v1beta1\n") }
        try await kubectl("apply", "-f", manifest)
        // Roles for the whole cluster are not deleted with the namespace.
        try await undoing(body) { try await kubectl("delete", "--ignore-not-found", "-f", manifest) }
    }

    /// Has the CronJob start a Job of this name now.
    fileprivate func startJob(_ name: String) async throws {
        // Later kubectls do not know the CronJobs of 1.20.
        let program = try await Cluster.hasCronJobs ? "kubectl" : OldKubectl.directory + "/kubectl"
        try await Cluster.kubectl(
            ["--namespace", namespace, "create", "job", name, "--from=cronjob/run-once"], program: program)
    }

    /// Waits for the end of a Job.
    ///
    /// - Returns: `Complete` or `Failed`.
    fileprivate func end(ofJob name: String) async throws -> String {
        var end: String?
        try await eventually("job/\(name) ends", within: .seconds(150)) {
            let conditions = try await kubectl("get", "job", name, "-o", "jsonpath={.status.conditions[*].type}")
            end = conditions.split(separator: " ").map(String.init).first { ["Complete", "Failed"].contains($0) }
            return end != nil
        }
        return try #require(end)
    }

    /// What `get` says of all that a run can create, with kubectl's JSONPath.
    fileprivate func parts(_ path: String) async throws -> String {
        let kinds = "configmaps,daemonsets,jobs,pods,secrets"
        return try await kubectl("get", kinds, "-l", "run-once-daemonset/run", "-o", "jsonpath=\(path)")
    }

    /// Expects that nothing is left of a run, and that its Job made one pod.
    fileprivate func expectOnlyTheJob(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await parts("{.items[*].metadata.name}") == "", sourceLocation: sourceLocation)
        let kinds = try await objects("{.items[*].kind}")
        #expect(kinds == "Job Pod", sourceLocation: sourceLocation)
    }

    /// What the CronJob's runs asked of the API server.
    fileprivate var requests: [AuditedRequest] {
        get throws { try Cluster.requests(by: "system:serviceaccount:\(namespace):run-once") }
    }

    /// What the example gives a right to: each verb with each resource.
    fileprivate var rights: Set<Right> {
        get async throws {
            struct Role: Decodable { let rules: [Rule] }
            struct Rule: Decodable { let apiGroups: [String], resources: [String], verbs: [String] }
            var rights: Set<Right> = []
            for role in ["role/run-once", "clusterrole/run-once-nodes"] {
                let text = try await kubectl("get", role, "-o", "json")
                for rule in try JSONDecoder().decode(Role.self, from: Data(text.utf8)).rules {
                    for group in rule.apiGroups {
                        for resource in rule.resources {
                            rights.formUnion(rule.verbs.map { Right(verb: $0, group: group, resource: resource) })
                        }
                    }
                }
            }
            return rights
        }
    }
}
