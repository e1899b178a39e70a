import Foundation
import Glibc
import TestSupport
import Testing

extension ClusterTests {
    @Suite("Leaving and coming back") struct Leaving {
        @Test("A run is detached, listed, followed by two at once with all results, and deleted")
        func detached() async throws {
            try await withSite { site in
                let manifest = try site.manifest(task: "\(Site.wait("end")); echo result of $NODE")
                let detached = try await site.runOnce("-f", manifest, "--detach", "--keep-for", "10m")
                detached.expectStatus(0)
                #expect(detached.text == "task\n")
                #expect(detached.lines(with: "kubectl run-once attach task --namespace=\(site.namespace)").count == 1)

                let list = try await site.runOnce("list")
                list.expectStatus(0)
                let table = /NAME .*\ntask +running +\d\/\d +\d+s +in 1[45]m[0-9s]* +.*task.yaml.*\n/
                #expect(list.text.wholeMatch(of: table) != nil, "\(list.text)")
                let all = try await site.runOnce("list", "-A")
                #expect(all.text.contains("\n\(site.namespace) "))

                let exists = try await site.runOnce("-f", manifest)
                exists.expectStatus(3)
                #expect(exists.lines(with: "    kubectl run-once attach task").count == 1)

                try await site.withRun("attach", "task", "--output-dir", site.directory + "/results") { one in
                    try await site.withRun("attach", "task") { two in
                        try await one.says("0 of 3 nodes done")
                        try await two.says("0 of 3 nodes done")
                        try site.open("end")
                        for look in [one, two] {
                            let outcome = try await look.outcome()
                            outcome.expectStatus(0)
                            #expect(outcome.text.hasPrefix("==> node-1 <==\nresult of node-1\n\n==> node-2 <=="))
                        }
                    }
                }
                #expect(try Summary(in: site.directory + "/results").nodes.allSatisfy { $0.state == "done" })
                // Whoever comes when all is done gets the same.
                try await site.runOnce("attach", "task").expectStatus(0)
                #expect(site.starts() == Cluster.nodes)

                let deletion = try await site.runOnce("delete", "task")
                deletion.expectStatus(0)
                try await site.expectNothingLeft()
                let gone = try await site.runOnce("attach", "task")
                gone.expectStatus(3)
                #expect(gone.lines(with: "run task not found").count == 1)
            }
        }

        @Test("After SIGKILL of a run's client somebody else gets all results, and deletes what it left")
        func killed() async throws {
            try await withSite { site in
                let task = "\(Site.wait("end")); [ $NODE != node-2 ] || exit 7; echo result of $NODE"
                try await site.withRun("-f", site.manifest(task: task)) { plugin in
                    try await plugin.says("0 of 3 nodes done")
                    plugin.send(SIGKILL)
                    _ = try await plugin.end()
                }
                // What it left on this machine.
                for folder in try names(in: site.directory) where folder.hasPrefix("run-once") {
                    try FileManager.default.removeItem(atPath: "\(site.directory)/\(folder)")
                }
                try await site.withRun("attach", "task") { look in
                    try await look.says("0 of 3 nodes done")
                    try site.open("end")
                    let outcome = try await look.outcome()
                    outcome.expectStatus(1)
                    #expect(outcome.results == "==> node-1 <==\nresult of node-1\n\n==> node-3 <==\nresult of node-3\n")
                    #expect(outcome.lines(with: "node-2: failed with exit code 7").count == 1)
                }
                try await site.runOnce("delete", "task").expectStatus(0)
                try await site.expectNothingLeft()
            }
        }
    }
}
