import Foundation
import TestSupport
import Testing

/// To run it again where it is not done, and to say on which nodes.
extension PluginTests {
    @Test(
        "--nodes and --exclude take names, patterns, what kubectl prints, and files of these; a selection holds besides"
    )
    func nodesByPattern() async throws {
        let names = ["db-1", "web-1", "web-2", "web-3", "web-10", "web-11"]
        let nodes = names.map { FakeAPI.Node($0, labels: ["disk": $0 == "web-1" ? "hdd" : "ssd"], .done("\($0)\n")) }
        try await withFakeAPI(nodes: nodes) { api in
            _ = try api.write("node/db-1\nweb-10,node/db-1\n\n", to: "names")
            let chosen = ["--nodes", "@names,web-?", "--nodes=node/web-11", "--exclude=*-[3],node/db-*"]
            let outcome = try await api.plugin(["-o", "prefix", "-l", "disk=ssd"] + chosen)
            outcome.expectStatus(0)
            #expect(outcome.lines(of: ["web-2", "web-10", "web-11"]), "\(outcome.text)")
        }
    }

    @Test("A name or pattern that no node has, or that nobody can resolve, is refused before anything is created")
    func patternsOfNothing() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            for (arguments, message) in [
                (["--nodes=a,x", "--exclude=y"], "no node is called x, y"),
                (["--nodes", "web-*"], "no node matches 'web-*': kubectl get nodes tells their names"),
                (["--nodes=a", "--exclude=b?"], "no node matches 'b?': kubectl get nodes tells their names"),
            ] {
                let outcome = try await api.plugin(arguments)
                outcome.expectStatus(2)
                #expect(outcome.stderr == "error: \(message)\n")
            }
            try await api.fail(.refused(403, "Forbidden", "no"), verb: "list", resource: "nodes")
            let outcome = try await api.plugin("--nodes=*")
            outcome.expectStatus(2)
            #expect(
                outcome.stderr == """
                    error: the nodes can't be listed, which a pattern of --nodes or --exclude takes: name them

                    """)
            #expect(try await api.created("daemonsets").isEmpty)
        }
    }

    @Test("The last line of a run is the whole command to run it again where it is not done, as a shell takes it")
    func lastLine() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("hi\n")), .init("b", .failed(1, "no")), .init("c", .failed(1, "no")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            let arguments = ["--image", "busybox", "-t90s", "--nodes", "[abc]", "-l", "!x", "--env=A=b c", "-q"]
            let command = ["--", "sh", "-c", "echo \"$NODE's\" >&2\nexit 1", "--token"]
            let outcome = try await api.plugin(arguments + ["--token", "s3cret"] + command)
            outcome.expectStatus(1)
            #expect(
                outcome.lastCommand == line
                    && outcome.stderr.contains("run-once: to run it again where it is not done:\n"))
            #expect(!outcome.stderr.contains("s3cret"))
            #expect(outcome.lines.first?.hasSuffix(": failed with exit code 1: no") == true)
            try await api.join(.init("b", .done("b\n")), .init("c", .done("c\n")))
            let again = try await api.follow(line)
            again.expectStatus(0)
            #expect(again.text == "==> b <==\nb\n\n==> c <==\nc\n" && again.stderr == "")
            let made = try await api.created("daemonsets").map { $0.pod["containers"][0]["args"].strings }
            #expect(made.count == 2 && made[0] == made[1])
        }
        var line: String {
            """
            kubectl run-once --nodes b,c --image busybox --timeout 90s --env 'A=b c' --quiet -- sh -c \
            'echo "$NODE'\\''s" >&2
            exit 1' --token
            """
        }
    }

    @Test("The last line names the folder where there is one, and the file that was read")
    func lastLineOfFiles() async throws {
        try await withFakeAPI(nodes: [.init("a", .failed(1, "no"))]) { api in
            try api.makeFolders()
            _ = try api.write("exit 1\n", to: "my script.sh")
            let arguments = ["-i", "--output-dir=out", "--image", "busybox", "--", "sh", "-s"]
            let outcome = try await run(
                shell(#""$@" < "my script.sh""#, [pluginPath] + arguments), environment: api.environment(),
                directory: api.directory)
            outcome.expectStatus(1)
            #expect(
                outcome.lastCommand == """
                    kubectl run-once --retry out --stdin --image busybox -- sh -s < '\(api.directory)/my script.sh'
                    """)
        }
    }

    @Test("The last line repeats no -f that was a pipe, and has the reader name what was in it")
    func lastLineOfPiped() async throws {
        try await withFakeAPI(nodes: [.init("a", .failed(1, "no"))]) { api in
            let manifest = try api.manifest(probed)
            let outcome = try await run(
                shell(#"cat "$1" | "$2" -f /dev/stdin -q"#, [manifest, pluginPath]), environment: api.environment(),
                directory: api.directory)
            outcome.expectStatus(1)
            #expect(outcome.lastCommand == "kubectl run-once --nodes a -f - --quiet < INPUT")
        }
    }

    @Test(
        "--retry DIR runs the nodes that are not done in DIR, and brings DIR up to date, until all are done", .waitsLong
    )
    func retry() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("a\n")), .init("b", .failed(3, "no", log: "half\n")), .init("c", .running),
            .init("d", .failed(1, "no", log: "d failed\n")), .init("e", .failed(1, "no")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            let first = try await withEnoughTime(from: 2, api, "--output-dir", "out") {
                try $0.summary("out")["nodes"][2]
            }
            #expect(first["state"].string == "running")
            let proof = try api.summary("out")["nodes"][0]["sha256"].string
            // e leaves; d does not start this time, and c fails.
            try await api.remove(node: "e")
            try await api.join(
                .init("a", .done("again\n")), .init("b", .done("b\n")), .init("c", .failed(7, "no", log: "c\n")),
                .init("d", .waiting("ErrImagePull", "no")))
            let second = try await api.plugin("-f", api.manifest(probed), "--retry", "out", "-t", "3s")
            second.expectStatus(124)
            #expect(second.lines.contains("run-once: left out, since they are no longer in the cluster: e"))
            #expect(second.lastCommand?.hasPrefix("kubectl run-once --retry out --filename ") == true)
            #expect(second.text == "==> b <==\nb\n\n==> c (failed: exit code 7) <==\nc\n")
            let summary = try api.summary("out")
            #expect(summary["nodes"].list.map { $0["node"].string } == ["a", "b", "c", "d", "e"])
            #expect(summary["nodes"].list.map { $0["state"].string } == ["done", "done", "failed", "failed", "failed"])
            #expect(summary["nodes"].list.map { $0["exitCode"].number } == [0, 0, 7, 1, 1])
            #expect(summary["nodes"][0]["sha256"].string == proof && summary["run"]["verdict"].string == "timed-out")
            #expect(
                try api.read("out/a.log") == "a\n" && api.read("out/b.log") == "b\n" && api.read("out/c.log") == "c\n")
            #expect(try api.read("out/d.log") == "d failed\n")
            // With all others done it is not done as long as e is missing.
            try await api.join(.init("c", .done("c\n")), .init("d", .done("d\n")))
            try await api.plugin("-f", api.manifest(probed), "--retry=out").expectStatus(0)
            #expect(try api.summary("out")["run"]["verdict"].string == "failed")
            let gone = try await api.plugin("-f", api.manifest(probed), "--retry=out")
            gone.expectStatus(2)
            #expect(gone.stderr == "error: --retry: no node that is not done in out is in the cluster: e\n")
            try await api.join(.init("e", .done("e\n")))
            try await api.plugin("-f", api.manifest(probed), "--retry=out").expectStatus(0)
            #expect(try api.summary("out")["run"]["verdict"].string == "done")
            let count = try await api.created("daemonsets").count
            let last = try await api.plugin("-f", api.manifest(probed), "--retry=out")
            last.expectStatus(0)
            #expect(last.stderr == "run-once: every node in out is done\n")
            #expect(try await api.created("daemonsets").count == count && count == 4)
            let files = try TestSupport.names(in: api.directory + "/out")
            #expect(files == ["a.log", "b.log", "c.log", "d.log", "e.log", "summary.json"])
        }
    }

    @Test(
        "A run that ended early may not have reached all nodes: where all that it knew are done, it is not called done")
    func retryOfAllThatIsKnown() async throws {
        try await withFakeAPI(nodes: ["a", "b"]) { api in
            let folder = api.directory + "/out"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            for (run, why) in [
                (#"{"verdict":"stopped"}"#, "its run ended as stopped, and may not have reached all"),
                (
                    #"{"verdict":"failed","wanted":0}"#,
                    "its run ended as failed before it was known how many nodes are meant"
                ),
            ] {
                let summary = #"{"schema":1,"run":\#(run),"nodes":[{"node":"a","state":"done"}]}"#
                _ = try api.write(summary, to: "out/summary.json")
                let outcome = try await api.plugin("--retry", "out")
                outcome.expectStatus(2)
                let line = "every node in out is done, but \(why): run it without --retry"
                #expect(outcome.stderr == "error: --retry: \(line)\n")
            }
        }
    }

    @Test(
        "A DIR that holds no earlier run, or a broken summary, is told in one line, stays as it is, and nothing is created"
    )
    func retryOfNothing() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try FileManager.default.createDirectory(atPath: api.directory + "/out", withIntermediateDirectories: false)
            let none = try await api.plugin("--retry", "out")
            none.expectStatus(2)
            let why = "out/summary.json: No such file or directory"
            #expect(none.stderr == "error: --retry: name the --output-dir of an earlier run: \(why)\n")
            _ = try api.write("{", to: "out/summary.json")
            let broken = try await api.plugin("--retry", "out")
            broken.expectStatus(2)
            #expect(broken.stderr == "error: --retry: this is not what --output-dir writes: out/summary.json\n")
            #expect(try api.read("out/summary.json") == "{")
            #expect(try await api.requests.isEmpty)
        }
    }
}

extension Outcome {
    /// Whether standard output has a line of each of these nodes and nothing else, in any order.
    fileprivate func lines(of nodes: [String]) -> Bool {
        text.split(separator: "\n").sorted() == nodes.map { "\($0): \($0)" }.sorted()
    }
}

/// Runs the plugin with so much time that the tasks have started when it is over.
private func withEnoughTime(
    from seconds: Int, _ api: FakeAPI, _ arguments: String..., looksAt node: (FakeAPI) throws -> JSON
) async throws -> JSON {
    for factor in [1, 3, 9] {
        try? FileManager.default.removeItem(atPath: api.directory + "/out")
        try await api.plugin(["-f", try api.manifest(probed), "-t", "\(factor * seconds)s"] + arguments).expectStatus(
            124)
        if try node(api)["state"].string == "running" { break }
    }
    return try node(api)
}
