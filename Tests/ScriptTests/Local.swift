import Foundation
import TestSupport
import Testing

/// With the agents that this package builds; only building them is left out.
@Suite("Without a cluster") struct Local {
    @Test("--local prints this machine's /etc/hosts under its name, and needs neither kubectl nor curl",
        arguments: Shell.installed)
    func hosts(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.unlink("kubectl")
            try cluster.link("swift", to: fakes + "/swift")
            let outcome = try await cluster.run("--local", "-o", "results")
            let hosts = try Data(contentsOf: URL(filePath: "/etc/hosts"))
            let header = Data("==> \(nodeName) <==\n".utf8)
            #expect(outcome.ending == .status(0), "\(outcome.stderr)")
            #expect(outcome.stdout.starts(with: header + hosts))
            #expect(outcome.stdout.count <= header.count + hosts.count + 1)
            #expect(try Data(contentsOf: URL(filePath: "\(cluster.directory)/results/\(nodeName).log")) == hosts)
            #expect(try cluster.read("builds").contains("--product cat-etc-hosts\n"))
        }
    }

    @Test("--local runs a COMMAND too, with its arguments as they are", arguments: Shell.installed)
    func command(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.link("swift", to: fakes + "/swift")
            let outcome = try await cluster.run(
                "--local", "--", "/bin/sh", "-c", #"printf '%s|' "$@""#, "sh", "a  b", "$HOME", "--keep", "")
            #expect(outcome.text == "==> \(nodeName) <==\na  b|$HOME|--keep||\n")
            #expect(outcome.ending == .status(0))
            #expect(try cluster.calls == [])
        }
    }

    @Test("A COMMAND that fails is told with its exit code and what it said", arguments: Shell.installed)
    func failure(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.link("swift", to: fakes + "/swift")
            let outcome = try await cluster.run(
                "--local", "--", "/bin/sh", "-c", #"printf 'part'; printf '"a"\t\\n\nb\n' >&2; exit 7"#)
            #expect(outcome.text == "")
            #expect(outcome.stderr.contains("\(nodeName): failed with exit code 7: \"a\"\t\\n\n    b\n"))
            #expect(outcome.ending == .status(1))
        }
    }

    @Test("A COMMAND that does not end in time is stopped", arguments: Shell.installed)
    func timeout(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            try cluster.link("swift", to: fakes + "/swift")
            try await cluster.start("--local", "-t", "120", "--", "tail", "-f", "/dev/null") { process in
                try await process.says("building the agent")
                try await cluster.goOn()
                #expect(process.isRunning)
                try cluster.pass(seconds: 120)
                #expect(try await process.end() == .status(124))
                #expect(process.text == "")
                #expect(process.stderr.contains("timed out after 120 s\n"))
                #expect(process.stderr.contains("not done: \(nodeName): still running\n"))
            }
        }
    }

    @Test("A signal stops the COMMAND as well", arguments: Shell.installed, [SIGINT, SIGTERM])
    func signals(shell: Shell, signal: Int32) async throws {
        try await withCluster(shell) { cluster in
            try cluster.link("swift", to: fakes + "/swift")
            try await cluster.start("--local", "--", "tail", "-f", "/dev/null") { process in
                try await process.says("building the agent")
                try await cluster.goOn()
                process.send(signal)
                #expect(try await process.end() == .status(128 + signal))
                #expect(process.text == "")
            }
        }
    }

    @Test("Without swift, and where the agent does not build, it says so", arguments: Shell.installed)
    func noSwift(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            var outcome = try await cluster.run("--local")
            #expect(outcome.ending == .status(3))
            #expect(lines(outcome.stderr).count == 1)
            #expect(outcome.stderr.contains("swift is not on PATH, and --local builds the agent: install Swift"))
            #expect(outcome.text == "")

            try cluster.link("swift", to: fakes + "/swift")
            try cluster.write("build.error", "error: no such module\n")
            outcome = try await cluster.run("--local")
            #expect(outcome.ending == .status(3))
            #expect(outcome.stderr.contains("error: no such module\nrun-once-daemonset: the agent does not build\n"))
            #expect(outcome.text == "")
        }
    }

    private var nodeName: String {
        ProcessInfo.processInfo.hostName
    }
}
