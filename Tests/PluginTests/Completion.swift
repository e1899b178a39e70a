import Foundation
import TestSupport
import Testing

@testable import kubectl_run_once

/// What `kubectl_complete-run_once` answers, which kubectl asks when a user presses Tab.
extension PluginTests {
    @Test(
        "What the parser takes is completed, with what --help says of it; and nothing else is",
        .enabled("kubectl 1.26 or later is not there", completesPlugins))
    func completedOptions() async throws {
        try await withFakeAPI { api in
            let kubectls = try await listed(in: api.kubectl("options").text)
            let taken = Set(forms(Command.kubectls)).intersection(kubectls).union(["--namespace", "-n"])
            #expect(taken.count > 20)
            let expected: [(words: [String], own: [Flag])] = [
                ([], Command.own),
                (["attach"], Presentation.flags + own("output-dir", "help", "version")),
                (["list"], Subcommand.own + own("output", "help", "version")),
                (["delete"], own("help", "version")),
            ]
            for (words, flags) in expected {
                let answer = try await api.answer(to: words + ["-"])
                #expect(answer.last == ":4")
                let candidates = answer.dropLast().map { $0.split(separator: "\t").map(String.init) }
                let names = candidates.map { $0[0] }
                #expect(Set(names) == Set(forms(flags)).union(taken), "\(words)")
                #expect(names.count == Set(names).count, "\(words): one twice")
                let undescribed = candidates.filter { $0.count != 2 }.map { $0[0] }
                #expect(undescribed.isEmpty, "\(words)")
            }
            let help = try Help.text(about: [])
            #expect(listed(in: help).isSubset(of: forms(Command.own + Subcommand.own)))
            #expect(
                try await api.complete("--image-pull") == [
                    "--image-pull-secret\ta Secret to pull their images with, once for each", ":4",
                ])
        }
    }

    @Test("Subcommands are completed where one can stand, and the values that an option can have")
    func completedWords() async throws {
        let answers: [(line: [String], answer: [String])] = [
            ([""], ["hosts", "list", "attach", "delete", "help", ":4"]),
            (["a"], ["attach", ":4"]),
            (["-n", "team", "--context=x", "d"], ["delete", ":4"]),
            (["-A", ""], ["list", ":4"]),
            (["-q", ""], ["hosts", "attach", ":4"]),
            (["--image", "busybox", ""], [":4"]),
            (["--image", ""], [":4"]),
            (["list", ""], [":4"]),
            (["help", "p"], ["pace", "pods", ":4"]),
            (["bogus", ""], [":4"]),
            (["--bogus", ""], [":4"]),
            (["-o", ""], ["groups", "diff", "prefix", "live", "json", "jsonl", "raw", ":4"]),
            (["list", "-o", ""], ["json", ":4"]),
            (["-o=p"], ["prefix", ":4"]),
            (["--output="], ["groups", "diff", "prefix", "live", "json", "jsonl", "raw", ":4"]),
            (["attach", "x", "--output", "j"], ["json", "jsonl", ":4"]),
            (["-qo", "j"], ["json", "jsonl", ":4"]),
            (["--color", "a"], ["auto", "always", ":4"]),
            (["--keep="], [":4"]),
            (["hosts", "--dry-run="], ["client", "server", ":4"]),
            (["--dry-run=s"], ["server", ":4"]),
            (["--dry-run=bogus", "--output="], [":4"]),
            (["-f", ""], [":0"]),
            (["--filename=x"], [":0"]),
            (["--output-dir", ""], [":16"]),
            (["--image=busybox", "--", ""], [":0"]),
            (["--image=busybox", "--", "ls", "--ou"], [":0"]),
            (["--image", "--", "-o", ""], [":4"]),
        ]
        for (line, answer) in answers { #expect(await Completion(line: line).answer() == answer, "\(line)") }
        // A plugin without agents has no architecture to choose.
        let carried = try await run([pluginPath, "--version"]).text.contains("amd64") ? ["amd64", "arm64"] : []
        try await withFakeAPI { api async throws in
            #expect(try await api.complete("--arch", "") == carried + [":4"])
            #expect(
                try await api.complete("--no") == [
                    "--nodes\tonly these nodes, by name; also 'web-*', node/A, and @FILE, which holds such words", ":4",
                ])
            #expect(try await api.complete() == ["hosts", "list", "attach", "delete", "help", ":4"])
            // Some kubectls first ask which version the server has, and take another kubectl.
            #expect(try await api.requests.allSatisfy { $0.path == "/version" })
        }
    }

    @Test("attach and delete complete the names of runs, where the options of kubectl say that were given")
    func completedRuns() async throws {
        try await withFakeAPI(nodes: ["a"], settings: .init { $0.namespaces = ["default", "team"] }) { api in
            try await api.addDaemonSet("cat-etc-hosts", labels: [runLabel: "x"])
            for name in ["first", "second"] { try await api.addDaemonSet(name, labels: [runLabel: "x"], in: "team") }
            try await api.addDaemonSet("task")
            #expect(try await api.complete("attach", "") == ["cat-etc-hosts", ":4"])
            #expect(try await api.complete("attach", "-n", "team", "") == ["first", "second", ":4"])
            #expect(try await api.complete("attach", "-n", "team", "first", "") == [":4"])
            #expect(try await api.complete("-nteam", "delete", "first", "") == ["second", ":4"])
            #expect(try await api.complete("delete", "--namespace=team", "--as=boss", "f") == ["first", ":4"])
            let last = try await api.requests.last { $0.path.hasSuffix("/daemonsets") }
            #expect(last?.headers["Impersonate-User"] == "boss")
        }
    }

    @Test("Nodes are completed by name, after a comma too, and labels as they have them")
    func completedNodes() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a-1", labels: ["disk": "ssd", "kubernetes.io/hostname": "a-1"]),
            .init("a-2", labels: ["disk": "hdd"]),
            .init("b", labels: ["disk": "ssd"]),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            for (line, answer) in [
                (["--nodes=a-1,a"], ["a-1,a-2", ":4"]), (["--exclude", "b,"], ["b,a-1", "b,a-2", ":4"]),
                (["-l", "disk"], ["disk=hdd", "disk=ssd", ":4"]), (["--selector=x=y,kubernetes.io/h"], [":4"]),
            ] {
                let given = try await api.answer(to: line)
                #expect(given == answer, "\(line)")
            }
        }
    }

    @Test(
        "Namespaces, contexts and all else that is kubectl's are completed as kubectl does it",
        .enabled("kubectl 1.26 or later is not there", completesPlugins))
    func completedNames() async throws {
        try await withFakeAPI { api in
            for name in ["team-a", "team-b", "other"] {
                let namespace = #"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "\#(name)"}}"#
                try await api.request("POST", "api/v1/namespaces", Data(namespace.utf8))
            }
            let config = try api.write(
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: one, cluster: {server: "\(api.server)"}}]
                contexts: [{name: left, context: {cluster: one}}, {name: right, context: {cluster: one}}]
                """, to: "other")
            #expect(try await api.complete("--context", "") == ["fake", ":4"])
            #expect(try await api.complete("--kubeconfig", config, "--context=r") == ["right", ":4"])
            #expect(try await api.complete("--kubeconfig", "") == [":0"])
            #expect(try await api.complete("attach", "-n", "") == ["other", "team-a", "team-b", ":4"])
            #expect(
                try await api.complete("--kubeconfig=\(config)", "--context=left", "--as=boss", "--namespace=team-")
                    == ["team-a", "team-b", ":4"])
            let last = try await api.requests.last { $0.path.hasSuffix("/namespaces") }
            #expect(last?.headers["Impersonate-User"] == "boss")
        }
    }

    @Test("Whatever is wrong, completion says nothing of it, and ends", .waitsLong)
    func brokenCompletion() async throws {
        try await withFakeAPI { api in
            #expect(try await api.complete("--kubeconfig=/none", "delete", "") == [":4"])
            try await api.fail(.hanging)
            #expect(try await api.complete("delete", "") == [":4"])

            try api.writeProgram("kubectl", "#!/bin/sh\necho 'Password: ' >&2\nread -r password && sleep 1000\n")
            #expect(try await api.complete("delete", "") == [":4"])
            try api.writeProgram("kubectl", "#!/bin/sh\nsleep 1000\n")
            #expect(try await api.complete("delete", "") == [":4"])
            try FileManager.default.removeItem(atPath: api.programs + "/kubectl-run_once")
            try api.writeProgram("kubectl-run_once", "#!/bin/sh\necho 'unknown command' >&2\nexit 2\n")
            #expect(try await api.complete("delete", "") == [":4"])
            try await api.expectNothingLeft()
        }
    }

    @Test(
        "A shell completes it as it completes kubectl",
        .enabled("kubectl 1.26 or later is not there", completesPlugins),
        .enabled(if: completesInBash, "bash-completion is not there"))
    func bash() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.addDaemonSet("cat-etc-hosts", labels: [runLabel: "x"])
            let tab = """
                . /usr/share/bash-completion/bash_completion
                . <(kubectl completion bash)
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
                __start_kubectl 2>/dev/null
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            for (words, completed) in [
                (["ru"], "run-once"), (["run-once", "attach", ""], "cat-etc-hosts"),
                (["run-once", "--fail"], "--fail-fast"),
            ] {
                let outcome = try await run(
                    ["bash", "-c", tab, "bash", "kubectl"] + words, environment: api.surroundings())
                let replies = outcome.text.split(separator: "\n").map { $0.prefix { $0 != " " } }
                #expect(replies.contains(completed[...]), "\(words): \(outcome.text)\(outcome.stderr)")
            }
        }
    }
}

