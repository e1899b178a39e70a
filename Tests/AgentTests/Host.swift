import Foundation
import TestSupport
import Testing

/// The host is a process with namespaces of its own.
@Suite("A command on the host", .enabled("needs root with the right to mount") { await canMount() })
struct Host {
    private static let kinds = ["uts", "ipc", "net", "cgroup"]
    private static let all = kinds.map { "--" + $0 }
    private static let wholeHost: Comment = "the wrapper has threads, and setns(2) wants a process of one for mounts"

    @Test(
        "It is in the namespaces of the host, of each kind, and shares those that the host shares with the container",
        .enabled(if: runOnce.isNative, wholeHost), arguments: [[]] + all.map { [$0] } + [all])
    func namespaces(own: [String]) async throws {
        try await withPod { pod in
            try await withHost(own) { host in
                let script = "for kind in uts ipc net cgroup mnt; do readlink /proc/self/ns/$kind; done; ls /proc/$$/fd"
                let outcome = try await pod.runToTheEnd(pod.once(on: host, script: script))
                let expected = try (Self.kinds + ["mnt"]).map { try namespace($0, of: host.pid) }
                #expect(outcome.text.split(separator: "\n").map(String.init) == expected + ["0", "1", "2"])
                #expect(outcome.stderr == "")
                let here = try (Self.kinds + ["mnt"]).map { try namespace($0, of: getpid()) }
                #expect(zip(here, expected).count { $0 != $1 } == own.count + 1)
            }
        }
    }

    @Test(
        "It has root's environment and the node's name, the host's files and programs, and / to work in",
        .enabled(if: runOnce.isNative, wholeHost), arguments: ["node-1", nil])
    func surroundings(node: String?) async throws {
        try await withPod { pod in
            let program = "#!/bin/sh\\npwd -P\\ncat /srv/file\\nexec env\\n"
            let prepare = """
                mount -t tmpfs none /usr/local/sbin; mount -t tmpfs none /srv; echo the host >/srv/file
                printf '\(program)' >/usr/local/sbin/only-there; chmod 755 /usr/local/sbin/only-there
                """
            try await withHost(prepare: prepare) { host in
                let variables = ["PATH": "/nowhere", "HOME": "/", "SECRET": "of the container", "PWD": "/"]
                let named = node.map { ["/usr/bin/env", "NODE=" + $0] } ?? ["/usr/bin/env", "-u", "NODE"]
                let command = named + pod.once(on: host, "only-there")
                try await withProcess(command, environment: variables, directory: pod.state) { process in
                    try await eventually("the pod is ready, or the command has failed") {
                        pod.isReady || !process.isRunning
                    }
                    #expect(process.stderr == "")
                    let lines = process.text.split(separator: "\n").map(String.init)
                    #expect(lines.prefix(2) == ["/", "the host"])
                    let path =
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:"
                        + "/run/current-system/sw/bin"
                    // The shell that runs the script adds PWD, and some add more of their own.
                    let shells = ["PWD=", "OLDPWD=", "SHLVL=", "_="]
                    let found = lines.dropFirst(2).filter { line in !shells.contains { line.hasPrefix($0) } }
                    #expect(found.sorted() == ["HOME=/root"] + (node.map { ["NODE=" + $0] } ?? []) + [path])
                }
            }
        }
    }

    @Test(
        "Out of a container's root directory it finds the host's, its input is the container's, and so is the record",
        .enabled(if: runOnce.isStatic, "not the static build"), .enabled(if: runOnce.isNative, wholeHost))
    func fromContainer() async throws {
        try await withPod { pod in
            let root = pod.directory + "/root"
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
            let script = """
                mount -t tmpfs none "$1" && cp "$2" "$1/run-once" && mkdir "$1/state" "$1/proc" &&
                echo fed >"$1/input" && mount --rbind /proc "$1/proc" &&
                exec chroot "$1" /run-once --state-dir /state --stdin /input --host-process "$3" -- \
                    sh -c 'cat; cat /srv/file; test -e /run-once || echo outside'
                """
            try await withHost(prepare: "mount -t tmpfs none /srv; echo the host >/srv/file") { host in
                let container = ["unshare", "--mount"] + shell(script, [root, runOnce.path, "\(host.pid)"])
                try await withProcess(container) { process in
                    let visit = ["nsenter", "--target", "\(process.pid)", "--mount", "--root", "--wd"]
                    try await eventually("the pod is ready, or the command has failed") {
                        let probe = visit + ["/run-once", "--ready", "--state-dir", "/state"]
                        return try await run(probe).ending == .status(0) || !process.isRunning
                    }
                    #expect(process.text == "fed\nthe host\noutside\n")
                    #expect(process.stderr == "")
                }
            }
        }
    }

