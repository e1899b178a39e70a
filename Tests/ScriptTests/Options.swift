import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Command line") struct Options {
    @Test("--help prints the manual, which is the script's header, and needs no cluster", arguments: Shell.installed)
    func help(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let header = try String(contentsOfFile: script, encoding: .utf8)
                .split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
                .prefix { $0.hasPrefix("#") && !$0.hasPrefix("# shellcheck") }
                .map { $0.dropFirst(2) + "\n" }.joined()
            #expect(header.contains("Exit status: "))
            for option in ["-h", "--help"] {
                let outcome = try await cluster.run("--keep", option)
                #expect(outcome == Outcome(ending: .status(0), stdout: Data(header.utf8), stderr: ""))
            }
            #expect(try cluster.calls == [])
        }
    }

    @Test("Every request goes to the cluster and the namespace that were asked for", arguments: Shell.installed)
    func whichCluster(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let flags = ["--kubeconfig=/a folder/config", "--context=my cluster", "--namespace=team"]
            try cluster.write("create", "team uid-1 task main")
            try cluster.finish(["a": "result\n"])
            let outcome = try await cluster.run(
                "-n", "team", "--context", "my cluster", "--kubeconfig", "/a folder/config")
            #expect(outcome.ending == .status(0))
            let requests = try cluster.calls.filter { call in
                !call.starts(with: ["patch", "--local"])
            }
            #expect(requests.allSatisfy { $0.starts(with: flags) }, "\(requests)")
            let verbs = Set(requests.map { $0[3] })
            #expect(verbs == ["create", "get", "logs", "delete"])

            try cluster.write("create.error", "error: enough\n")
            try cluster.write("calls", "")
            _ = try await cluster.run("--namespace", "team", "--context=my cluster", "--kubeconfig=/a folder/config")
            _ = try await cluster.run("--namespace=team", "--context", "my cluster", "--kubeconfig", "/a folder/config")
            #expect(try cluster.calls("create").filter { $0.starts(with: flags) }.count == 2)
        }
    }

    @Test("Without options kubectl decides on the cluster and the namespace", arguments: Shell.installed)
    func defaultCluster(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let daemonset = try String(contentsOfFile: "\(scriptFolder)/daemonset.yaml", encoding: .utf8)
            try cluster.finish(["a": "result\n"])
            #expect(try await cluster.run().ending == .status(0))
            #expect(try cluster.calls("create").map { $0[0] } == ["create"])
            #expect(try cluster.calls.allSatisfy { $0.allSatisfy { !$0.starts(with: "--context") } })
            #expect(try cluster.read("manifest") == daemonset)
        }
    }

    @Test("The namespace of the manifest is used, unless another is asked for", arguments: Shell.installed)
    func namespaceOfTheManifest(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("objects", "apps/v1 DaemonSet task team\n")
            try cluster.write("create.error", "error: no\n")
            _ = try await cluster.run()
            _ = try await cluster.run("-n", "other")
            #expect(try cluster.calls("create").map { $0[0] } == ["--namespace=team", "--namespace=other"])
        }
    }

    @Test("--image and --selector change the pods, in each way to write them", arguments: Shell.installed)
    func imageAndSelector(shell: Shell) async throws {
        let image = "registry.example:5000/team/task_1@sha256:0123"
        let selector = "kubernetes.io/arch=arm64,empty="
        try await withCluster(shell) { cluster in
            for options in [
                ["-i", image, "-l", selector], ["--image", image, "--selector", selector],
                ["--image=\(image)", "--selector=\(selector)"],
            ] {
                let outcome = try await TestSupport.run(
                    cluster.command(options + ["--dry-run"]), environment: cluster.environment)
                let changes = try changes(outcome)
                #expect(changes.map.spec.template.spec.nodeSelector == ["kubernetes.io/arch": "arm64", "empty": ""])
                #expect(changes.container == ["image": [image]])
                #expect(outcome.ending == .status(0))
            }
        }
    }

    @Test("--dry-run prints the manifest with the run's label, and creates nothing", arguments: Shell.installed)
    func dryRun(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let outcome = try await cluster.run("--dry-run")
            let changes = try changes(outcome)
            #expect(outcome.ending == .status(0))
            #expect(outcome.stderr == "")
            #expect(changes.map.metadata.labels.keys.sorted() == ["run-once-daemonset/run"])
            #expect(changes.map.spec.template.metadata.labels == changes.map.metadata.labels)
            #expect(changes.map.spec.template.spec.nodeSelector == [:])
            #expect(changes.container == [:])
            #expect(try cluster.calls.allSatisfy { $0.starts(with: ["patch", "--local"]) })
        }
    }

    @Test("A COMMAND becomes the arguments of the container, word by word, for the container to expand",
        arguments: Shell.installed)
    func command(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let outcome = try await cluster.run(
                "--image", "busybox", "--dry-run",
                "--", "sh", "-c", "echo  $HOME $(NAME)", "--keep", "a=b", "--n=x", "")
            #expect(try changes(outcome).container == [
                "image": ["busybox"], "args": ["sh", "-c", "echo  $$HOME $$(NAME)", "--keep", "a=b", "--n=x", ""],
            ])
            let manifest = "\(scriptFolder)/Examples/any-command.yaml"
            #expect(try cluster.read("manifest") == String(contentsOfFile: manifest, encoding: .utf8))
        }
    }

    @Test("The manifest comes from a file or from standard input", arguments: Shell.installed)
    func filename(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.write("my manifest.yaml", "from the file")
            for option in [["-f", "my manifest.yaml"], ["--filename=\(cluster.directory)/my manifest.yaml"]] {
                let outcome = try await TestSupport.run(
                    cluster.command(option + ["--dry-run"]), environment: cluster.environment,
                    directory: cluster.directory)
                #expect(outcome.ending == .status(0))
                #expect(try cluster.read("manifest") == "from the file")
                try cluster.remove("manifest")
            }
            #expect(try await cluster.run("-f", "-", "--dry-run", input: "from a pipe\n").ending == .status(0))
            #expect(try cluster.read("manifest") == "from a pipe\n")
        }
    }

    @Test("A manifest that is not one DaemonSet is refused by name", arguments: Shell.installed)
    func wrongManifest(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            func expectRefused(_ reason: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
                let outcome = try await cluster.run("-f", "x.yaml", sourceLocation: sourceLocation)
                #expect(outcome.ending == .status(2), sourceLocation: sourceLocation)
                #expect(outcome.stdout.isEmpty, sourceLocation: sourceLocation)
                #expect(lines(outcome.stderr).count == 1, sourceLocation: sourceLocation)
                let said = outcome.stderr
                #expect(said.contains("x.yaml: \(reason)"), "\(said)", sourceLocation: sourceLocation)
                #expect(try cluster.calls("create") == [], sourceLocation: sourceLocation)
            }
            try cluster.write("x.yaml", "")
            let daemonset = try cluster.read("objects")
            try cluster.write("objects", "v1 Namespace team \n{}\n" + daemonset)
            try await expectRefused(
                "must hold one DaemonSet of apps/v1 and nothing else, but holds: v1 Namespace, apps/v1 DaemonSet (see")
            try cluster.write("objects", daemonset.replacing("apps/v1", with: "apps.kruise.io/v1beta1"))
            try await expectRefused(
                "must hold one DaemonSet of apps/v1 and nothing else, but holds: apps.kruise.io/v1beta1 DaemonSet (see")
            try cluster.write("patch.error", "error: error parsing x.yaml: found a tab\n")
            try await expectRefused("not the manifest of a DaemonSet: error parsing x.yaml: found a tab")
        }
    }

    @Test("A wrong command line is told in one line that names what is wrong, before anything is created",
        arguments: Shell.installed)
    func usageErrors(shell: Shell) async throws {
        let wrong: [(arguments: [String], named: String)] = [
            (["--timeout", "x"], "--timeout"), (["-t", "1.5m"], "--timeout"), (["-t", "-5"], "--timeout"),
            (["-t", "5d"], "--timeout"), (["-t", "m"], "--timeout"), (["--timeout=5 m"], "--timeout"),
            (["--timeout=123456789"], "--timeout"), (["--timeout="], "--timeout"), (["-t", "5\nx"], "--timeout"),
            (["-l", "disk"], "--selector"), (["-l", "=ssd"], "--selector"), (["-l", "a=b,c"], "--selector"),
            (["-l", "a=b,"], "--selector"), (["-l", "a=\"b"], "--selector"), (["-l", "a=b c"], "--selector"),
            (["-l", "a!=b"], "--selector"), (["-l", "a=b\n\"c"], "--selector"),
            (["-i", "my image"], "--image"), (["-i", "a\"b"], "--image"), (["-i", "a'b"], "--image"),
            (["-i", "a\nb"], "--image"), (["--image="], "--image"),
            (["-f"], "-f"), (["--filename"], "--filename"), (["-n"], "-n"), (["--namespace", ""], "--namespace"),
            (["--context"], "--context"), (["--kubeconfig="], "--kubeconfig"), (["-i"], "-i"), (["-l"], "-l"),
            (["-t"], "-t"), (["-o"], "-o"), (["--output-dir="], "--output-dir"),
            (["--bogus"], "--bogus"), (["--bogus=1"], "--bogus"), (["-x"], "-x"), (["operand"], "operand"),
            ([""], "unknown argument"), (["--"], "--"), (["--", "true"], "--image"),
            (["-f", "a", "-i", "b", "--", "true"], "--filename"),
            (["--local", "-f", "x"], "--local"), (["--local", "-n", "x"], "--local"),
            (["--local", "--context", "x"], "--local"), (["--local", "--kubeconfig", "x"], "--local"),
            (["--local", "-i", "x"], "--local"), (["--local", "-l", "a=b"], "--local"),
            (["--local", "--keep"], "--local"), (["--local", "--fail-fast"], "--local"),
            (["--local", "--dry-run"], "--local"),
        ]
        try await withCluster(shell) { cluster in
            try cluster.write("create.error", "error: not expected\n")
            for (arguments, named) in wrong {
                let outcome = try await TestSupport.run(cluster.command(arguments), environment: cluster.environment)
                #expect(outcome.ending == .status(2), "\(arguments)")
                #expect(outcome.stdout.isEmpty, "\(arguments)")
                #expect(lines(outcome.stderr).first?.contains(named) == true, "\(arguments): \(outcome.stderr)")
                #expect(outcome.stderr.hasSuffix(" (see --help)\n"), "\(arguments): \(outcome.stderr)")
                let isOneLine = lines(outcome.stderr).count == 1
                #expect(isOneLine || arguments.joined().contains("\n"), "\(arguments): \(outcome.stderr)")
            }
            #expect(try cluster.calls("create") == [])
            #expect(try names(in: cluster.temporary) == [])
        }
    }

    @Test("Flags that take no value refuse one", arguments: Shell.installed)
    func noValue(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            for flag in ["--keep", "--fail-fast", "--dry-run", "--local"] {
                let outcome = try await cluster.run("\(flag)=no")
                #expect(outcome.ending == .status(2), "\(flag)=no")
                #expect(outcome.stdout.isEmpty)
            }
            #expect(try cluster.calls("create") == [])
        }
    }

    @Test("Without a kubectl of 1.20 or later there is one line that says what to do", arguments: Shell.installed)
    func kubectl(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            // An older one writes objects as Go does.
            try cluster.write("kubectl", """
                #!/bin/sh
                echo 'apps/v1 DaemonSet task '
                echo 'map[apiVersion:apps/v1 kind:DaemonSet]'
                """)
            try cluster.unlink("kubectl")
            try cluster.link("kubectl", to: cluster.directory + "/kubectl")
            #expect(chmod(cluster.directory + "/kubectl", 0o755) == 0)
            let old = try await cluster.run()
            #expect(old.ending == .status(3))
            #expect(old.stderr == "run-once-daemonset: kubectl 1.20 or later is needed: this one is older\n")
            try cluster.unlink("kubectl")
            let outcome = try await cluster.run()
            #expect(outcome.ending == .status(3))
            #expect(lines(outcome.stderr).count == 1)
            #expect(outcome.stderr.contains("kubectl is not on PATH: install it, or"))
            #expect(outcome.stderr.contains("--local"))
        }
    }

    @Test("The script finds its manifest beside itself, whatever the folders are called", arguments: Shell.installed)
    func folderWithSpaces(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            let folder = cluster.directory + "/my  scripts"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            try FileManager.default.createDirectory(atPath: folder + "/temp files", withIntermediateDirectories: false)
            try FileManager.default.copyItem(atPath: script, toPath: folder + "/run once.sh")
            try cluster.write("my  scripts/daemonset.yaml", "beside the script")
            try cluster.finish(["a": "result\n"])
            let outcome = try await cluster.run(
                script: folder + "/run once.sh", environment: ["TMPDIR": folder + "/temp files"])
            #expect(outcome.text == "==> a <==\nresult\n")
            #expect(outcome.ending == .status(0))
            #expect(try cluster.read("manifest") == "beside the script")
            #expect(try names(in: folder + "/temp files") == [])
        }
    }

    @Test("A CDPATH of the user's leads nowhere else", arguments: Shell.installed)
    func searchPath(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            for folder in ["scripts", "elsewhere", "elsewhere/results"] {
                try FileManager.default.createDirectory(
                    atPath: "\(cluster.directory)/\(folder)", withIntermediateDirectories: false)
            }
            try FileManager.default.copyItem(atPath: script, toPath: cluster.directory + "/scripts/run-once.sh")
            try cluster.write("scripts/daemonset.yaml", "beside the script")
            try cluster.finish(["a": "result\n"])
            let outcome = try await cluster.run(
                "-o", "results", script: "scripts/run-once.sh",
                environment: ["CDPATH": "\(cluster.directory)/elsewhere:\(cluster.directory)"])
            #expect(outcome.ending == .status(0))
            #expect(try cluster.read("manifest") == "beside the script")
            #expect(try cluster.read("results/a.log") == "result\n")
        }
    }

    /// What the script had kubectl change of the manifest.
    private func changes(_ outcome: Outcome) throws -> (map: Manifest, container: [String: [String]]) {
        #expect(outcome.text.hasPrefix("yaml of {"))
        let changes = try JSONDecoder().decode(Changes.self, from: Data(outcome.text.dropFirst(8).utf8))
        let (map, operations) = (changes.map, changes.operations)
        let container = "/spec/template/spec/containers/0/"
        #expect(operations.allSatisfy { $0.op == "add" && $0.path.hasPrefix(container) })
        return (map, .init(uniqueKeysWithValues: operations.map { ($0.path.replacing(container, with: ""), $0.value) }))
    }

    /// A merge patch, and JSON patches.
    private struct Changes: Decodable {
        let map: Manifest
        var operations: [Operation] = []

        private enum Key: CodingKey { case changes }

        init(from decoder: any Decoder) throws {
            var list = try decoder.container(keyedBy: Key.self).nestedUnkeyedContainer(forKey: .changes)
            map = try list.decode(Manifest.self)
            while !list.isAtEnd { operations += try list.decode([Operation].self) }
        }
    }

    /// A step of a JSON patch.
    private struct Operation: Decodable {
        let op, path: String
        /// One string, or a list of them.
        let value: [String]

        private enum Key: CodingKey { case op, path, value }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            op = try fields.decode(String.self, forKey: .op)
            path = try fields.decode(String.self, forKey: .path)
            value = try (try? [fields.decode(String.self, forKey: .value)])
                ?? fields.decode([String].self, forKey: .value)
        }
    }

    private struct Manifest: Decodable {
        struct Metadata: Decodable { let labels: [String: String] }
        struct Pod: Decodable { let nodeSelector: [String: String] }
        struct Template: Decodable {
            let metadata: Metadata
            let spec: Pod
        }
        struct Spec: Decodable { let template: Template }
        let metadata: Metadata
        let spec: Spec
    }
}
