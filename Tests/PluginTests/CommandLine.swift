import Foundation
import TestSupport
import Testing
import Version

extension PluginTests {
    @Test("--help and --version print what they should wherever they stand, and ask for nothing")
    func help() async throws {
        try await withFakeAPI { api in
            for arguments in [["-h"], ["-n", "x", "--help"], ["--help=true", "--fail-fast"], ["help"]] {
                let outcome = try await api.plugin(arguments)
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
            let help = try await api.plugin("--help").text
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
            #expect(attach.text.hasPrefix("Follow a run") && attach.text.contains("run-once attach NAME [OPTIONS]"))
            #expect(attach.text.contains("  -o, --output FORMAT  ") && attach.text.contains("      --output-dir DIR  "))
            #expect(!attach.text.contains("--image") && !attach.text.contains("--fail-fast"))
            for topic in ["command", "nodes", "pace", "output", "pods", "agent", "run", "cluster", "status"] {
                let part = try await api.plugin("help", topic).text
                #expect(part.count > 100 && whole.contains(part.dropLast()), "\(topic)")
            }
            let unknown = try await api.plugin("help", "me")
            unknown.expectStatus(2)
            #expect(
                unknown.lines.count == 1
                    && unknown.stderr.contains("no help on 'me': there is help on command, nodes, "))
        }
    }

