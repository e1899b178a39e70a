import Orchestrator
import RunLogic
import Testing

@testable import kubectl_run_once

@Suite("What a command line says") struct UsageTests {
    @Test("A wrong command line is refused with the words that name what is wrong, and often what would be right")
    func usageErrors() {
        let image = ["--image", "busybox"]
        let without = "without one, write it in the manifest that --dry-run prints, and run that with -f"
        let none = "it is none of hosts, list, attach, delete, help; a COMMAND goes after -- (see --help)"
        let typed = "kubectl run-once --image IMAGE --"
        let reads = "would read its commands from standard input, which is empty: "
        let wrong: [(arguments: [String], message: String)] = [
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
                "a COMMAND needs an --image to run in, or --host, and goes after --:\n\(typed) logs x"
            ),
            (
                ["-q", "uname", "-r"],
                "a COMMAND needs an --image to run in, or --host, and goes after --:\n"
                    + "kubectl run-once --quiet --image IMAGE -- uname -r"
            ),
            (
                ["--output-dir=-x", "--host", "ls"],
                "a COMMAND goes after --:\nkubectl run-once --output-dir=-x --host -- ls"
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
                ["--keep", "--fail-fast", "--parallel=2"],
                "--keep deletes nothing, and --fail-fast would stop tasks by that: leave one out"
            ),
            (
                ["--keep", "--max-failures=2"],
                "--keep deletes nothing, and --max-failures without --parallel would stop tasks by that: leave one out"
            ),
            (
                image + ["-i", "--exclude=a,@/dev/stdin", "--", "cat"],
                "-i/--stdin passes standard input to COMMAND, and --exclude would read it: name a file"
            ),
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
            (image + ["ls"], "a COMMAND goes after --:\nkubectl run-once --image busybox -- ls"),
            (
                image + ["--token", "s3cret", "-q", "--password=s3cret", "ls"],
                "a COMMAND goes after --:\nkubectl run-once --image busybox --quiet -- ls"
            ),
            (["--host", "lists"], "a COMMAND goes after --:\nkubectl run-once --host -- lists"),
            (
                ["-q", "--image=a b", "uname", "-r", "-l", "x'y"],
                "a COMMAND goes after --:\nkubectl run-once --quiet --image 'a b' -- uname -r -l 'x'\\''y'"
            ),
            (
                image + ["--", "uname -r"],
                "no program is called 'uname -r':\nkubectl run-once --image busybox -- sh -c 'uname -r'"
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
                ["--detach", "--output-dir", "false"],
                "--detach does not go with --output-dir: the results come with kubectl run-once attach, which takes it"
            ),
            (["attach", "x", "--detach"], "--detach does not go with attach (see --help)"),
            (["delete", "a", "-A"], "-A/--all-namespaces does not go with delete (see --help)"),
            (image + ["--", "/bin/bash"], "bash \(reads)use bash -c 'COMMANDS', or -i < SCRIPT"),
            (
                ["--host", "--", "sh", "-c", "sync; reboot"],
                "reboot takes the node down, its pod is made anew when it is back, and would do so again and again: "
                    + "--parallel 1 starts no node twice (Kubernetes 1.27)"
            ),
            (["-o", "yaml"], "-o/--output is groups, diff, prefix, live, json, jsonl or raw, not 'yaml' (see --help)"),
            (["--output="], "-o/--output needs a value (see --help)"),
            (["--color=yes"], "--color is auto, always or never, not 'yes' (see --help)"),
            (["hosts", "-o", "json", "--dry-run"], "--dry-run prints the DaemonSet as YAML: leave out -o/--output"),
            (["hosts", "--baseline=x", "--dry-run"], "--dry-run prints the DaemonSet as YAML: leave out --baseline"),
            (
                ["hosts", "--nodes", "*", "--dry-run"],
                "--dry-run asks no cluster which nodes a pattern means: name them, or say --dry-run=server"
            ),
            (
                ["hosts", "--nodes=@none"],
                "--nodes: @FILE is a file with names of nodes, and this can't be read: 'none'"
            ),
            (
                ["hosts", "--detach", "-ojson"],
                "--detach does not go with -o/--output: the results come with kubectl run-once attach, which takes it"
            ),
        ]
        for (arguments, message) in wrong { #expect(refusal(of: arguments) == .usage(message), "\(arguments)") }
    }

