import Foundation
import Glibc
import TestSupport
import Testing

/// With the agent that this package builds; only building it is left out.
@Suite("Without a cluster") struct Local {
    /// A `swift` whose `swift build` has nothing to do.
    private let swift = """
        #!/bin/sh
        case " $* " in *" --show-bin-path "*) echo '\(productsDirectory)' ;; esac

        """

    @Test("--local prints this machine's /etc/hosts under its name, and needs no kubectl")
    func hosts() async throws {
        try await withFakeAPI { api in
            try api.writeProgram("swift", swift)
            try api.writeProgram("kubectl", "#!/bin/sh\nexit 99\n")
            let outcome = try await api.script("--local")
            outcome.expectStatus(0)
            let expected =
                Data("==> \(ProcessInfo.processInfo.hostName) <==\n".utf8)
                + (try Data(contentsOf: URL(filePath: "/etc/hosts")))
            #expect(outcome.stdout.starts(with: expected) && outcome.stdout.count <= expected.count + 1)
        }
    }

    @Test("An agent that fails is no success, and one that ignores SIGTERM ends too", arguments: Shell.installed)
    func failure(shell: Shell) async throws {
        try await withFakeAPI { api in
            try api.writeProgram("swift", swift.replacing(productsDirectory, with: api.programs))
            let failing = """
                #!/bin/sh
                [ $1 = --ready ] && until [ -e ended ]; do sleep 0.05; done || { echo 'no disk' >&2; : >ended; }
                exit 1
                """
            try api.writeProgram("cat-etc-hosts", failing)
            let failed = try await api.script("--local", shell: shell)
            failed.expectStatus(1)
            #expect(failed.stderr.hasPrefix("no disk\n"))
            #expect(failed.text == "")
            // SIGTERM is also lost where the shell has not yet made its child the agent.
            let hanging = "#!/bin/sh\ntrap '' TERM\n[ $1 != --ready ] || echo probed >>probes\nexec sleep 1000\n"
            try api.writeProgram("cat-etc-hosts", hanging)
            try await api.withScript("--local", shell: shell) { process in
                try await eventually("it waits") {
                    try exists(api.directory + "/probes") && api.read("probes") == "probed\n"
                }
                process.send(SIGTERM)
                try await process.outcome().expectStatus(143)
            }
        }
    }

    @Test("Without swift, and where the agent does not build, it says so")
    func noSwift() async throws {
        try await withFakeAPI { api in
            try api.writeProgram("swift", "#!/bin/sh\necho 'error: no such module' >&2\nexit 1\n")
            let broken = try await api.script("--local")
            broken.expectStatus(3)
            #expect(broken.stderr == "error: no such module\nrun-once-daemonset: the agent does not build\n")

            let tools = api.directory + "/tools"
            try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: false)
            for tool in ["date", "dirname", "mktemp", "rm"] {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(tools)/\(tool)", withDestinationPath: #require(path(of: tool)))
            }
            let missing = try await api.script("--local", environment: ["PATH": tools])
            missing.expectStatus(3)
            #expect(missing.said.count == 1 && missing.said[0].hasPrefix("swift is not on PATH"))
        }
    }
}
