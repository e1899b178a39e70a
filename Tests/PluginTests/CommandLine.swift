import Foundation
import TestSupport
import Testing
import Version

@testable import kubectl_run_once

extension PluginTests {
    @Test("--help and --version print what they should wherever they stand, and ask for nothing")
    func help() async throws {
        try await withFakeAPI { api in
            let outcome = try await api.plugin("-h")
            outcome.expectStatus(0)
            #expect(outcome.stderr == "")
            for word in [
                "Usage:", "attach NAME", "run-once list ", "delete NAME...", "--detach",
                "--image IMAGE", "-f, --filename FILE", "--output-dir DIR",
                "Exit status (help status):\n  0    every",
            ] {
                #expect(outcome.text.contains(word))
            }
            #expect(outcome.text.split(separator: "\n").allSatisfy { $0.count <= 80 })
            for arguments in [["-n", "x", "--help"], ["--help=true", "--fail-fast"], ["help"]] {
                guard case .help(let text) = try Command(arguments, environment: [:]) else {
                    Issue.record("no help: \(arguments)")
                    continue
                }
                #expect(text + "\n" == outcome.text, "\(arguments)")
            }
            let version = try await api.plugin("--version")
            #expect(version.text.wholeMatch(of: /kubectl-run_once (.+)\ncarries .+\n/)?.1 == "\(programVersion)")
            // After -- it is the command's.
            let command = try await api.plugin("--image=busybox", "--dry-run", "--", "ls", "--help")
            #expect(command.text.contains("- --help"))
            #expect(try await api.requests.isEmpty)
        }
    }

    @Test("Alone it says what it is for, with examples, and exit 2: nobody expects pods on every node from that")
    func alone() async throws {
        try await withFakeAPI { api in
            let outcome = try await run([pluginPath], environment: api.environment())
            outcome.expectStatus(2)
            #expect(outcome.text == "" && outcome.lines.count < 24, "no more than a terminal shows")
            #expect(outcome.stderr.contains("\nExamples:\n") && outcome.stderr.contains("run-once help [TOPIC]"))
            let help = try Help.text(about: [])
            #expect(help.hasPrefix(outcome.stderr))
            #expect(try await api.requests.isEmpty)
        }
    }

    @Test("Each subcommand and each topic has a help of its own, which is a part of the whole one")
    func helpTopics() async throws {
        try await withFakeAPI { api in
            let whole = try await api.plugin("--help").text
            let attach = try await api.plugin("attach", "--help")
            #expect(try await api.plugin("help", "attach").text == attach.text)
            #expect(attach.text.hasPrefix("Usage:\n  kubectl run-once attach NAME  "))
            #expect(attach.text.contains("  -o, --output FORMAT  ") && attach.text.contains("      --output-dir DIR  "))
            #expect(!attach.text.contains("--image") && !attach.text.contains("--fail-fast"))
            for topic in ["command", "nodes", "pace", "output", "pods", "agent", "run", "cluster", "status"] {
                let part = try Help.text(about: [topic])
                #expect(part.count > 100 && whole.contains(part), "\(topic)")
            }
            let unknown = try await api.plugin("help", "me")
            unknown.expectStatus(2)
            #expect(
                unknown.lines.count == 1
                    && unknown.stderr.contains("no help on 'me': there is help on command, nodes, "))
        }
    }

    @Test("What is wrong is told in one line on standard error, exit 2, and the cluster is asked for nothing")
    func usageError() async throws {
        try await withFakeAPI { api in
            for (arguments, message) in [
                (["--bogus"], "unknown option --bogus (see --help)"),
                (
                    ["hosts", "--output-dir", "/dev/null/x"],
                    "--output-dir: /dev/null/x is no folder, and can't be made one: name another"
                ),
                (
                    ["attach", "x", "--output-dir", "/dev/null/x"],
                    "--output-dir: /dev/null/x is no folder, and can't be made one: name another"
                ),
            ] {
                let outcome = try await run([pluginPath] + arguments, environment: api.environment())
                outcome.expectStatus(2)
                #expect(outcome.stderr == "error: \(message)\n" && outcome.text == "")
            }
            #expect(try await api.requests.isEmpty)
        }
    }

    @Test(
        "--dry-run prints the DaemonSet alone, without what marks a run; it runs with -f -, in YAML with more around",
        arguments: Kubectl.installed)
    func dryRun(kubectl: Kubectl) async throws {
        try await withFakeAPI(nodes: [.init("a", labels: ["disk": "ssd"], .done("hi\n")), "b"]) { api in
            let printed = try await api.plugin(
                "--image=busybox", "--name=mine", "-l", "disk=ssd", "--dry-run=true", "--", "echo", "$HOME",
                kubectl: kubectl)
            printed.expectStatus(0)
            #expect(printed.stderr == "")
            #expect(!printed.text.contains(runLabel) && !printed.text.contains("ownerReferences"))
            #expect(printed.text.contains("kind: DaemonSet") && printed.text.contains("- $$HOME"))
            #expect(try await api.requests.isEmpty)

            let more = Data("# a comment\n---\n\(printed.text)\n---\n".utf8)
            let run = try await api.plugin(["-f", "-"], kubectl: kubectl, input: more)
            run.expectStatus(0)
            #expect(run.text == "==> a <==\nhi\n")
            let created = try await api.created("daemonsets")[0]
            #expect(created["metadata"]["name"].string == "mine")
            #expect(created.pod["containers"][0]["args"].strings == ["echo", "$$HOME"])

            guard kubectl == .current else { return }
            let full = try await api.withPlugin("--dry-run", by: shell(#"exec "$@" >/dev/full"#)) {
                try await $0.outcome()
            }
            full.expectStatus(3)
            #expect(full.lines == ["error: the manifest can't be written to standard output: No space left on device"])
        }
    }

    @Test("--dry-run=server makes no folder for results, and does not mind what is in it", arguments: [true, false])
    func dryRunFolder(isThere: Bool) async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            if isThere { _ = try api.write("old", to: "a.log") }
            let directory = isThere ? api.directory : api.directory + "/results"
            let printed = try await api.plugin("--dry-run=server", "--output-dir", directory)
            printed.expectStatus(0)
            #expect(printed.text.contains("kind: DaemonSet"))
            #expect(FileManager.default.fileExists(atPath: directory) == isThere)
        }
    }

    @Test("kubectl's global options reach kubectl, in either spelling; every request is in the namespace asked for")
    func globalOptions() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: .init { $0.namespaces = ["team"] }) { api in
            let config = try api.write(
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: one, cluster: {server: "http://127.0.0.1:1/path"}}]
                contexts: [{name: my context, context: {cluster: one, user: me, namespace: other}}]
                users: [{name: me, user: {}}]
                """, to: "my config")
            let options = [
                "-n", "team", "--context=x", "--context", "my context", "--kubeconfig=\(config)", "-s=\(api.server)",
                "--as", "boss",
            ]
            let outcome = try await api.plugin(options, environment: ["KUBECONFIG": "/none"])
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            let requests = try await api.requests.filter { $0.userAgent.contains("run_once") }
            #expect(requests.count > 6)
            let others = requests.filter { !$0.path.contains("/namespaces/team/") }
            let ofNodes = others.filter { !$0.body.contains(#""team""#) }
            #expect(others.allSatisfy { $0.path.hasSuffix("accessreviews") } && ofNodes.count == 1)
            #expect(ofNodes.allSatisfy { $0.body.contains(#""nodes""#) })
            #expect(requests.allSatisfy { $0.headers["Impersonate-User"] == "boss" })
            try await api.expectDeleted(namespace: "team")
        }
    }
}
