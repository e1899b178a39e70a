import Foundation
import Glibc
import enum Orchestrator.Refusal
import TestSupport
import Testing

@testable import kubectl_run_once

/// What --retry can't know, and what does not go with it.
extension PluginTests {
    @Test("Where a stopped run does not know the name of a node, no --retry of the others makes it done")
    func retryOfUnnamed() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("a\n")), .init("b", .running), .init("c", .waiting("ContainerCreating")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            // Pods that have not started are asked for when they are late.
            try await api.withPlugin("--output-dir", "out", environment: limits(["late": 600])) { process in
                try await process.says("1 of 3 nodes done, 1 running")
                try await api.fail(.text(503, "no backend"), verb: "list", resource: "pods", times: 1)
                process.send(SIGINT)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                let line = "run-once: 1 of 3 nodes are not known by name: run it on all of them again"
                #expect(outcome.lines.last == line)
            }
            #expect(try api.summary("out")["nodes"].count == 2 && api.summary("out")["run"]["wanted"].number == 3)
            let why = "its run ended as stopped, and did not reach 1 of 3 nodes: run it without --retry"
            try await api.join(.init("b", .done("b\n")), .init("c", .done("c\n")))
            let retried = try await api.plugin("--retry", "out")
            retried.expectStatus(1)
            #expect(retried.text == "==> b <==\nb\n" && retried.lines.contains("run-once: out: \(why)"))
            let run = try api.summary("out")["run"]
            #expect(run["verdict"].string == "stopped" && run["wanted"].number == 3)
            let again = try await api.plugin("--retry", "out")
            again.expectStatus(2)
            #expect(again.stderr == "error: --retry: every node in out is done, but \(why)\n")
        }
    }

    @Test("--baseline is not the DIR of --retry, whose results are replaced: nothing is run")
    func retryOfBaseline() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("a\n"))]) { api in
            try api.makeFolder(of: "a")
            let files = FileManager.default
            try files.createSymbolicLink(atPath: api.directory + "/link", withDestinationPath: "out")
            let why = "--retry brings DIR up to date, so that nothing is left to compare with: name another --baseline"
            let folder = api.directory + "/out"
            for baseline in [folder, api.directory + "/link"] {
                #expect(throws: Refusal.usage(why), "\(baseline)") {
                    try Command(["hosts", "--retry", folder, "--baseline", baseline], environment: [:])
                }
            }
            let outcome = try await api.plugin("--retry", "out", "--baseline", "./out/")
            outcome.expectStatus(2)
            #expect(outcome.stderr == "error: \(why)\n")
            #expect(try await api.requests.isEmpty)
        }
    }

    @Test("Where --keep keeps the name that -f has, the last line says that it works when that is removed, and it does")
    func lastLineOfKept() async throws {
        try await withFakeAPI(nodes: [.init("a", .failed(1, "no"))]) { api in
            let outcome = try await api.plugin("-f", api.manifest(probed), "--keep")
            outcome.expectStatus(1)
            let line = try #require(outcome.lastCommand)
            let when = "when what is kept has ended and is removed"
            #expect(outcome.lines.last == "run-once: to run it again where it is not done, \(when):\n    \(line)")
            try await api.plugin("delete", "task").expectStatus(0)
            try await api.join(.init("a", .done("a\n")))
            try await api.follow(line).expectStatus(0)
        }
    }

    @Test("The last line repeats no @FILE that was a pipe: where it matters, it has the names that came from there")
    func lastLineOfPipe() async throws {
        let nodes: [FakeAPI.Node] = [.init("a", .failed(1, "no")), .init("b", .failed(1, "no"))]
        try await withFakeAPI(nodes: nodes) { api in
            try api.makeFolder(of: "a", "b")
            for (option, line) in [("--quiet", "--nodes a --quiet"), ("--retry=out", "--retry out --exclude b")] {
                let outcome = try await run(
                    shell(#"echo node/b | "$@""#, [pluginPath, "hosts", option, "--exclude", "@/dev/stdin"]),
                    environment: api.environment(), directory: api.directory)
                outcome.expectStatus(1)
                #expect(outcome.lastCommand == "kubectl run-once hosts \(line)")
            }
        }
    }

    @Test("A DIR that can't be written to is told as that of the option that named it")
    func retryOfUnwritable() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try api.makeFolder(of: "a")
            try FileManager.default.createDirectory(
                atPath: api.directory + "/out/.run-once.part", withIntermediateDirectories: false)
            for option in ["--retry", "--output-dir"] {
                let outcome = try await api.plugin(option, "out")
                outcome.expectStatus(2)
                #expect(outcome.stderr == "error: \(option): can't be written to: out: Is a directory\n")
            }
        }
    }
}

extension FakeAPI {
    /// Makes the folder `out` as of a run that failed on all its nodes.
    fileprivate func makeFolder(of nodes: String...) throws {
        try FileManager.default.createDirectory(atPath: directory + "/out", withIntermediateDirectories: false)
        let failed = nodes.map { #"{"node":"\#($0)","state":"failed"}"# }.joined(separator: ",")
        let run = #"{"verdict":"failed","wanted":\#(nodes.count)}"#
        _ = try write(#"{"schema":1,"run":\#(run),"nodes":[\#(failed)]}"#, to: "out/summary.json")
    }
}
