import Foundation
import TestSupport
import Testing

@testable import kubectl_run_once

extension PluginTests {
    @Test(
        "README's recipe for 10 % of the nodes at a time: where the service does not come up two are down, and not 20")
    func recipeThatFails() async throws {
        let recipe = try #require(Readme.recipes.first { $0.title.hasPrefix("Restart a service") })
        let nodes = (1...20).map { FakeAPI.Node("node-\($0)", .failed(1, "Job for chronyd.service failed")) }
        try await withFakeAPI(nodes: nodes) { api in
            let outcome = try await api.follow(recipe.command)
            outcome.expectStatus(1)
            let recap = "run-once: 0 of 20 nodes done, 2 failed, 18 not started, in "
            #expect(outcome.lines.contains { $0.hasPrefix(recap) }, "\(outcome.stderr)")
            try await api.expectDeleted()
        }
    }

    @Test(
        "Every other recipe of README is understood as it is printed",
        arguments: Readme.recipes.filter { !$0.title.hasPrefix("Restart a service") })
    func recipe(_ recipe: Readme.Recipe) async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            _ = try api.write("echo hi\n", to: "script.sh")
            let outcome = try await api.follow(recipe.command)
            outcome.expectStatus(0)
            #expect(outcome.text.contains("hi\n"))
            #expect(outcome.lines.last?.hasPrefix("run-once: 1 node done in ") == true, "\(outcome.stderr)")
        }
    }

    @Test("README names no option that --help does not have")
    func readmeOptions() throws {
        let help = try Help.text(about: [])
        let named = Set(
            Readme.text.matches(of: /kubectl run-once[^\n|]*|`(-[^`]*)`/).flatMap { match in
                match.0.components(separatedBy: " -- ")[0].matches(of: /[ `](--[a-z][a-z-]+)/).map { String($0.1) }
            })
        #expect(named.count > 10)
        for option in named { #expect(help.contains(option), "README has \(option)") }
    }
}

extension FakeAPI {
    /// Runs a command line in a shell, where kubectl finds the plugin.
    func follow(_ line: String) async throws -> Outcome {
        try makeFolders()
        try FileManager.default.createSymbolicLink(
            atPath: programs + "/kubectl-run_once", withDestinationPath: pluginPath)
        return try await run(
            shell(line), environment: environment(), directory: directory)
    }
}