    @Test(
        "kubectl's global options are passed on in one spelling, whichever they have; the namespace is known by itself",
        arguments: [
            ["-n", "t", "--context", "c", "-s", "u"], ["--namespace=t", "--context=c", "--server=u"],
            ["-nt", "--context=c", "-s=u"],
        ])
    func globalOptions(words: [String]) throws {
        guard case .run(let request) = try Command(["hosts"] + words, environment: [:]) else {
            Issue.record("no run")
            return
        }
        #expect(request.place.namespace == "t" && request.place.kubectlOptions == ["--context=c", "--server=u"])
    }

    @Test("What can't be a namespace's name is known", arguments: ["my ns", "A", "-a"])
    func noNamespaceName(name: String) {
        #expect(!isLabel(name, atMost: 63))
    }

    @Test(
        "A timeout is a duration as kubectl takes it, or seconds, up to a year; anything else is refused",
        arguments: [
            ("1", 1), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("1h1m1s", 3661), ("8760h", 31_536_000),
            ("31536000", 31_536_000), ("0", nil), ("0s", nil), ("1.5", nil), ("-5", nil), ("5x", nil), ("1d", nil),
            ("5m1h", nil), ("1h1h", nil), ("m", nil), ("1m30", nil), ("31536001", nil), ("99999999999h", nil),
            (" 5", nil), ("٥", nil),
        ] as [(String, Int?)])
    func timeouts(text: String, length: Int?) {
        #expect((try? seconds(text, of: "timeout")) == length.map { Seconds($0) })
        let wrong = Refusal.usage("--timeout: from 1s to 8760h, such as 90s, 5m, 1h30m, and not '\(text)'")
        #expect(refusal(of: ["hosts", "--timeout=\(text)"]) == (length == nil ? wrong : nil))
    }

    @Test(
        "A shell that would read its commands from standard input is known, as it would do nothing, and succeed",
        arguments: [
            ["sh"], ["/bin/bash"], ["sh", "-s"], ["sh", "-es", "x"], ["bash", "-x"], ["sh", "-"], ["sh", "--"],
            ["ash", "+x"], ["busybox", "sh"], ["bash", "--norc"], ["bash", "-o", "pipefail"],
            ["bash", "--rcfile", "x"], ["zsh", "-e"],
        ])
    func shellsThatReadInput(command: [String]) {
        #expect(shellThatReadsStandardInput(command) != nil)
    }

    @Test(
        "A shell with commands or a script, and what is no shell, may run",
        arguments: [
            ["sh", "-c", "ls"], ["bash", "-ec", "ls"], ["sh", "script"], ["bash", "--norc", "-c", "ls"],
            ["sh", "-x", "script"], ["bash", "-o", "pipefail", "-c", "ls"], ["bash", "-o", "pipefail", "script"],
            ["shred", "-s", "1"], ["busybox", "ls"], ["sh", "--", "script"], ["bash", "--version"],
        ])
    func shellsThatMayRun(command: [String]) {
        #expect(shellThatReadsStandardInput(command) == nil)
    }

    @Test(
        "A command that takes its node down is known",
        arguments: [
            (["reboot"], "reboot"), (["/sbin/shutdown", "-r", "now"], "shutdown"),
            (["systemctl", "--force", "reboot"], "systemctl reboot"), (["sh", "-c", "sync; reboot"], "reboot"),
            (["bash", "-ec", "if test -f /run/x; then exec reboot; fi"], "reboot"),
            (["shutdown", "-c"], nil), (["systemctl", "restart", "x"], nil), (["echo", "reboot"], nil),
            (["sh", "-c", "echo reboot"], nil),
        ] as [([String], String?)])
    func reboot(command: [String], word: String?) {
        #expect(Reboot.word(in: command) == word)
    }
}

/// What is wrong with a command line; nil where nothing is.
private func refusal(of arguments: [String]) -> Refusal? {
    do throws(Refusal) {
        _ = try Command(arguments, environment: [:])
        return nil
    } catch {
        return error
    }
}
