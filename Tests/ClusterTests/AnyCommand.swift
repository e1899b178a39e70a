import Foundation
import TestSupport
import Testing

extension ClusterTests {
    @Suite("Any command in any image") struct AnyCommand {
        @Test("A command fails on one node: the others' results come, and that node's exit status and words")
        func failsOnOneNode() async throws {
            try await withSite { site in
                let script = "[ $NODE != node-2 ] || { echo no such luck >&2; exit 7; }; echo hello from $NODE"
                let outcome = try await site.runOnce("--image", "busybox:stable", "--", "sh", "-c", script)
                outcome.expectStatus(1)
                #expect(outcome.results == "==> node-1 <==\nhello from node-1\n\n==> node-3 <==\nhello from node-3\n")
                let failure = try #require(outcome.lines(with: "node-2: failed").first)
                #expect(failure.hasSuffix("node-2: failed with exit code 7: no such luck"))
                // The agent's own words and the seal, which follow there, tell nothing more.
                #expect(!outcome.stderr.contains("exit status"))
                try await site.expectNothingLeft()
            }
        }

        @Test("The arguments arrive as typed, and so does a last line without a newline while a child holds the output")
        func arguments() async throws {
            try await withSite { site in
                let words = [
                    "a b", "", "it's", "\"q\"", "$HOME", "$$", "$(NODE)", "$$(NODE)", "\\n", "new\nline",
                    "é€", "--", "-x",
                ]
                let results = site.directory + "/results"
                let command = ["sh", "-c", "sleep 1000 & printf '<%s>' \"$@\"", "sh"] + words
                let outcome = try await run(
                    site.plugin("--output-dir", results, "--image", "busybox:stable", "--") + command,
                    environment: site.environment, timeout: .seconds(180))
                outcome.expectStatus(0)
                for node in Cluster.nodes {
                    let result = try contents("\(results)/\(node).log")
                    #expect(String(decoding: result, as: UTF8.self) == words.map { "<\($0)>" }.joined())
                }
                try await site.expectNothingLeft()
            }
        }

        @Test("A shell that would read what it does from standard input, which it has none of there, is refused")
        func bareShell() async throws {
            try await withSite { site in
                for command in [["sh"], ["/bin/bash", "-s"], ["busybox", "ash", "-x"]] {
                    let outcome = try await run(
                        site.plugin("--image", "busybox:stable", "--") + command, environment: site.environment)
                    outcome.expectStatus(2)
                    #expect(outcome.lines(with: "would read its commands from standard input").count == 1)
                }
                try await site.expectNothingLeft()
            }
        }

        @Test(
            """
            The example runs unchanged, what --dry-run prints runs in its place, and the last line of a task with a \
            terminal arrives without a newline too
            """)
        func manifests() async throws {
            try await withSite { site in
                let dryRun = try await site.runOnce(
                    "--dry-run", "--name", "plain", "--image", "busybox:stable", "--", "printf", "kept $$")
                dryRun.expectStatus(0)
                let kept = try site.write(dryRun.text, to: "kept.yaml")
                // What goes through a terminal can't be sealed.
                let seal = ["--seal", "$(POD_UID)", "--max-result", "\"67108864\""]
                let unsealed = try site.edit(kept, seal.map { "        - \($0)\n" }.joined(), "")
                let terminal = try site.edit(
                    site.edit(unsealed, "plain", "terminal"), "        name: task\n",
                    """
                            name: task
                            tty: true

                    """)
                async let exampleRun = site.runOnce("-f", repositoryRoot + "/Examples/any-command.yaml")
                async let keptRun = site.runOnce("-f", kept)
                async let terminalRun = site.runOnce("-f", terminal)
                let outcomes = try await (example: exampleRun, kept: keptRun, terminal: terminalRun)
                outcomes.example.expectStatus(0)
                #expect(Cluster.nodes.allSatisfy { outcomes.example.text.contains(" on \($0)\n") })
                outcomes.kept.expectStatus(0)
                #expect(outcomes.kept.text == "==> node-1, node-2, node-3 <==\nkept $$\n")
                outcomes.terminal.expectStatus(0)
                #expect(outcomes.terminal.text.contains(/\A==> node-1, node-2, node-3 <==\nkept \$\$\r?\n\z/))
                try await site.expectNothingLeft()
            }
        }
    }
}