    @Test(
        "It fails as it would in a container", .enabled(if: runOnce.isNative, wholeHost),
        arguments: [
            (["sh", "-c", "exit 7"], 7, "\nrun-once: sh: exit status 7\n"),
            (["sh", "-c", "kill -KILL $$"], 137, "\nrun-once: sh: killed by signal 9\n"),
            (["no-such-program"], 127, "run-once: no-such-program: No such file or directory\n"),
            (["/etc/passwd"], 126, "run-once: /etc/passwd: Permission denied\n"),
        ] as [([String], Int32, String)])
    func failures(command: [String], status: Int32, line: String) async throws {
        try await withPod { pod in
            try await withHost { host in
                let outcome = try await run(pod.once(on: host, command))
                #expect(outcome == Outcome(ending: .status(status), stdout: Data(), stderr: line))
                #expect(!pod.isReady)
            }
        }
    }

    @Test("A request to stop goes to all of it", .enabled(if: runOnce.isNative, wholeHost))
    func stop() async throws {
        try await withPod { pod in
            try await withHost(Self.all) { host in
                let script = """
                    trap 'echo ends; exit 0' TERM
                    (trap 'echo so does the rest; exit 0' TERM; echo started; while :; do sleep 0.05; done) &
                    while :; do wait; done
                    """
                try await withProcess(pod.once(on: host, script: script)) { process in
                    try await eventually("the command runs") { process.text == "started\n" }
                    process.send(SIGTERM)
                    #expect(try await process.end() == .status(143))
                    try await eventually("both were told") {
                        Set(process.text.split(separator: "\n")) == ["started", "ends", "so does the rest"]
                    }
                    #expect(!pod.isReady)
                }
            }
        }
    }

    @Test(
        "After a request to stop, all of its group has the time to clean up, though its first process ends at once",
        .waitsLong,
        .enabled(if: runOnce.isNative, wholeHost))
    func cleansUp() async throws {
        try await withPod { pod in
            try await withHost { host in
                let fifo = try pod.fifo()
                let worker = try pod.file(
                    """
                    trap 'echo asked; read -r x <"$1"; echo cleaned; exit 0' TERM
                    echo started
                    while :; do sleep 0.05; done
                    """, name: "worker")
                let command = pod.once(on: host, script: "sh \"$1\" \"$2\"; true", worker, fifo.path)
                try await withProcess(command) { process in
                    try await eventually("the worker runs") { process.text == "started\n" }
                    process.send(SIGTERM)
                    try await eventually("the worker cleans up, and its parent has ended") {
                        process.text == "started\nasked\n" && process.children.isEmpty
                    }
                    let before = try looks(of: process)
                    try await eventually("it waits for longer than without the request") {
                        try #require(process.isRunning)
                        return try looks(of: process) > before + 20
                    }
                    try fifo.write("go on\n")
                    #expect(try await process.end() == .status(143))
                    #expect(process.text == "started\nasked\ncleaned\n")
                }
            }
        }
    }

    @Test(
        "What its group still writes when it has ended is part of the result",
        .enabled(if: runOnce.isNative, wholeHost))
    func drains() async throws {
        try await withPod { pod in
            try await withHost { host in
                let script = "(sleep 0.1; echo late) & echo early"
                let outcome = try await pod.runToTheEnd(pod.once(on: host, script: script))
                #expect(outcome == Outcome(ending: .status(0), stdout: Data("early\nlate\n".utf8), stderr: ""))
            }
        }
    }

