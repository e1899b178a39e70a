import Foundation
import TestSupport
import Testing

extension ClusterTests {
    @Suite("README's recipes") struct Recipes {
        @Test("Each does what it says, as it is printed", arguments: Readme.recipes)
        func recipe(_ recipe: Readme.Recipe) async throws {
            let check = try #require(expectations[recipe.title], "nothing is expected of it")
            // Where pods can wait for their turn, it would reboot this machine.
            if recipe.command.contains("reboot"), try await Cluster.knowsGates { return }
            try await withSite { site in
                try site.write("for word in a b; do echo $word; done", to: "script.sh")
                try await Cluster.withHosts(hosts) {
                    try await check(site.type(recipe.command), site.directory)
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("Nothing is expected of a recipe that README does not have")
        func all() {
            #expect(Set(Readme.recipes.map(\.title)) == Set(expectations.keys))
        }
    }
}

/// What the nodes have as /etc/hosts.
private let hosts = Dictionary(
    uniqueKeysWithValues: Cluster.nodes.map {
        ($0, "127.0.0.1 localhost\n10.0.0.\($0 == "node-2" ? 4 : 40) registry.example\n")
    })

/// All nodes, as those with the same result are named.
private let allNodes = Cluster.nodes.joined(separator: ", ")

/// What is expected of each recipe, by its title: of what it said, and in the folder where it was typed.
private let expectations: [String: @Sendable (Outcome, String) async throws -> Void] = [
    "Kernel versions": { outcome, _ in
        outcome.expectStatus(0)
        let version = try await run(["uname", "-r"]).text
        #expect(outcome.text == "==> \(allNodes) <==\n\(version)")
    },
    "The one node that differs": { outcome, _ in
        outcome.expectStatus(0)
        #expect(outcome.text == "==> node-1, node-3 <==\n\(hosts["node-1"]!)\n==> node-2 <==\n\(hosts["node-2"]!)")
    },
    "Who lacks a file": { outcome, _ in
        outcome.expectStatus(1)
        let error = "ls: cannot access '/etc/kubernetes/kubelet.conf': No such file or directory"
        #expect(outcome.text == "==> \(allNodes) (failed: exit code 2) <==\n\(error)\n")
        let told = outcome.lines(
            with: """
                failed with exit code 2: ls: cannot access '/etc/kubernetes/kubelet.conf': No such file or directory
                """
        ).joined()
        #expect(Cluster.nodes.allSatisfy { told.contains($0) }, "\(outcome.stderr)")
    },
    "All logs of each node's pods": { outcome, directory in
        outcome.expectStatus(0)
        for node in Cluster.nodes {
            let list = try await run(["tar", "tzf", "\(directory)/logs/\(node).log"])
            list.expectStatus(0)
            #expect(list.text.hasPrefix("pods/\n"), "\(node): \(list.text)")
        }
    },
    "How full is the disk that holds the images, the fullest first": { outcome, _ in
        outcome.expectStatus(0)
        let lines = outcome.text.split(separator: "\n")
        let percents = lines.compactMap { $0.firstMatch(of: /^node-[123]: overlay +\d+ +\d+ +\d+ +(\d+)% \/$/)?.1 }
        #expect(percents.count == Cluster.nodes.count && lines.count == percents.count, "\(outcome.text)")
        #expect(percents.compactMap { Int($0) } == percents.compactMap { Int($0) }.sorted(by: >))
    },
    "A script from a file": { outcome, _ in
        outcome.expectStatus(0)
        #expect(outcome.text == "==> \(allNodes) <==\na\nb\n")
    },
    "Restart a service on 10 % of the nodes at a time, and stop when a second one fails": { outcome, _ in
        if try await Cluster.knowsGates {
            outcome.expectStatus(0)
        } else {
            outcome.expectRefusalOfTurns()
        }
    },
    "Reboot one node after the other, until one fails": { outcome, _ in
        outcome.expectRefusalOfTurns()
    },
]

extension Site {
    /// Runs a command line as a user types it: kubectl finds the plugin, and the namespace is that of the context.
    fileprivate func type(_ line: String) async throws -> Outcome {
        let config = try write(String(contentsOfFile: kubeconfig, encoding: .utf8), to: "config")
        let context = ["set-context", "--current", "--namespace", namespace]
        try #require(try await run(["kubectl", "--kubeconfig", config, "config"] + context).ending == .status(0))
        return try await follow("cd '\(directory)'; export KUBECONFIG='\(config)'\n\(line)")
    }
}

extension Outcome {
    /// Expects what an old cluster answers to --parallel.
    fileprivate func expectRefusalOfTurns(sourceLocation: SourceLocation = #_sourceLocation) {
        expectStatus(2, sourceLocation: sourceLocation)
        #expect(
            stderr == """
                error: --parallel takes Kubernetes 1.27 or later: this cluster does not know pods that wait for their turn\n
                """, sourceLocation: sourceLocation)
    }
}