/// Whether the kubectl that is here completes plugins, which it does from 1.26 on.
@Sendable private func completesPlugins() async throws -> Bool {
    let version = try await run(["kubectl", "version", "--client", "--output=json"]).text
    return version.firstMatch(of: /"minor": "(\d+)/).flatMap { Int($0.1) } ?? 0 >= 26
}

private let completesInBash = FileManager.default.fileExists(atPath: "/usr/share/bash-completion/bash_completion")

extension FakeAPI {
    /// What completion finds: the plugin and its completion on the PATH, and the API server in the kubeconfig.
    fileprivate func surroundings() throws -> [String: String] {
        try makeFolders()
        for (name, file) in [
            ("kubectl-run_once", pluginPath),
            ("kubectl_complete-run_once", repositoryRoot + "/Sources/kubectl-run_once/kubectl_complete-run_once"),
        ] where !FileManager.default.fileExists(atPath: "\(programs)/\(name)") {
            try FileManager.default.createSymbolicLink(atPath: "\(programs)/\(name)", withDestinationPath: file)
        }
        return try environment()
    }

    /// The lines that completion answers.
    fileprivate func answer(
        to words: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [String] {
        let surroundings = try surroundings()
        let outcome = try await run(
            [programs + "/kubectl_complete-run_once"] + words, environment: surroundings, directory: directory)
        outcome.expectStatus(0, sourceLocation: sourceLocation)
        #expect(outcome.stderr == "", sourceLocation: sourceLocation)
        return outcome.text.split(separator: "\n").map(String.init)
    }

    fileprivate func complete(
        _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [String] {
        try await answer(to: words, sourceLocation: sourceLocation)
    }
}

/// The ways to write options.
private func forms(_ flags: [Flag]) -> [String] {
    flags.flatMap { ["--\($0.name)"] + ($0.short.map { ["-\($0)"] } ?? []) }
}

private func own(_ names: String...) -> [Flag] { Command.own.filter { names.contains($0.name) } }

/// The options that a help lists, each in a line that begins with it.
private func listed(in help: String) -> Set<String> {
    let entries = help.matches(of: /(?m)^ {2,8}(?:(-\w), )?(--[\w-]+)/)
    return Set(entries.flatMap { [$0.1, $0.2].compactMap { $0.map(String.init) } })
}
