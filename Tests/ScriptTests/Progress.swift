import Glibc
import TestSupport
import Testing

@Suite("Progress") struct Progress {
    @Test("Where standard error is a file, a line is written when something has changed, and only then",
        arguments: Shell.installed)
    func file(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            for node in ["a", "b"] { try cluster.log("result\n", of: node) }
            try await cluster.start { process in
                try await process.says("waiting for the first pod\n")
                try await cluster.goOn()
                try cluster.want(2)
                try await process.says("nodes: 0 of 2 done, 0 failed, 2 to go\n")
                try cluster.add(.running("a"), .done("b"))
                try await process.says("nodes: 1 of 2 done, 0 failed, 1 to go\n")
                try await cluster.wait(seconds: 100)
                try await cluster.goOn()
                try cluster.add(.failed("a", 1, "no"))
                #expect(try await process.end() == .status(1))
                #expect(lines(process.stderr) == [
                    "run-once-daemonset: created daemonset/task in namespace default",
                    "waiting for the first pod",
                    "nodes: 0 of 2 done, 0 failed, 2 to go",
                    "nodes: 1 of 2 done, 0 failed, 1 to go",
                    "run-once-daemonset: a: failed with exit code 1: no",
                    "run-once-daemonset: nodes: 1 of 2 done, 1 failed, 0 not reached, 0 not done, in 100 s",
                ])
            }
        }
    }

    @Test(
        "On a terminal there is one line that changes, which makes room for messages and results",
        .enabled(if: path(of: "script") != nil, "script(1), which makes a terminal, is not installed"),
        arguments: Shell.installed)
    func terminal(shell: Shell) async throws {
        try await withCluster(shell) { cluster in
            for node in ["a", "b"] { try cluster.log("result\n", of: node) }
            try cluster.add(.running("a"), .done("b"))
            try cluster.want(2)
            let quoted = cluster.command([]).map { "'\($0)'" }.joined(separator: " ")
            let command = [path(of: "script")!, "-qec", quoted, cluster.directory + "/typescript"]
            try await withProcess(command, environment: cluster.environment.merging(["SHELL": "/bin/sh"]) { $1 }) {
                process in
                let erase = "\r\u{1B}[K"
                try await eventually("progress") {
                    process.text.contains("\(erase)nodes: 1 of 2 done, 0 failed, 1 to go (0 s)")
                }
                try await cluster.wait(seconds: 2)
                try await eventually("progress") {
                    process.text.contains("\(erase)nodes: 1 of 2 done, 0 failed, 1 to go (2 s)")
                }
                try cluster.add(.failed("a", 1, "no"))
                #expect(try await process.end() == .status(1))
                // The terminal makes a carriage return and a newline of each newline.
                let text = process.text.replacing("\r\n", with: "\n")
                #expect(text.contains("(2 s)\(erase)run-once-daemonset: a: failed with exit code 1: no\n"))
                #expect(text.contains("\n==> b <==\nresult\n") || text.contains("\(erase)==> b <==\nresult\n"))
                #expect(!text.contains(")\n"), "no progress line stays")
            }
        }
    }
}
