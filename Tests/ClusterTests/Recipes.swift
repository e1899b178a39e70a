import Foundation
import Glibc
import TestSupport
import Testing

extension ClusterTests {
    @Suite("README's recipes") struct Recipes {
        @Test(
            "Each does what it says, as it is printed; on the host as far as this machine lets it",
            arguments: Readme.recipes)
        func recipe(_ recipe: Readme.Recipe) async throws {
            let expectation = try #require(expectations[recipe.title], "nothing is expected of it")
            try await withSite { site in
                try site.write("for word in a b; do echo $word; done", to: "script.sh")
                try await Cluster.withHosts(hosts) {
                    let outcome = try await site.type(recipe.command)
                    switch expectation.place {
                    case .host where !hostIsOpen: outcome.expectRefusalOfHost(by: 3)
                    case .hostInTurns where try await !Cluster.knowsGates: outcome.expectRefusalOfTurns()
                    case .hostInTurns where !hostIsOpen: outcome.expectRefusalOfHost(by: 2)
                    default:
                        try await expectation.check(outcome, Cluster.nodes)
                        try await expectation.files(site.directory)
                    }
                    guard expectation.place == .host else { return }
                    try await withThrowingTaskGroup { group in
                        for node in Cluster.nodes {
                            let printed = try await site.type(recipe.with("--dry-run --name on-\(node)"))
                            group.addTask { try await expectation.check(site.runOnHost(of: node, printed), [node]) }
                        }
                        try await group.waitForAll()
                    }
                }
                // A kubelet of 1.20 may take over a minute with a pod that failed: then the run tells which is left.
                try await eventually("all pods are gone", within: .seconds(120)) {
                    try await site.objects("{.items[*].metadata.name}") == ""
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
private let hosts = Dictionary(uniqueKeysWithValues: Cluster.nodes.map {
    ($0, "127.0.0.1 localhost\n10.0.0.\($0 == "node-2" ? 4 : 40) registry.example\n")
})

/// Whether --host may enter the namespaces of this machine's process 1.
private let hostIsOpen: Bool = {
    let file = open("/proc/1/ns/uts", O_RDONLY)
    defer { close(file) }
    return file != -1
}()

/// What a recipe is to do.
private struct Expectation: Sendable {
    enum Place { case pods, host, hostInTurns }

    /// Where its command runs.
    let place: Place
    /// Checks what came of it on these nodes.
    let check: @Sendable (Outcome, [String]) async throws -> Void
    /// Checks what is in the folder where it was typed.
    let files: @Sendable (String) async throws -> Void

    init(
        _ place: Place, _ check: @escaping @Sendable (Outcome, [String]) async throws -> Void,
        files: @escaping @Sendable (String) async throws -> Void = { _ in }
    ) {
        (self.place, self.check, self.files) = (place, check, files)
    }
}

/// What is expected of each recipe, by its title.
private let expectations: [String: Expectation] = [
    "Kernel versions": Expectation(.pods) { outcome, nodes in
        outcome.expectStatus(0)
        let version = try await run(["uname", "-r"]).text
        #expect(outcome.text == "==> \(nodes.joined(separator: ", ")) <==\n\(version)")
    },
    "The one node that differs": Expectation(.pods) { outcome, _ in
        outcome.expectStatus(0)
        #expect(outcome.text == "==> node-1, node-3 <==\n\(hosts["node-1"]!)\n==> node-2 <==\n\(hosts["node-2"]!)")
    },
    "Who lacks a file": Expectation(.host) { outcome, nodes in
        outcome.expectStatus(1)
        let error = "ls: cannot access '/etc/kubernetes/kubelet.conf': No such file or directory"
        #expect(outcome.text == "==> \(nodes.joined(separator: ", ")) (failed: exit code 2) <==\n\(error)\n")
        let told = outcome.lines(with: """
            failed with exit code 2: ls: cannot access '/etc/kubernetes/kubelet.conf': No such file or directory
            """).joined()
        #expect(nodes.allSatisfy { told.contains($0) }, "\(outcome.stderr)")
    },
    "All logs of each node's pods": Expectation(.host) { outcome, _ in
        outcome.expectStatus(0)
    } files: { directory in
        for node in Cluster.nodes {
            let list = try await run(["tar", "tzf", "\(directory)/logs/\(node).log"])
            list.expectStatus(0)
            #expect(list.text.hasPrefix("pods/\n"), "\(node): \(list.text)")
        }
    },
    "How full is the disk that holds the images, the fullest first": Expectation(.pods) { outcome, nodes in
        outcome.expectStatus(0)
        let lines = outcome.text.split(separator: "\n")
        let percents = lines.compactMap { $0.firstMatch(of: /^node-[123]: overlay +\d+ +\d+ +\d+ +(\d+)% \/$/)?.1 }
        #expect(percents.count == nodes.count && lines.count == nodes.count, "\(outcome.text)")
        #expect(percents.compactMap { Int($0) } == percents.compactMap { Int($0) }.sorted(by: >))
    },
    "A script from a file": Expectation(.pods) { outcome, nodes in
        outcome.expectStatus(0)
        #expect(outcome.text == "==> \(nodes.joined(separator: ", ")) <==\na\nb\n")
    },
    "Restart a service on 10 % of the nodes at a time, and stop when a second one fails":
        Expectation(.hostInTurns) { outcome, _ in outcome.expectStatus(0) },
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
    /// Expects that so many nodes' hosts forbid it, as sandboxes do.
    fileprivate func expectRefusalOfHost(by count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        expectStatus(1, sourceLocation: sourceLocation)
        let reason = "failed with exit code 1: run-once: open /proc/1/ns/uts: Permission denied: the host forbids it"
        let told = lines(with: reason).joined()
        #expect(Cluster.nodes.count { told.contains($0) } == count, "\(stderr)", sourceLocation: sourceLocation)
        #expect(results == "", sourceLocation: sourceLocation)
    }

    /// Expects what an old cluster answers to --parallel.
    fileprivate func expectRefusalOfTurns(sourceLocation: SourceLocation = #_sourceLocation) {
        expectStatus(2, sourceLocation: sourceLocation)
        #expect(stderr == """
            error: --parallel takes Kubernetes 1.27 or later: this cluster does not know pods that wait for their turn\n
            """, sourceLocation: sourceLocation)
    }
}