    @Test(
        "What its group leaves is killed, so that the last line comes, for which standard output must end",
        .enabled(if: runOnce.isNative, wholeHost))
    func background() async throws {
        try await withPod { pod in
            try await withHost { host in
                let output = try OutputPipe()
                let script = "(trap '' TERM; sleep 1000 & wait) & printf hello"
                try await withProcess(pod.once(on: host, script: script), output: output) { process in
                    #expect(try await output.takeAll() == Data("hello".utf8))
                    try await eventually("the pod is ready") { pod.isReady }
                    #expect(process.isRunning)
                    #expect(process.children.isEmpty)
                    #expect(process.stderr == "")
                }
            }
        }
    }

    @Test(
        "A request to stop while its group still writes goes to it, and gives it its time", .waitsLong,
        .enabled(if: runOnce.isNative, wholeHost))
    func stopWhileDraining() async throws {
        try await withPod { pod in
            try await withHost { host in
                let fifo = try pod.fifo()
                try await withProcess(pod.once(on: host, script: stopAsked.script, stopAsked.rest, fifo.path)) {
                    process in
                    try await eventually("what is left was asked") { process.text == "asked\n" }
                    let before = try looks(of: process)
                    try await eventually("it waits for longer than without the request") {
                        try #require(process.isRunning)
                        return try looks(of: process) > before + 20
                    }
                    try fifo.write("go on\n")
                    #expect(try await process.end() == .status(143))
                    #expect(process.text == "asked\ncleaned\n")
                    #expect(!pod.isReady)
                }
            }
        }
    }

    @Test(
        "A daemon that it starts is left to the host, neither waited for nor killed",
        .enabled(if: runOnce.isNative, wholeHost))
    func daemon() async throws {
        try await withPod { pod in
            try await withHost { host in
                let script = "setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!"
                try await withProcess(pod.once(on: host, script: script)) { process in
                    try await eventually("the pod is ready") { pod.isReady }
                    try await process.isWaiting()
                    let daemon = try #require(pid_t(process.text.dropLast()))
                    defer { kill(daemon, SIGKILL) }
                    #expect(process.children.isEmpty)
                    #expect(kill(daemon, 0) == 0)
                    #expect(process.stderr == "")
                }
            }
        }
    }

    @Test(
        "What is forbidden is told with what it takes, is not taken for the command's failure, and nothing is run",
        .enabled("needs setpriv") { await succeeds("setpriv", "true") },
        arguments: [
            (without("sys_admin"), "setns /proc/PID/ns/uts: Operation not permitted"),
            (without("sys_chroot"), "setns /proc/PID/ns/mnt: Operation not permitted"),
            (["--reuid=61234", "--clear-groups"], "open /proc/PID/ns/uts: Permission denied"),
        ])
    func forbidden(limits: [String], reason: String) async throws {
        try await withPod { pod in
            chmod(pod.state, 0o777)
            try await withHost(Self.all) { host in
                let command = ["setpriv"] + limits + pod.once(on: host, "echo", "never")
                let line = "run-once: \(reason.replacing("PID", with: "\(host.pid)")): \(advice)\n"
                #expect(try await run(command) == Outcome(ending: .status(1), stdout: Data(), stderr: line))
                #expect(!pod.isReady)
                try await withProcess(command) { process in
                    try await eventually("the next start says so") { process.stderr.hasSuffix("it is not run again\n") }
                    #expect(process.text == "")
                }
            }
        }
    }

