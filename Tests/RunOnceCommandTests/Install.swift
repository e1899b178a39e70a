import Foundation
import TestSupport
import Testing

@Suite("Installing") struct Install {
    @Test("The copy is the program itself, executable by everyone whatever the umask, in place of an older one",
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

    @Test("A program that is running can be replaced", .enabled(if: runOnce.isNative, "the copy would be of the wrapper"))
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

    @Test("A directory that is not there is one line and exit 1")
    func noDirectory() async throws {
        let outcome = try await run(runOnce.command("--install", "/no/such/directory"))
        #expect(outcome == Outcome(
            ending: .status(1), stdout: Data(), stderr: "run-once: /no/such/directory: No such file or directory\n"))
    }
}
