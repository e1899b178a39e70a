import Foundation
import TestSupport
import Testing

extension ClusterTests {
    @Suite("Nodes that come and go") struct DeadNodes {
        // It takes a while to notice that a node is dead, so that this is one test with two runs.
        @Test(
            """
            A node that is dead is named and waited for half a minute more than the others, one that dies while its \
            task runs until the time is up; one that dies after that is done; what can't be deleted there is told
            """)
        func dead() async throws {
            try await withSite { site in
                try await Cluster.repairing(["node-1", "node-3"]) {
                    let task = """
                        echo result of $NODE
                        [ $NODE = node-1 ] || \(Site.wait("they-are-dead"))
                        """
                    let dying = try site.manifest("dying", task: task)
                    let (first, second) = (site.directory + "/first", site.directory + "/second")
                    try await site.withRun("-f", dying, "--output-dir", first, "-t", "2m") { dyingRun in
                        try await dyingRun.says("1 of 3 nodes done")
                        try await eventually("the other tasks have started") {
                            site.starts(of: "dying") == Cluster.nodes
                        }
                        for node in ["node-1", "node-3"] { try await Cluster.control("node-stop", node) }
                        for node in ["node-1", "node-3"] { try await Cluster.wait(for: node, toBeReady: false) }

                        try await site.withRun("-f", site.manifest("dead"), "--output-dir", second) { deadRun in
                            try await deadRun.says("1 of 3 nodes done")
                            try site.open("they-are-dead")
                            // They give up after five minutes; three are for a machine that is busy.
                            let (one, two) = try await (
                                dyingRun.outcome(within: .seconds(180)), deadRun.outcome(within: .seconds(180))
                            )

                            one.expectStatus(124)
                            #expect(
                                one.results == """
                                    ==> node-1 <==
                                    result of node-1

                                    ==> node-2 <==
                                    result of node-2

                                    """)
                            #expect(one.lines(with: "not done: node-3: the node is not ready").count == 1)
                            #expect(one.stderr.contains("2 of 3 nodes done, 1 not reached"))
                            #expect(try Summary(in: first).nodes.map(\.state) == ["done", "done", "unreachable"])

                            two.expectStatus(1)
                            #expect(two.results == "==> node-2 <==\nnode-2\n")
                            #expect(two.lines(with: "not done: node-1, node-3: the node is not ready").count == 1)
                            #expect(
                                try Summary(in: second).nodes.map(\.state)
                                    == ["unreachable", "done", "unreachable"])

                            for outcome in [one, two] { try await expectLeftOverToBeTold(outcome, in: site) }
                        }
                    }
                    try await site.expectNothingLeft()
                }
            }
        }

        /// Expects the plugin to have named the pods on dead nodes, and the command that removes them.
        private func expectLeftOverToBeTold(_ outcome: Outcome, in site: Site) async throws {
            let told = try #require(
                outcome.stderr.firstMatch(of: /still there on (?<nodes>.*); to remove them:\n    (?<command>.*)/))
            // That of node-2 may still be there, too: its kubelet takes up to a minute.
            #expect(told.nodes.contains("node-1") && told.nodes.contains("node-3"))
            let removed = try await run(
                shell(String(told.command)), environment: site.environment, timeout: .seconds(180))
            removed.expectStatus(0)
        }

        @Test(
            "A node that goes down when its task has ended with 0, and nobody knew: when it is back its seal tells: done"
        )
        func reboot() async throws {
            try await withSite { site in
                let file = site.directory
                let task = "echo $NODE >>\(file)/starts; until [ -e \(file)/go ]; do sleep 0.2; done; echo going down"
                try await site.withRun("--host", "--nodes", "node-2", "--", "sh", "-c", task) { plugin in
                    try await eventually("the task has started") { exists(file + "/starts") }
                    let pod = try await site.pod(on: "node-2")
                    let uid = try await site.pod(pod, "{.metadata.uid}")
                    let state =
                        "\(Cluster.directory)/nodes/node-2/kubelet/pods/\(uid)/volumes/kubernetes.io~empty-dir/state"
                    try await Cluster.repairing(["node-2"]) {
                        try await Cluster.reboot("node-2") {
                            try site.open("go")
                            try await eventually("the task has ended with 0") { exists(state + "/ready") }
                            #expect(try await site.pod(pod, "{.status.containerStatuses[0].ready}") == "false")
                        }
                        let outcome = try await plugin.outcome(within: .seconds(240))
                        outcome.expectStatus(0)
                        #expect(outcome.text == "==> node-2 <==\ngoing down\n")
                    }
                }
                #expect(try contents(file + "/starts") == Data("node-2\n".utf8))
                try await site.expectNothingLeft()
            }
        }

        @Test("A node that has lost the image which holds the agent's place takes another that it has")
        func lostImage() async throws {
            // Better than the one that sandboxes are made of, as names go, and all nodes say that they have it.
            let (there, lost) = ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:9")
            try await withSite { site in
                try await Cluster.repairing(["node-2"]) {
                    for node in Cluster.nodes { try await Cluster.images(of: node, "tag", there, lost) }
                    try await eventually("all nodes say that they have it", within: .seconds(90)) {
                        let path = "jsonpath={.items[*].status.images[*].names[*]}"
                        let names = try await Cluster.kubectl("get", "nodes", "-o", path)
                        return names.components(separatedBy: lost).count == 4
                    }
                    // While its kubelet is away it says nothing else.
                    try await Cluster.control("node-stop", "node-2")
                    try await Cluster.images(of: "node-2", "rm", lost)
                    try await site.withRun("hosts") { plugin in
                        try await plugin.says("created daemonset/")
                        try await Cluster.control("node-start", "node-2")
                        let outcome = try await plugin.outcome()
                        outcome.expectStatus(0)
                        let told = "node-2: \(lost) can't be had there: tries \(there), which is there"
                        #expect(outcome.lines(with: told).count == 1, "\(outcome.stderr)")
                    }
                    for node in ["node-1", "node-3"] { try await Cluster.images(of: node, "rm", lost) }
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("A node that is removed before its task is done is named, and not waited for when its pod is gone")
        func removed() async throws {
            try await withSite { site in
                try await Cluster.addingNode { node in
                    let task = "[ $NODE != \(node) ] || \(Site.wait("never")); echo result of $NODE"
                    let results = site.directory + "/results"
                    try await site.withRun("-f", site.manifest(task: task), "--output-dir", results) { plugin in
                        try await plugin.says("3 of 4 nodes done")
                        try await eventually("its task has started") { site.starts().contains(node) }
                        try await Cluster.control("node-stop", node)
                        try await Cluster.kubectl("delete", "node", node)
                        // Kubernetes removes the pod after about a minute.
                        let outcome = try await plugin.outcome(within: .seconds(180))
                        outcome.expectStatus(1)
                        #expect(outcome.text.components(separatedBy: "result of node-").count == 4)
                        let told = "not done: \(node): its pod was deleted before its task was done"
                        #expect(outcome.lines(with: told).count == 1, "\(outcome.stderr)")
                        #expect(try Summary(in: results).nodes.map(\.state) == ["done", "done", "done", "gone"])
                    }
                    try await site.expectNothingLeft()
                }
            }
        }

        @Test("A node that joins during the run runs the task too")
        func joins() async throws {
            try await withSite { site in
                let task = """
                    echo the same
                    case $NODE in
                        node-1 | node-2 | node-3) \(Site.wait("one-more-has-joined")) ;;
                    esac
                    """
                try await site.withRun("-f", site.manifest(task: task)) { plugin in
                    try await eventually("the tasks have started") { site.starts() == Cluster.nodes }
                    try await Cluster.addingNode { node in
                        try await plugin.says("1 of 4 nodes done")
                        try site.open("one-more-has-joined")
                        let outcome = try await plugin.outcome()
                        outcome.expectStatus(0)
                        #expect(outcome.text == "==> node-1, node-2, node-3, \(node) <==\nthe same\n")
                        #expect(site.starts() == Cluster.nodes + [node])
                        try await site.expectNothingLeft()
                    }
                }
            }
        }
    }
}
