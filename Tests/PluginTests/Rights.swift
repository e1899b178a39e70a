import Foundation
import TestSupport
import Testing

/// What the user may do is asked before anything is created.
extension PluginTests {
    /// The rules of a Role in Examples, which README calls the least rights.
    private func leastRights(_ example: String = "role") throws -> [FakeAPI.Rule] {
        let text = try String(contentsOfFile: repositoryRoot + "/Examples/\(example).yaml", encoding: .utf8)
        let roles = text.components(separatedBy: "\n---\n").filter { $0.contains("\nkind: Role\n") }
        let role = try #require(roles.first)
        func words(_ list: Substring) -> [String] {
            list.split(separator: ",").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \"")) }
        }
        let rule = /apiGroups: \[(.*)\]\n +resources: \[(.*)\]\n +verbs: \[(.*)\]/
        return role.matches(of: rule).map {
            .init(apiGroups: words($0.1), resources: words($0.2), verbs: words($0.3))
        }
    }

    @Test("Who has just the rights of an example has a run, with nothing left out and nothing left behind")
    func leastRightsAreEnough() async throws {
        let (rights, all) = try (leastRights("cron-job"), leastRights())
        #expect(rights.count >= 7)
        // Who has those of the other example has all of these.
        #expect(
            rights.allSatisfy { rule in
                all.contains { $0.resources == rule.resources && Set(rule.verbs).isSubset(of: $0.verbs) }
            })
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: .init { $0.rights = rights }) { api in
            let outcome = try await api.plugin()
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            #expect(!outcome.stderr.contains("forbidden") && !outcome.stderr.contains("should this machine fail"))
            try await api.expectDeleted()
        }
    }

    @Test("Few rights are told in one line, before anything is late; with -q in none")
    func fewRightsAreOneLine() async throws {
        let rights = try leastRights().filter { $0.resources != ["jobs"] }
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: .init { $0.rights = rights }) { api in
            let outcome = try await api.plugin(environment: limits(["late": 0]))
            outcome.expectStatus(0)
            let line =
                "run-once: no permission: can't list nodes, can't create jobs (should this machine fail, the run stays)"
            #expect(outcome.lines.dropFirst().first == line, "\(outcome.stderr)")
            #expect(outcome.lines.filter { $0.contains("permission") }.count == 1)
            #expect(try await api.requests("POST", "/jobs").isEmpty)
            let quiet = try await api.plugin("-q", environment: limits(["late": 0]))
            #expect(quiet.stderr == "" && quiet.text == "==> a <==\nhi\n")
        }
    }

    @Test(
        "Without rights that a run needs nothing is created, and it is told which",
        arguments: [
            [("daemonsets", "list"), ("daemonsets", "delete"), ("pods", "watch")],
            [("daemonsets", "watch"), ("pods", "list"), ("pods/log", "get")],
        ] as [[(String, String)]])
    func missingRights(missing: [(String, String)]) async throws {
        let rights = try leastRights().map { rule in
            var rule = rule
            for (resource, verb) in missing where rule.resources == [resource] {
                rule.verbs.removeAll { $0 == verb }
            }
            return rule
        }
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: .init { $0.rights = rights }) { api in
            let outcome = try await api.plugin()
            outcome.expectStatus(3)
            let lacking = missing.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
            #expect(
                outcome.stderr == "error: nothing was created: in namespace default you may not \(lacking), "
                    + "which a run needs; Examples/role.yaml has all that it needs\n")
            #expect(try await api.created("daemonsets").isEmpty)
            #expect(try await api.created("jobs").isEmpty)
        }
    }

    @Test("Where the cluster does not tell rights, a run begins all the same")
    func rightsUnknown() async throws {
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.fail(.refused(404, "NotFound", "no such thing"), resource: path)
            try await api.plugin().expectStatus(0)
            #expect(try await api.requests("POST", path).count == 8)
        }
    }
}

extension PluginTests {
    @Test("What can't be a namespace's name is told as such, and nothing is asked of the cluster")
    func noNamespaceName() async throws {
        try await withFakeAPI { api in
            let outcome = try await api.plugin("--namespace=a/b")
            outcome.expectStatus(2)
            #expect(
                outcome.stderr == "error: no namespace is called 'a/b': small letters, digits and - only, 63 at most\n")
            #expect(try await api.requests.allSatisfy { !$0.userAgent.contains("run_once") })
        }
    }
}
