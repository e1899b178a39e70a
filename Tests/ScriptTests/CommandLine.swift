import Foundation
import TestSupport
import Testing

@Suite("Command line") struct CommandLineTests {
    @Test("--help prints the manual, which is the script's header, and asks no cluster")
    func help() async throws {
        try await withFakeAPI { api in
            let header = try String(contentsOfFile: script, encoding: .utf8)
                .split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
                .prefix { $0.hasPrefix("#") }.map { $0.dropFirst(2) + "\n" }.joined()
            #expect(header.contains("Exit status: "))
            for option in ["-h", "--help"] {
                let outcome = try await api.script("-n", "x", option)
                #expect(outcome.text.trimmingCharacters(in: .newlines) == header.trimmingCharacters(in: .newlines))
                #expect(outcome.stderr == "")
                outcome.expectStatus(0)
            }
            #expect(try await api.requests.isEmpty)
        }
    }

    @Test("A wrong command line is told in one line that names what is wrong, before anything is created")
    func usageErrors() async throws {
        let wrong: [(arguments: [String], named: String)] = [
            (["-t", "x"], "--timeout"), (["-t", "1.5"], "--timeout"), (["-t", "-5"], "--timeout"),
            (["-t", "5m"], "--timeout"),
            (["--timeout=12345678"], "--timeout"), (["--timeout="], "--timeout"), (["-f"], "-f"),
            (["--filename"], "--filename"),
            (["-n"], "-n"), (["--namespace", ""], "--namespace"), (["--context"], "--context"),
            (["--kubeconfig="], "--kubeconfig"), (["--kubeconfig", "/nowhere"], "can't be read: /nowhere"),
            (["-t"], "-t"), (["--bogus"], "--bogus"), (["-x"], "-x"), (["operand"], "operand"),
            ([""], "unknown argument"),
            (["--local", "-n", "x"], "--local"), (["-n", "x", "--local"], "--local"),
        ]
        try await withFakeAPI { api in
            for (arguments, named) in wrong {
                let outcome = try await run(Shell.any.command(script, arguments), environment: api.environment())
                #expect(outcome.ending == .status(2), "\(arguments)")
                #expect(outcome.stdout.isEmpty, "\(arguments)")
                #expect(outcome.said.count == 1 && outcome.said[0].contains(named), "\(arguments): \(outcome.stderr)")
                #expect(outcome.stderr.hasSuffix(" (see --help)\n"), "\(arguments): \(outcome.stderr)")
            }
            #expect(try await api.requests.isEmpty)
        }
    }

    @Test("The manifest, with its namespace, comes from a file, from standard input, or else from beside the script")
    func filename() async throws {
        try await withFakeAPI(nodes: [.init("a", .done())], settings: .init { $0.namespaces = ["team"] }) { api in
            let manifest = try api.manifest(probed, metadata: "name: task, namespace: team")
            let text = try String(contentsOfFile: manifest, encoding: .utf8)
            try await api.script("--filename", api.write(text, to: "my manifest.yaml")).expectStatus(0)
            try await api.expectDeleted(namespace: "team")
            // What is asked for is enough here.
            try await api.fail(.refused(403, "Forbidden", "no"), verb: "create")
            try await api.script("-f", "-", input: text).expectStatus(3)

            let folder = api.directory + "/my scripts"
            try FileManager.default.createDirectory(atPath: folder + "/my scripts", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: script, toPath: folder + "/run once.sh")
            try FileManager.default.copyItem(atPath: manifest, toPath: folder + "/daemonset.yaml")
            // A CDPATH of the user's leads nowhere else.
            try await api.script(script: "my scripts/run once.sh", environment: ["CDPATH": folder]).expectStatus(3)
            let bodies = try await api.requests("POST", "/namespaces/team/daemonsets").map(\.body)
            #expect(bodies.count == 3 && bodies.allSatisfy { $0.contains(#""name":"task""#) })
        }
    }

    @Test(
        "A manifest that is not one DaemonSet with a task that can be told is refused in plain words, by every kubectl",
        arguments: Kubectl.installed)
    func wrongManifests(kubectl: Kubectl) async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            func expectRefused(
                _ reason: String, _ manifest: String, sourceLocation: SourceLocation = #_sourceLocation
            ) async throws {
                let outcome = try await api.script("-f", manifest, kubectl: kubectl, sourceLocation: sourceLocation)
                outcome.expectStatus(2, sourceLocation: sourceLocation)
                #expect(outcome.said.count == 1, "\(outcome.stderr)", sourceLocation: sourceLocation)
                #expect(
                    outcome.stderr.contains("\(manifest): \(reason)"), "\(outcome.stderr)",
                    sourceLocation: sourceLocation)
                #expect(outcome.text == "", sourceLocation: sourceLocation)
            }
            let side = "{name: side, image: busybox}"
            let terminal = "{name: task, image: busybox, tty: true, readinessProbe: {exec: {command: [\"true\"]}}}"
            let annotation = "kubectl.kubernetes.io/default-container"
            let daemonset = try String(contentsOfFile: api.manifest(probed), encoding: .utf8)

            try await expectRefused("not the manifest", api.directory + "/none.yaml")
            try await expectRefused("not the manifest", api.write("", to: "x.yaml"))
            try await expectRefused(
                "must hold one DaemonSet", api.write(daemonset + "\n---\n" + daemonset, to: "x.yaml"))
            try await expectRefused(
                "must hold one DaemonSet with a name", api.manifest(probed, metadata: "generateName: task-"))
            try await expectRefused("needs the annotation \(annotation): side task", api.manifest(side, probed))
            try await expectRefused(
                "no container side with a readiness probe",
                api.manifest(side, probed, annotations: "{\(annotation): side}"))
            try await expectRefused("container task has tty: true", api.manifest(terminal))
            #expect(try await api.requests.allSatisfy { $0.method == "GET" })
        }
    }

    @Test("Without kubectl there is one line that says what to do")
    func noKubectl() async throws {
        try await withFakeAPI { api in
            let tools = api.directory + "/tools"
            try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: false)
            for tool in ["cat", "date", "dirname", "mktemp", "rm", "sed"] {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(tools)/\(tool)", withDestinationPath: #require(path(of: tool)))
            }
            let outcome = try await api.script(environment: ["PATH": tools])
            outcome.expectStatus(3)
            #expect(
                outcome.stderr
                    == "run-once-daemonset: kubectl is not on PATH: install it, or use no cluster: \(script) --local\n")
        }
    }
}