    @Test("A wrong command line is told in one line that names what is wrong; the cluster is asked for nothing")
    func usageErrors() async throws {
        let image = ["--image", "busybox"]
        let without = "without one, write it in the manifest that --dry-run prints, and run that with -f"
        let none = "it is none of hosts, list, attach, delete, help; a COMMAND goes after -- (see --help)"
        let typed = "kubectl run-once --image IMAGE --"
        let wrong: [(arguments: [String], message: String)] = [
            (["--bogus"], "unknown option --bogus (see --help)"),
            (["--bogus=1"], "unknown option --bogus (see --help)"),
            (["-x"], "unknown option -x (see --help)"),
            (["-i"], "-i/--stdin goes with a COMMAND: kubectl run-once -i --image IMAGE -- COMMAND < FILE"),
            (
                ["-i", "-f", "x.yaml"],
                "-i/--stdin goes with a COMMAND: kubectl run-once -i --image IMAGE -- COMMAND < FILE"
            ),
            (
                image + ["-i", "--dry-run", "--", "cat"],
                "--dry-run can't show what -i/--stdin makes, a Secret and what reads it: leave one out"
            ),
            (["--host"], "--host goes with a COMMAND: kubectl run-once --host -- COMMAND"),
            (["--host", "-f", "x.yaml"], "--host goes with a COMMAND: kubectl run-once --host -- COMMAND"),
            (
                image + ["--host", "--", "ls"],
                "--host runs COMMAND with the node's own programs: leave out --image, or --host"
            ),
            (["--host", "-f", "x.yaml", "--", "ls"], "a COMMAND has a manifest of its own: leave out -f/--filename"),
            (["--host", "--"], "-- needs a COMMAND"),
            (["operand"], "unexpected argument 'operand': \(none)"),
            ([""], "unexpected argument '': \(none)"),
            (["-"], "unexpected argument '-': \(none)"),
            (["-f"], "-f/--filename needs a value (see --help)"),
            (["--filename="], "-f/--filename needs a value (see --help)"),
            (["-n", ""], "-n/--namespace needs a value (see --help)"),
            (["--container"], "-c/--container needs a value (see --help)"),
            (["--output-dir"], "--output-dir needs a value (see --help)"),
            (["--agent-image="], "--agent-image needs a value (see --help)"),
            (["--context"], "--context needs a value (see --help)"),
            (["--kubeconfig="], "--kubeconfig needs a value (see --help)"),
            (["-t"], "-t/--timeout needs a value (see --help)"),
            (["--keep=no"], "--keep is true or false, not 'no' (see --help)"),
            (["--fail-fast="], "--fail-fast is true or false, not '' (see --help)"),
            (["--dry-run=serve"], "--dry-run is client, server, true or false, not 'serve' (see --help)"),
            (["--host", "--timeout", "--", "true"], "-t/--timeout needs a value (see --help)"),
            (
                ["logs", "x"],
                "a COMMAND needs an --image to run in, or --host, and goes after --:\n    \(typed) logs x"
            ),
            (
                ["-q", "uname", "-r"],
                "a COMMAND needs an --image to run in, or --host, and goes after --:\n    "
                    + "kubectl run-once -q --image IMAGE -- uname -r"
            ),
            (["run", "--", "true"], "unexpected argument 'run': \(none)"),
            (
                ["host", "--", "true"],
                "unexpected argument 'host': did you mean --host? a COMMAND goes after -- (see --help)"
            ),
            (["--parallel", "0"], "--parallel: not a number such as 10, or percent such as 10%, from 1 up: '0'"),
            (["--parallel=0%"], "--parallel: not a number such as 10, or percent such as 10%, from 1 up: '0%'"),
            (["--parallel=%"], "--parallel: not a number such as 10, or percent such as 10%, from 1 up: '%'"),
            (["--parallel=-1"], "--parallel: not a number such as 10, or percent such as 10%, from 1 up: '-1'"),
            (
                ["--parallel=101%"],
                "--parallel: 100% at most: '101%'"
            ),
            (
                ["--parallel=2", "--max-failures=some"],
                "--max-failures: not a number such as 10, or percent such as 10%, from 0 up: 'some'"
            ),
            (["--wait=false", "--keep"], "--keep deletes nothing: leave out --wait=false"),
            (
                ["--detach", "--max-failures=2"],
                "--detach does not go with --max-failures: nobody would be there to stop the run"
            ),
            (["--image", "busybox"], "--image goes with a COMMAND: kubectl run-once --image IMAGE -- COMMAND"),
            (
                ["-q", "--name", "x"],
                "nothing to run: say -- COMMAND, -f FILE, or hosts for each node's /etc/hosts (see --help)"
            ),
            (["hosts", "--image", "busybox"], "--image does not go with hosts (see --help)"),
            (["hosts", "node-1"], "hosts takes no NAME: --nodes A,B chooses nodes"),
            (["hosts", "--", "ls"], "hosts takes no COMMAND (see --help)"),
            (["delete", "--all"], "delete takes names, and not --all: kubectl run-once list shows them"),
            (["--", "ls"], "a COMMAND needs an --image to run in, or --host"),
            (image + ["--"], "-- needs a COMMAND"),
            (image + ["-f", "x.yaml", "--", "ls"], "a COMMAND has a manifest of its own: leave out -f/--filename"),
            (
                ["-f", "x.yaml", "--agent-image", "x"],
                "--agent-image is for the manifests that are built in: with -f/--filename write it there"
            ),
            (
                image + ["--name", "Upper", "--", "ls"],
                "--name: small letters, digits and - only, 50 at most, and no - first or last: 'Upper'"
            ),
            (
                image + ["--name", "-x", "--", "ls"],
                "--name: small letters, digits and - only, 50 at most, and no - first or last: '-x'"
            ),
            (["-f", "a.yaml", "-f", "b.yaml"], "-f/--filename is one file: a run has one DaemonSet"),
            (image + ["ls"], "a COMMAND goes after --:\n    kubectl run-once --image busybox -- ls"),
            (
                image + ["--token", "s3cret", "-q", "--password=s3cret", "ls"],
                "a COMMAND goes after --:\n    kubectl run-once --image busybox -q -- ls"
            ),
            (["--host", "lists"], "a COMMAND goes after --:\n    kubectl run-once --host -- lists"),
            (
                ["-q", "--image=a b", "uname", "-r", "-l", "x'y"],
                "a COMMAND goes after --:\n    kubectl run-once -q '--image=a b' -- uname -r -l 'x'\\''y'"
            ),
            (
                image + ["--", "uname -r"],
                "no program is called 'uname -r':\n    kubectl run-once --image busybox -- sh -c 'uname -r'"
            ),
            (
                image + ["-it", "--", "sh"],
                "-it: -t is --timeout, and there is no terminal: -i alone passes standard input on"
            ),
            (["--paralel", "2"], "unknown option --paralel (did you mean --parallel? see --help)"),
            (["--limits=cpu=1"], "--limits goes with a COMMAND: \(without)"),
            (["--service-account", "x"], "--service-account goes with a COMMAND: \(without)"),
            (
                ["-f", "x.yaml", "--env", "A=b"],
                "--env goes with a COMMAND: with -f/--filename write it in the manifest"
            ),
            (
                ["-f", "x.yaml", "--image-pull-secret=x"],
                "--image-pull-secret goes with a COMMAND: with -f/--filename write it in the manifest"
            ),
            (
                image + ["--requests", "cpu", "--", "ls"],
                "--requests: not RESOURCE=QUANTITY such as cpu=100m,memory=64Mi: 'cpu'"
            ),
            (
                image + ["--requests", "cpu=1,", "--", "ls"],
                "--requests: not RESOURCE=QUANTITY such as cpu=100m,memory=64Mi: ''"
            ),
            (
                ["--host", "--limits=memory=", "--", "ls"],
                "--limits: not RESOURCE=QUANTITY such as cpu=2,memory=1Gi: 'memory='"
            ),
            (image + ["--labels", "a=b,c", "--", "ls"], "--labels: not KEY=VALUE such as team=ops,stage=test: 'c'"),
            (image + ["--labels", "=b", "--", "ls"], "--labels: not KEY=VALUE such as team=ops,stage=test: '=b'"),
            (
                image + ["--labels", "run-once-daemonset=x", "--", "ls"],
                "--labels: the run has this label of its own, take another, such as team=ops: 'run-once-daemonset=x'"
            ),
            (
                image + ["--labels", "a=b,run-once-daemonset/run=x", "--", "ls"],
                "--labels: the run has this label of its own, take another, such as team=ops: "
                    + "'run-once-daemonset/run=x'"
            ),
            (image + ["--env", "A", "--", "ls"], "--env: not NAME=VALUE such as LANG=C.UTF-8: 'A'"),
            (image + ["--env", "=b", "--", "ls"], "--env: not NAME=VALUE such as LANG=C.UTF-8: '=b'"),
            (
                image + ["--env", "1A=secret", "--", "ls"],
                "--env: not the NAME of a variable, as in LANG=C.UTF-8: '1A'"
            ),
            (
                image + ["--env", "A.B=secret", "--", "ls"],
                "--env: not the NAME of a variable, as in LANG=C.UTF-8: 'A.B'"
            ),
            (
                image + ["--env", "NODE=x", "--", "ls"],
                "--env: NODE holds the node's name, take another name, as in LANG=C.UTF-8: 'NODE'"
            ),
            (
                ["--host", "--env", "A=b", "--", "ls"],
                "--env does not reach a command on the node: -- env NAME=VALUE COMMAND"
            ),
            (["attach", "x", "--env", "A=b"], "--env does not go with attach (see --help)"),
            (["delete", "x", "--labels=a=b"], "--labels does not go with delete (see --help)"),
            (["-l", "a b"], "--selector: not a requirement of labels such as disk=ssd: 'a b'"),
            (["--nodes", "a,,b"], "--nodes: names with commas between and no spaces, as in a,b, and not ''"),
            (["--exclude", "a b"], "--exclude: names with commas between and no spaces, as in a,b, and not 'a b'"),
            (
                ["hosts", "--output-dir", "/dev/null/x"],
                "--output-dir: /dev/null/x is no folder, and can't be made one: name another"
            ),
            (["atach", "x"], "unexpected argument 'atach': did you mean attach? a COMMAND goes after -- (see --help)"),
            (["lists"], "unexpected argument 'lists': did you mean list? a COMMAND goes after -- (see --help)"),
            (
                ["-n", "x", "delet"],
                "unexpected argument 'delet': did you mean delete? a COMMAND goes after -- (see --help)"
            ),
            (["-A"], "-A/--all-namespaces goes with list: kubectl run-once list"),
            (["attach"], "attach takes the NAME of one run, which kubectl run-once list shows"),
            (["attach", "a", "b"], "attach takes the NAME of one run, which kubectl run-once list shows"),
            (["attach", "A"], "attach: not the name of a run: 'A'"),
            (["attach", "x", "--fail-fast"], "--fail-fast does not go with attach (see --help)"),
            (["-t", "5m", "attach", "x"], "-t/--timeout does not go with attach (see --help)"),
            (["attach", "x", "--", "ls"], "attach takes no COMMAND (see --help)"),
            (
                ["attach", "x", "--output-dir", "/dev/null/x"],
                "--output-dir: /dev/null/x is no folder, and can't be made one: name another"
            ),
            (["list", "x"], "list takes no NAME: kubectl run-once list"),
            (["list", "-o", "yaml"], "list prints a table, or JSON with -o json"),
            (["list", "--output-dir=x"], "--output-dir does not go with list (see --help)"),
            (["delete"], "delete takes the NAME of a run, which kubectl run-once list shows"),
            (["delete", "a", "pod/b"], "delete: not the name of a run: 'pod/b'"),
            (["--keep-for", "1h"], "--keep-for goes with --detach"),
            (["--keep-for=1h", "--detach=false"], "--keep-for goes with --detach"),
            (
                ["--detach", "--keep-for", "x"],
                "--keep-for: from 1s to 8760h, such as 90s, 5m, 1h30m, and not 'x'"
            ),
            (
                ["--detach", "--fail-fast"],
                "--detach does not go with --fail-fast: nobody would be there to stop the run"
            ),
            (["--keep", "--detach"], "--detach does not go with --keep: the cluster deletes what nobody follows"),
            (
                ["--detach", "--output-dir", "x"],
                "--detach does not go with --output-dir: the results come with kubectl run-once attach, which takes it"
            ),
            (["attach", "x", "--detach"], "--detach does not go with attach (see --help)"),
            (["delete", "a", "-A"], "-A/--all-namespaces does not go with delete (see --help)"),
        ]
        try await withFakeAPI { api in
            for (arguments, message) in wrong {
                let outcome = try await run([pluginPath] + arguments, environment: api.environment())
                #expect(outcome.ending == .status(2), "\(arguments)")
                #expect(outcome.stderr == "error: \(message)\n", "\(arguments)")
                #expect(outcome.stdout.isEmpty, "\(arguments)")
            }
            #expect(try await api.requests.isEmpty)
        }
    }

