import Foundation
import Glibc
import TestSupport
import Testing

extension ClusterTests {
    @Suite("Interruptions") struct Interruptions {
        /// One node is done at once, the others wait.
        private let task = """
            echo result of $NODE
            [ $NODE = node-1 ] || \(Site.wait("end"))
            """

        // Two runs at a time, since they do not touch each other.
        @Test("Ctrl-C and SIGTERM: what was collected is printed, the DaemonSet is deleted")
        func signals() async throws {
            try await withSite { site in
                let (first, second) = (site.directory + "/first", site.directory + "/second")
                try await site.withRun("-f", site.manifest("one", task: task), "--output-dir", first) { one in
                    try await site.withRun("-f", site.manifest("two", task: task), "--output-dir", second) { two in
                        for run in [one, two] { try await run.says("1 of 3 nodes done") }
                        // A terminal sends it to all processes in the foreground.
                        kill(-one.pid, SIGINT)
                        two.send(SIGTERM)
                        for (plugin, status) in [(one, Int32(130)), (two, 143)] {
                            let outcome = try await plugin.outcome()
                            outcome.expectStatus(status)
                            #expect(outcome.results == "==> node-1 <==\nresult of node-1\n")
                            #expect(outcome.stderr.contains("1 of 3 nodes done, 2 not done"))
                        }
                    }
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("Ctrl-C at any moment: the plugin ends soon, with nothing left")
        func anyMoment() async throws {
            try await withSite { site in
                try await withThrowingTaskGroup { group in
                    let moments = [
                        "created daemonset", "waiting for the first pod", "0 of 3 nodes done", "1 of 3 nodes done",
                    ]
                    for (index, moment) in moments.enumerated() {
                        let manifest = try site.manifest("task-\(index)", task: task)
                        group.addTask {
                            try await site.withRun("-f", manifest) { plugin in
                                try await plugin.says(moment)
                                kill(-plugin.pid, SIGINT)
                                try await plugin.outcome().expectStatus(130)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("A second Ctrl-C ends the plugin while it waits for the deletion; it says what removes the rest")
        func secondInterrupt() async throws {
            try await withSite { site in
                let manifest = try site.manifest(task: task, ignoringSignals: true)
                let results = site.directory + "/results"
                try await site.withRun("-f", manifest, "--output-dir", results) { plugin in
                    try await plugin.says("1 of 3 nodes done")
                    kill(-plugin.pid, SIGINT)
                    try await eventually("the pods are being deleted") {
                        let times = try await site.objects("{.items[*].metadata.deletionTimestamp}")
                        return times.split(separator: " ").count == 3
                    }
                    kill(-plugin.pid, SIGINT)
                    let outcome = try await plugin.outcome(within: .seconds(180))
                    outcome.expectStatus(130)
                    #expect(outcome.results == "==> node-1 <==\nresult of node-1\n")
                    let told = try #require(outcome.stderr.firstMatch(of: /to remove what may be left:\n    (.*)/))
                    try await site.follow(told.1).expectStatus(0)
                }
                try await site.expectNothingLeft()
            }
        }

        @Test(
            """
            SIGKILL: no process is left a moment later, and who deletes the run's Job, as the cluster does at its \
            deadline, deletes all of the run
            """)
        func killed() async throws {
            try await withSite { site in
                try await site.withRun("-f", site.manifest(task: task)) { plugin in
                    try await plugin.says("1 of 3 nodes done")
                    let own = try processes(mentioning: site.directory)
                    #expect(own.count > 2, "the plugin, a proxy, and who watches")
                    plugin.send(SIGKILL)
                    try await eventually("no process is left") { try processes(mentioning: site.directory) == [] }
                }
                let jobs = try await site.kubectl("get", "jobs", "-o", "name").split(separator: "\n")
                #expect(jobs.count == 1)
                try await site.kubectl("delete", String(jobs[0]), "--cascade=background")
                try await eventually("nothing is left in the cluster") {
                    try await site.objects("{.items[*].metadata.name}") == ""
                }
            }
        }

        @Test("A DaemonSet that somebody else deletes ends the run, with what is here")
        func deleted() async throws {
            try await withSite { site in
                let results = site.directory + "/results"
                try await site.withRun("-f", site.manifest(task: task), "--output-dir", results) { plugin in
                    try await plugin.says("1 of 3 nodes done")
                    try await site.kubectl("delete", "daemonset", "task", "--wait=false")
                    let outcome = try await plugin.outcome()
                    outcome.expectStatus(3)
                    #expect(outcome.results == "==> node-1 <==\nresult of node-1\n")
                    #expect(outcome.lines(with: "somebody else deleted daemonset/task").count == 1)
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("The API server is gone for 20 seconds in the middle: nothing is lost")
        func outage() async throws {
            try await withSite { site in
                let results = site.directory + "/results"
                try await site.withRun("-f", site.manifest(task: task), "--output-dir", results) { plugin in
                    try await plugin.says("1 of 3 nodes done")
                    try await eventually("the other tasks have started") { site.starts() == Cluster.nodes }
                    try await Cluster.control("api-stop")
                    try await undoing({
                        try site.open("end")
                        // How long it is gone is what this is about, not a condition to wait for.
                        try await Task.sleep(for: .seconds(20))
                        #expect(plugin.isRunning, "\(plugin.stderr)")
                    }) {
                        try await Cluster.control("api-start")
                    }
                    let outcome = try await plugin.outcome(within: .seconds(180))
                    outcome.expectStatus(0)
                    for node in Cluster.nodes {
                        #expect(try contents("\(results)/\(node).log") == Data("result of \(node)\n".utf8))
                    }
                }
                #expect(site.starts() == Cluster.nodes)
                try await site.expectNothingLeft()
            }
        }
    }
}
