import Foundation
import TestSupport
import Testing

@Suite("Installing") struct Install {
    @Test(
        "The copy is the program itself, executable by everyone whatever the umask, in place of an older one",
        .enabled(if: runOnce.isNative, "the copy would be of the wrapper"))
    func copies() async throws {
        try await withTemporaryDirectory { directory in
            let copy = directory + "/run-once"
            try Data("older".utf8).write(to: URL(filePath: copy))
            let outcome = try await run(shell("umask 077; exec \"$@\"", runOnce.command("--install", directory)))
            #expect(outcome == Outcome(ending: .status(0), stdout: Data(), stderr: ""))
            #expect(FileManager.default.contentsEqual(atPath: copy, andPath: runOnce.path))
            let attributes = try FileManager.default.attributesOfItem(atPath: copy)
            #expect(attributes[.posixPermissions] as? Int == 0o755)
            #expect(try names(in: directory) == ["run-once"])
        }
    }

    @Test(
        "A program that is running can be replaced", .enabled(if: runOnce.isNative, "the copy would be of the wrapper"))
    func replacesRunning() async throws {
        try await withPod { pod in
            #expect(try await run(runOnce.command("--install", pod.directory)).ending == .status(0))
            let copy = pod.directory + "/run-once"
            try await withProcess([copy, "--state-dir", pod.state, "true"]) { process in
                try await eventually("the pod is ready") { pod.isReady }
                #expect(try await run(runOnce.command("--install", pod.directory)).ending == .status(0))
                #expect(process.isRunning)
            }
        }
    }

    @Test(
        "No file that is there already is written to, waited for or removed, whatever it is called",
        .enabled("needs the right to create a PID namespace") { await asProcessOne() != nil })
    func newNames() async throws {
        let unshare = try #require(await asProcessOne())
        try await withPod { pod in
            let victim = try pod.file("victim")
            let planted = ["new", "1", "2"].map { pod.state + "/.run-once." + $0 }
            for link in planted.dropLast() {
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: victim)
            }
            _ = try FIFO(planted.last!)
            #expect(try await run(unshare + runOnce.command("--install", pod.state)).ending == .status(0))
            #expect(try String(contentsOfFile: victim, encoding: .utf8) == "victim")
            #expect(try names(in: pod.state) == [".run-once.1", ".run-once.2", ".run-once.new", "run-once"])
        }
    }

    @Test(
        "A disk that is full is one line and exit 1, and nothing is left of the copy",
        .enabled("needs root with the right to mount") { await canMount() })
    func fullDisk() async throws {
        try await withTemporaryDirectory { directory in
            let script = """
                mount -t tmpfs -o size=4k none "$1"
                cd "$1" || exit
                shift
                "$@"
                echo "status $?"
                ls -A
                """
            let command = ["unshare", "--mount"] + shell(script, [directory] + runOnce.command("--install", "."))
            let outcome = try await run(command)
            #expect(outcome.text == "status 1\n")
            #expect(outcome.stderr == "run-once: .: No space left on device\n")
        }
    }

    @Test("Many that install at once all succeed")
    func atOnce() async throws {
        try await withTemporaryDirectory { directory in
            let script = """
                for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
                  for j in 1 2 3 4; do "$@" || echo failed & done
                  wait
                done
                """
            let outcome = try await run(shell(script, runOnce.command("--install", directory)))
            #expect(outcome == Outcome(ending: .status(0), stdout: Data(), stderr: ""))
            #expect(try names(in: directory) == ["run-once"])
        }
    }

    @Test("A directory that is not there is one line and exit 1")
    func noDirectory() async throws {
        let outcome = try await run(runOnce.command("--install", "/no/such/directory"))
        #expect(
            outcome
                == Outcome(
                    ending: .status(1), stdout: Data(),
                    stderr: "run-once: /no/such/directory: No such file or directory\n"))
    }
}

/// Whether file systems can be mounted, in a mount namespace of one's own.
func canMount() async -> Bool {
    getuid() == 0 ? await succeeds("unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt") : false
}
