import Foundation
import TestSupport
import Testing

extension ClusterTests {
    @Suite("Live, again, compared") struct Comparisons {
        @Test("-o live: lines come while the tasks run, the rest with the result, and none comes twice")
        func live() async throws {
            try await withSite { site in
                let wait = "until [ -e \(site.directory)/gate ]; do sleep 0.2; done"
                let task = "echo begin; \(wait); seq 1 1000; printf end; [ $NODE != node-2 ]"
                try await site.withRun("-o", "live", "--host", "--", "sh", "-c", task) { plugin in
                    try await eventually("each node has begun") {
                        plugin.text.split(separator: "\n").sorted() == Cluster.nodes.map { "\($0): begin" }
                    }
                    try site.open("gate")
                    let outcome = try await plugin.outcome()
                    outcome.expectStatus(1)
                    for node in Cluster.nodes {
                        let lines = outcome.text.split(separator: "\n").filter { $0.hasPrefix("\(node): ") }
                        let all = ["begin"] + (1...1000).map { "\($0)" } + ["end"]
                        #expect(lines.elementsEqual(all.map { "\(node): \($0)" }), "\(lines.count) lines")
                    }
                }
                try await site.expectNothingLeft()
            }
        }

        @Test(
            "The last line of a run, typed as it stands, runs it where it is not done, and brings the folder up to date"
        )
        func again() async throws {
            try await withSite { site in
                let results = site.directory + "/results"
                let task =
                    "[ $NODE = node-1 ] || [ -e '\(site.directory)/mended' ] || exit 3; echo \"$NODE's\"; date +%N"
                let first = try await site.runOnce("--output-dir", results, "--host", "--", "sh", "-c", task)
                first.expectStatus(1)
                let kept = try contents(results + "/node-1.log")
                try site.open("mended")
                let again = try await site.follow(first.stderr.split(separator: "\n").last ?? "")
                again.expectStatus(0)
                #expect(again.text.contains("node-2's\n") && !again.text.contains("node-1's"))
                let summary = try Summary(in: results)
                #expect(summary.nodes.map(\.node) == Cluster.nodes && summary.run.verdict == "done")
                #expect(summary.nodes.allSatisfy { $0.state == "done" && $0.exitCode == 0 })
                #expect(try contents(results + "/node-1.log") == kept)
                try await site.expectNothingLeft()
            }
        }

        @Test("-o diff shows the node that differs from the others, --baseline the node that changed since")
        func compared() async throws {
            try await withSite { site in
                let (directory, base) = (site.directory, site.directory + "/base")
                for node in Cluster.nodes { try site.write("one\n\(node == "node-3" ? "other" : "two")", to: node) }
                let command = ["--host", "--", "sh", "-c", "cat '\(directory)'/$NODE"]
                let first = try await run(
                    site.plugin("-o", "diff", "--output-dir", base) + command, environment: site.environment)
                first.expectStatus(0)
                #expect(
                    first.text == """
                        ==> node-1, node-2 <==
                        one
                        two

                        ==> node-3 <==
                        --- node-1
                        +++ node-3
                        @@ -1,2 +1,2 @@
                         one
                        -two
                        +other

                        """)
                let same = try await run(site.plugin("--baseline", base) + command, environment: site.environment)
                same.expectStatus(0)
                #expect(same.text == "")
                try site.write("one\ntwo\nthree", to: "node-2")
                let changed = try await run(site.plugin("--baseline", base) + command, environment: site.environment)
                changed.expectStatus(1)
                #expect(
                    changed.text == """
                        ==> node-2 <==
                        --- \(base)/node-2.log
                        +++ node-2
                        @@ -1,2 +1,3 @@
                         one
                         two
                        +three

                        """)
                try await site.expectNothingLeft()
            }
        }
    }
}
