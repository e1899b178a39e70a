import Foundation
import TestSupport
import Testing

extension ClusterTests {
    @Suite("Runs that can't be") struct Refusals {
        @Test("Where no node is meant the run says so, and nothing is called done")
        func noNode() async throws {
            try await withSite { site in
                let outcome = try await site.runOnce("hosts", "-l", "there-is=no-such-label")
                outcome.expectStatus(2)
                #expect(outcome.text == "")
                #expect(outcome.stderr == "error: no node matches -l there-is=no-such-label\n")
                try await site.expectNothingLeft()
            }
        }

        // PodSecurity, the other one that rejects pods, is not in Kubernetes 1.20.
        @Test("Where a quota rejects pods the run says why, and keeps the results of those that it does not reject")
        func quota() async throws {
            async let none: Void = expectRejection(pods: 0)
            async let some: Void = expectRejection(pods: 1)
            _ = try await (none, some)
        }

        private func expectRejection(pods: Int) async throws {
            try await withSite { site in
                try await site.kubectl("create", "quota", "few", "--hard=pods=\(pods)")
                try await eventually("the quota holds") {
                    try await site.kubectl("get", "quota", "few", "-o", "jsonpath={.status.hard.pods}") == "\(pods)"
                }
                let outcome = try await site.runOnce("-f", site.manifest(task: "echo the one"))
                outcome.expectStatus(3)
                #expect(outcome.text.contains(/\A==> node-. <==\nthe one\n\z/) == (pods == 1))
                let told = outcome.lines(with: "the cluster rejects pods: ")
                #expect(told.count == 1 && told[0].contains("exceeded quota: few"), "\(outcome.stderr)")
                try await site.expectNothingLeft()
            }
        }

        @Test("Of two runs that start at the same moment one runs; the other says so and leaves it alone")
        func atOnce() async throws {
            try await withSite { site in
                let manifest = try site.manifest(task: Site.wait("end"))
                try await site.withRun("-f", manifest) { one in
                    try await site.withRun("-f", manifest) { two in
                        try await eventually("one has ended") { !one.isRunning || !two.isRunning }
                        let (winner, loser) = one.isRunning ? (one, two) : (two, one)
                        let refused = try await loser.outcome()
                        refused.expectStatus(3)
                        #expect(refused.stderr.contains("daemonset/task exists already and was left alone"))
                        try await expectExistingToBeLeftAlone(site, "-f", manifest)
                        try site.open("end")
                        try await winner.outcome().expectStatus(0)
                    }
                }
                #expect(site.starts() == Cluster.nodes)
                try await site.expectNothingLeft()
            }
        }

        /// Expects a further run under the same name to be refused, and to change nothing.
        private func expectExistingToBeLeftAlone(_ site: Site, _ arguments: String...) async throws {
            try await eventually("all pods are there") { site.starts() == Cluster.nodes }
            let before = try await site.objects("{.items[*].metadata.uid}")
            let outcome = try await run(site.plugin() + arguments, environment: site.environment)
            outcome.expectStatus(3)
            #expect(outcome.text == "")
            #expect(try await site.objects("{.items[*].metadata.uid}") == before)
        }

        @Test(
            """
            A manifest that is none, holds no DaemonSet or more than one, or one that can't work: one line says what \
            and where, nothing is created
            """)
        func badManifests() async throws {
            try await withSite { site in
                let good = try String(contentsOfFile: site.manifest(), encoding: .utf8)
                func edit(_ part: String, _ replacement: String) throws -> String {
                    try site.edit(site.manifest(), part, replacement)
                }
                let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\n"
                let twice = try site.write("\(good)---\n\(good)", to: "twice.yaml")
                let bad: [(status: Int32, says: String, manifest: String)] = try [
                    (2, "not the manifest of a DaemonSet", site.write("{", to: "broken.yaml")),
                    (2, "holds no object", site.write("", to: "empty.yaml")),
                    (2, "missing.yaml: can't be read: No such file or directory", site.directory + "/missing.yaml"),
                    (2, "must hold one DaemonSet of apps/v1 and nothing else", site.write(map, to: "other.yaml")),
                    (2, "but holds apps/v1 DaemonSet, apps/v1 DaemonSet", twice),
                    (2, "but holds apps/v1 DaemonSet, v1 ConfigMap", site.write("\(good)---\n\(map)", to: "more.yaml")),
                    (2, "the cluster refused it", edit("matchLabels: {task: task}", "matchLabels: {task: other}")),
                    (2, "imagePullPolic", edit("imagePullPolicy", "imagePullPolic")),
                    (2, "container task has no readiness probe", edit("readinessProbe", "livenessProbe")),
                    (
                        2, "which container is the task? name it with --container: task, side",
                        edit(
                            "      volumes:",
                            """
                                    - {name: side, image: busybox:stable, command: [sleep, "3600"]}
                                  volumes:
                            """)
                    ),
                ]
                for (status, text, manifest) in bad {
                    let outcome = try await site.runOnce("-f", manifest)
                    outcome.expectStatus(status)
                    #expect(outcome.text == "")
                    #expect(outcome.lines(with: text).count == 1, "\(outcome.stderr)")
                    #expect(outcome.stderr.split(separator: "\n").count == 1, "\(outcome.stderr)")
                }
                try await site.expectNothingLeft()
            }
        }

        @Test(
            "Before Kubernetes 1.27 no pod can wait for its turn: --parallel is refused, and nothing is created",
            .enabled("this cluster is newer") { try await !Cluster.knowsGates })
        func parallel() async throws {
            try await withSite { site in
                let outcome = try await site.runOnce("-f", site.manifest(), "--parallel", "1")
                outcome.expectStatus(2)
                #expect(outcome.text == "")
                #expect(outcome.lines(with: "--parallel takes Kubernetes 1.27 or later").count == 1)
                #expect(outcome.stderr.split(separator: "\n").count == 1, "\(outcome.stderr)")
                try await site.expectNothingLeft()
            }
        }

        @Test("A wrong context, a missing namespace, a cluster that is not there: one line, nothing created")
        func unreachable() async throws {
            try await withSite { site in
                let manifest = try site.manifest()
                let nobody = try site.write(
                    String(contentsOfFile: Cluster.adminConfig, encoding: .utf8).replacing(":16443", with: ":1"),
                    to: "nobody.conf")
                for (text, arguments) in [
                    ("no cluster can be reached", ["--context", "nowhere"]),
                    ("no cluster can be reached", ["--kubeconfig", nobody]),
                    ("no cluster can be reached", ["--kubeconfig", site.directory + "/missing.conf"]),
                    ("namespace there-is-no-such-namespace not found", ["--namespace", "there-is-no-such-namespace"]),
                ] {
                    let outcome = try await run(
                        site.plugin("-f", manifest) + arguments, environment: site.environment, timeout: .seconds(180))
                    outcome.expectStatus(3)
                    #expect(outcome.text == "")
                    #expect(outcome.lines(with: text).count == 1, "\(outcome.stderr)")
                    #expect(outcome.stderr.split(separator: "\n").count == 1, "\(outcome.stderr)")
                }
                try await site.expectNothingLeft()
            }
        }
    }
}