    @Test(
        "A timeout is a duration as kubectl takes it, or seconds, up to a year; anything else is refused",
        arguments: [
            ("1", true), ("90s", true), ("5m", true), ("1h30m", true), ("1h1m1s", true), ("8760h", true),
            ("31536000", true), ("0", false), ("0s", false), ("1.5", false), ("-5", false), ("5x", false),
            ("1d", false),
            ("5m1h", false), ("1h1h", false), ("m", false), ("1m30", false), ("31536001", false),
            ("99999999999h", false),
            (" 5", false), ("٥", false),
        ])
    func timeouts(text: String, isRight: Bool) async throws {
        let outcome = try await parse(["--timeout=\(text)"])
        #expect(outcome.ending == .status(isRight ? 3 : 2))
        #expect(
            isRight
                || outcome.stderr == "error: --timeout: from 1s to 8760h, such as 90s, 5m, 1h30m, and not '\(text)'\n")
    }

    @Test(
        "A shell that would read its commands from standard input is refused: it would do nothing, and succeed",
        arguments: [
            ["sh"], ["/bin/bash"], ["sh", "-s"], ["sh", "-es", "x"], ["bash", "-x"], ["sh", "-"], ["sh", "--"],
            ["ash", "+x"],
            ["busybox", "sh"], ["bash", "--norc"], ["bash", "-o", "pipefail"], ["bash", "--rcfile", "x"],
            ["zsh", "-e"],
        ])
    func shellsThatReadInput(command: [String]) async throws {
        let outcome = try await parse(["--image=busybox", "--"] + command)
        #expect(outcome.ending == .status(2))
        let shell = command[0] == "busybox" ? command[1] : command[0].split(separator: "/").last.map(String.init) ?? ""
        #expect(
            outcome.stderr == """
                error: \(shell) would read its commands from standard input, which is empty: use \(shell) -c 'COMMANDS', \
                or -i < SCRIPT

                """)
        let empty = try await parse(["-i", "--image=busybox", "--"] + command)
        empty.expectStatus(2)
        let line = "error: -i/--stdin: standard input is empty, so that \(shell) would run nothing and succeed\n"
        #expect(empty.stderr == line)
    }

    @Test(
        "A shell with commands or a script, and what is no shell, may run",
        arguments: [
            ["sh", "-c", "ls"], ["bash", "-ec", "ls"], ["sh", "script"], ["bash", "--norc", "-c", "ls"],
            ["sh", "-x", "script"],
            ["bash", "-o", "pipefail", "-c", "ls"], ["bash", "-o", "pipefail", "script"], ["shred", "-s", "1"],
            ["busybox", "ls"], ["sh", "--", "script"],
        ])
    func shellsThatMayRun(command: [String]) async throws {
        try await parse(["--image=busybox", "--"] + command).expectStatus(3)
    }

    @Test(
        "--dry-run prints the DaemonSet alone, without what marks a run, and what it prints runs with -f",
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

            let run = try await api.plugin("-f", api.write(printed.text, to: "mine.yaml"), kubectl: kubectl)
            run.expectStatus(0)
            #expect(run.text == "==> a <==\nhi\n")
            let created = try await api.created("daemonsets")[0]
            #expect(created["metadata"]["name"].string == "mine")
            #expect(created.pod["containers"][0]["args"].strings == ["echo", "$$HOME"])

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
            if isThere { try api.write("old", to: "a.log") }
            let directory = isThere ? api.directory : api.directory + "/results"
            let printed = try await api.plugin("--dry-run=server", "--output-dir", directory)
            printed.expectStatus(0)
            #expect(printed.text.contains("kind: DaemonSet"))
            #expect(FileManager.default.fileExists(atPath: directory) == isThere)
        }
    }

    @Test("kubectl's global options reach kubectl, in either spelling; every request is in the namespace asked for")
    func globalOptions() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: .init(namespaces: ["team"])) { api in
            let config = try api.write(
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: one, cluster: {server: "http://127.0.0.1:1/path"}}]
                contexts: [{name: my context, context: {cluster: one, user: me, namespace: other}}]
                users: [{name: me, user: {}}]
                """, to: "my config")
            for options in [
                ["-n", "team", "--context", "my context", "--kubeconfig", config, "-s", api.server, "--as", "boss"],
                [
                    "--namespace=team", "--context=my context", "--kubeconfig=\(config)", "--server=\(api.server)",
                    "--as=boss",
                ],
                [
                    "-nteam", "--context=x", "--context=my context", "--kubeconfig=\(config)", "-s=\(api.server)",
                    "--as=boss",
                ],
            ] {
                let outcome = try await api.plugin(options, environment: ["KUBECONFIG": "/none"])
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nhi\n")
            }
            let requests = try await api.requests.filter { $0.userAgent.contains("run_once") }
            #expect(requests.count > 20)
            let others = requests.filter { !$0.path.contains("/namespaces/team/") }
            let ofNodes = others.filter { !$0.body.contains(#""team""#) }
            #expect(others.allSatisfy { $0.path.hasSuffix("accessreviews") } && ofNodes.count == 3)
            #expect(ofNodes.allSatisfy { $0.body.contains(#""nodes""#) })
            #expect(requests.allSatisfy { $0.headers["Impersonate-User"] == "boss" })
            try await api.expectDeleted(namespace: "team")
        }
    }
}

/// Runs it where there is no kubectl: status 3 says that it has taken the command line, status 2 that it has not.
private func parse(_ arguments: [String]) async throws -> Outcome {
    try await run(commandLine(arguments), environment: ["PATH": "/var/empty"])
}
