import Foundation
import Glibc
import TestSupport
import Testing

/// The folder for results may not take what comes.
extension PluginTests {
    @Test("A summary that can't be written is told, and ends a run that went well with status 1")
    func noSummary() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try await api.withPlugin("--output-dir=out") { process in
                try await process.says("0 of 1 node done")
                let part = api.directory + "/out/summary.json.part"
                try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: false)
                try await api.play(.done("hi\n"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(outcome.text == "==> a <==\nhi\n")
                #expect(outcome.stderr.contains("run-once: the summary can't be written: "), "\(outcome.stderr)")
            }
        }
    }

    @Test("A disk that is full is told, with its folder")
    func fullDisk() async throws {
        let long = String(repeating: "long\n", count: 100_000)
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .done("short\n"))]) { api in
            try FileManager.default.createDirectory(atPath: api.directory + "/out", withIntermediateDirectories: false)
            // With less room than the plugin looks for, also when nothing is in it.
            let small =
                ["unshare", "-rm"]
                + shell(
                    #"mount -t tmpfs -o size=60k none "$1" && shift && exec "$@""#, [api.directory + "/out"])
            guard await succeeds("unshare", "-rm", "true") else { return }
            try await api.withPlugin(
                "--output-dir=out", by: small,
                environment: limits(["result": 0.5, "resultPause": 0.1, "unreachable": 0])
            ) { process in
                // What fills the disk takes b's room, too, while it is there.
                try await process.says("1 of 2 nodes done")
                try await api.play(.done(long), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(
                    outcome.lines.contains(
                        "run-once: a: done, but its result can't be fetched: the log can't be written: out: "
                            + "No space left on device"), "\(outcome.stderr)")
                #expect(outcome.text == "==> b <==\nshort\n")
            }
        }
    }
}