    @Test(
        "Process 1 is the one that is meant; where it may not be opened, that is the reason",
        .enabled("process 1 may be opened here") { open("/proc/1/ns/uts", O_RDONLY) == -1 })
    func processOne() async throws {
        try await withPod { pod in
            let outcome = try await run(runOnce.command("--state-dir", pod.state, "--host", "--", "echo", "never"))
            #expect(
                outcome
                    == Outcome(
                        ending: .status(1), stdout: Data(),
                        stderr: "run-once: open /proc/1/ns/uts: Permission denied: \(advice)\n"))
        }
    }

    @Test("Where the process is in the container itself, it is no host, and nothing is run")
    func here() async throws {
        try await withPod { pod in
            let outcome = try await run(pod.once(onHostOf: getpid(), ["echo", "never"]))
            #expect(
                outcome
                    == Outcome(
                        ending: .status(1), stdout: Data(),
                        stderr:
                            "run-once: --host: the host's process is in this container: the pod needs hostPID: true\n"))
        }
    }

    @Test("A process that has ended, or never was, is no host either")
    func ended() async throws {
        try await withPod { pod in
            try await withProcess(["true"]) { process in
                _ = try await process.end()
                let outcome = try await run(pod.once(onHostOf: process.pid, ["echo", "never"]))
                #expect(outcome.ending == .status(1) && outcome.text == "")
                #expect(outcome.stderr == "run-once: open /proc/\(process.pid)/ns/mnt: No such file or directory\n")
            }
        }
        try await withPod { pod in
            let outcome = try await run(pod.once(onHostOf: 99_999_999, ["echo", "never"]))
            #expect(
                outcome
                    == Outcome(
                        ending: .status(1), stdout: Data(),
                        stderr: "run-once: open /proc/99999999/ns: No such file or directory\n"))
        }
    }

    @Test(
        "A kernel without one of the namespaces has nothing to enter there; mounts it must have",
        .enabled(if: runOnce.isNative, "the trace would be the wrapper's"),
        .enabled("needs strace") { await canTrace() })
    func kernel() async throws {
        try await withHost(Self.all) { host in
            // In the new process: /proc, the host's process, and then its namespaces.
            func without(_ number: Int) -> [String] {
                ["strace", "-f", "-o", "/dev/null", "-e", "inject=openat:error=ENOENT:when=\(number)"]
            }
            try await withPod { pod in
                let script = "readlink /proc/self/ns/cgroup; readlink /proc/self/ns/net"
                try await withProcess(without(6) + pod.once(on: host, script: script)) { process in
                    try await eventually("the pod is ready, or the command has failed") {
                        pod.isReady || !process.isRunning
                    }
                    let expected = [try namespace("cgroup", of: getpid()), try namespace("net", of: host.pid)]
                    #expect(process.text.split(separator: "\n").map(String.init) == expected)
                }
            }
            try await withPod { pod in
                let outcome = try await run(without(7) + pod.once(on: host, "echo", "never"))
                #expect(outcome.ending == .status(1) && outcome.stdout == Data())
                // More may follow: the agent's own seventh file is not there either.
                #expect(
                    outcome.stderr.hasPrefix(
                        "run-once: open /proc/\(host.pid)/ns/mnt: No such file or directory\n"))
            }
        }
    }

    /// How often a process has gone to sleep, which it does after each look at what is left.
    private func looks(of process: Running) throws -> Int {
        let number = try process.status("voluntary_ctxt_switches")
        return try #require(Int(number))
    }

    private static func without(_ capability: String) -> [String] {
        ["--bounding-set=-" + capability, "--inh-caps=-" + capability]
    }

    private let advice =
        "the host forbids it; --host takes user 0, a privileged container, hostPID: true, and a node that allows it"

    private func namespace(_ kind: String, of process: pid_t) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/\(kind)")
    }

    /// Runs `body` with a process that has a mount namespace of its own.
    ///
    /// - Parameters:
    ///   - others: options of unshare(1) for more namespaces.
    ///   - prepare: what a shell does there first.
    private func withHost(
        _ others: [String] = [], prepare: String = ":", _ body: (Running) async throws -> Void
    ) async throws {
        let unshare = ["unshare", "--mount", "--propagation", "private"] + others
        try await withProcess(unshare + shell(prepare + "; echo up; exec sleep 1000")) { host in
            try await eventually("the host is up") { host.text == "up\n" }
            try await body(host)
        }
    }
}

extension Pod {
    fileprivate func once(on host: Running, _ command: String...) -> [String] { once(onHostOf: host.pid, command) }

    fileprivate func once(on host: Running, _ command: [String]) -> [String] { once(onHostOf: host.pid, command) }

    fileprivate func once(on host: Running, script: String, _ arguments: String...) -> [String] {
        once(onHostOf: host.pid, shell(script, arguments))
    }

    /// The command that runs another once, on the host of a process.
    fileprivate func once(onHostOf process: pid_t, _ command: [String]) -> [String] {
        runOnce.command(["--state-dir", state, "--host-process", "\(process)", "--"] + command)
    }
}
