import Foundation
import TestSupport
import Testing

@Suite("Footprint") struct Footprint {
    @Test(
        "The static executables are small", .enabled(if: catEtcHosts.isStatic, "not the static build"),
        arguments: [(catEtcHosts, 24_576), (runOnce, 40_960)])
    func size(program: Program, limit: Int) throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: program.path)
        #expect(try #require(attributes[.size] as? Int) <= limit)
    }

    @Test(
        "The static executable keeps at most 60 kB of memory while it waits",
        .enabled(if: catEtcHosts.isStatic, "not the static build"),
        .enabled(if: catEtcHosts.isNative, "measures the wrapper"), arguments: Agent.all)
    func memory(agent: Agent) async throws {
        try await withPod { pod in
            let file = try pod.file(binary(300_000))
            try await withProcess(pod.copy(file, by: agent, "--seal", "a-pod")) { process in
                try await process.isWaiting()
                #expect(try process.memory("VmRSS") <= 60 * 1024)
            }
        }
    }

    @Test(
        "The static executable needs nothing but itself, on a file system that is read-only",
        .enabled(if: catEtcHosts.isStatic, "not the static build"),
        .enabled(if: catEtcHosts.isNative, "the wrapper is not there"),
        .enabled("needs root with the right to mount") { await canMount() })
    func readOnlyRoot() async throws {
        try await withPod { pod in
            let root = pod.directory + "/root"
            let script = """
                set -e
                mkdir -p "$1/run/run-once" "$1/node/etc"
                cp "$2" "$1/cat-etc-hosts"
                echo 127.0.0.1 localhost >"$1/node/etc/hosts"
                mount --bind "$1" "$1"
                mount --bind "$3" "$1/run/run-once"
                mount -o remount,bind,ro "$1"
                ! touch "$1/x" 2>/dev/null
                exec chroot --userspec 65534:65534 "$1" /cat-etc-hosts
                """
            chmod(pod.state, 0o777)
            let command = ["unshare", "--mount"] + shell(script, [root, catEtcHosts.path, pod.state])
            let outcome = try await pod.runToTheEnd(command)
            #expect(outcome == Outcome(ending: .status(0), stdout: Data("127.0.0.1 localhost\n".utf8), stderr: ""))
        }
    }

    @Test(
        "An agent that waits makes no system call until it is stopped",
        .enabled(if: catEtcHosts.isNative, "the trace would be the wrapper's"),
        .enabled("needs strace, and the right to attach to a process") { try await canAttach() })
    func noSystemCalls() async throws {
        try await withPod { pod in
            try await withProcess(pod.agent(pod.file())) { process in
                try await process.isWaiting()
                try await withProcess(["strace", "-f", "-p", String(process.pid)]) { strace in
                    try await eventually("strace shows the wait") { strace.stderr.contains("rt_sigtimedwait(") }
                    let trace = strace.stderr
                    // Not a wait for anything: nothing may happen in this time.
                    try await Task.sleep(for: .seconds(2))
                    #expect(strace.stderr == trace)
                    process.send(SIGTERM)
                    #expect(try await process.end() == .status(0))
                    _ = try await strace.end()
                    let calls = strace.stderr.dropFirst(trace.count).split(separator: "\n").filter { $0.contains("(") }
                    #expect(calls.count <= 4 && calls.last?.hasPrefix("exit_group(0)") == true, "\(calls)")
                }
            }
        }
    }
}

/// Whether strace can show what a process does.
func canTrace() async -> Bool {
    await succeeds("strace", "-o", "/dev/null", "true")
}

/// Whether strace may attach to a process that it has not started.
private func canAttach() async throws -> Bool {
    guard await canTrace() else { return false }
    return try await withProcess(["sleep", "60"]) { sleep in
        try await withProcess(["strace", "-p", String(sleep.pid)]) { strace in
            try await eventually("strace is attached, or can't") {
                strace.stderr.contains("attached") || !strace.isRunning
            }
            return strace.isRunning
        }
    }
}
