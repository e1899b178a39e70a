import Foundation
import TestSupport
import Testing

/// What a node writes can't act on the terminal that shows it.
extension PluginTests {
    private static let tricks = "\u{1b}]0;owned\u{7}\u{1b}[2Jsecret\rhidden\n==> b, c <==\nforged \u{9b}31m \u{202e}x\n"
    /// No text, and what a terminal shows of it.
    private static let bytes = Data((0..<70_000).map { _ in 0x61 }) + Data([0xe2, 0x82, 0xff])
    private static let shownOfBytes =
        "(70003 bytes that are no text, sha256 77f31ac32499a40dc3cd8858ffbd96653a7ac75030d0e81ad4d190e3684cc63a; "
        + "--output-dir keeps them)\r\n"

    /// What is on a terminal at the end.
    private func shown(
        _ api: FakeAPI, _ arguments: String..., before: String = ":", term: String = "xterm", noColor: String = "1"
    ) async throws -> String {
        let variables = try api.environment().merging(["TERM": term, "NO_COLOR": noColor]) { $1 }
        let command = shell(
            "\(before)\n" + #"env "$@"; exit $?"#,
            variables.map { "\($0.key)=\($0.value)" } + commandLine(arguments))
        return try await withTerminal(command) { terminal, _, process in
            var shown = ""
            try await eventually("the end") {
                shown += try terminal.take() ?? ""
                return !process.isRunning
            }
            return try shown + (terminal.take() ?? "")
        }
    }

    @Test(
        "On a terminal control characters are shown, no line passes for a header, and what is no text is not shown",
        arguments: ["groups", "prefix", "json"])
    func tricks(format: String) async throws {
        var nodes = [FakeAPI.Node("a", .done(PluginTests.tricks))]
        // In JSON it would be long.
        if format != "json" { nodes.append(.init("b", .done(PluginTests.bytes))) }
        try await withFakeAPI(nodes: nodes) { api in
            let text = try await shown(api, "-q", "-o", format)
            let ofBytes = PluginTests.shownOfBytes
            switch format {
            case "groups":
                #expect(
                    text == "==> a <==\r\n^[]0;owned^G^[[2Jsecret^Mhidden\r\n\\==> b, c <==\r\n"
                        + "forged M-^[31m <U+202E>x\r\n\r\n==> b <==\r\n\(ofBytes)")
            case "prefix":
                let a =
                    "a: ^[]0;owned^G^[[2Jsecret^Mhidden\r\na: ==> b, c <==\r\n"
                    + "a: forged M-^[31m <U+202E>x\r\n"
                let b = "b: \(ofBytes)"
                #expect([a + b, b + a].contains(text), "\(text)")
            default: #expect(!text.contains { "\u{1b}\u{7}\u{9b}\u{202e}".contains($0) })
            }
        }
    }

    @Test("Of a result that is no text a terminal shows the size and the hash with -o raw, too")
    func noText() async throws {
        try await withFakeAPI(nodes: [.init("a", .done(PluginTests.bytes))]) { api in
            let text = try await shown(api, "-q", "-o", "raw", "--nodes", "a")
            #expect(text == PluginTests.shownOfBytes)
        }
    }

    @Test("What the cluster says can't act on the terminal either")
    func tricksOfTheCluster() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let refused = FakeAPI.Fault.refused(403, "Forbidden", "no\u{1b}[2J\u{9b}1m")
            try await api.fail(refused, verb: "create", resource: "daemonsets")
            let outcome = try await api.plugin()
            outcome.expectStatus(3)
            #expect(!outcome.stderr.contains { "\u{1b}\u{9b}".contains($0) }, "\(outcome.stderr)")
        }
    }

    @Test("On a terminal headers are bold, also where NO_COLOR is empty, and names of many nodes are folded, not one's")
    func folded() async throws {
        let nodes = (1...40).map { FakeAPI.Node("node-\($0)", .done($0 == 7 ? "odd\n" : "same\n")) }
        try await withFakeAPI(nodes: nodes) { api in
            let text = try await shown(api, before: "stty cols 80", noColor: "")
            let most = "\u{1b}[1m==> 39 nodes: node-[1-6,8-40] <==\u{1b}[0m\r\nsame\r\n"
            #expect(text.contains(most), "\(text)")
            #expect(text.contains("\u{1b}[1m==> node-7 <==\u{1b}[0m\r\nodd\r\n"))
        }
    }

    @Test("Progress is no wider than the terminal, which could not take the rest of it away")
    func narrow() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            let text = try await shown(api, "-t", "2s", before: "stty cols 20")
            let lines = text.split(separator: "\r").filter { $0.hasSuffix("\u{1b}[K") && $0.contains("node") }
            #expect(lines.contains("0 of 1 node done, 1\u{1b}[K"), "\(lines)")
        }
    }

    @Test("A dumb terminal gets no escapes: progress comes line by line")
    func dumb() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let text = try await shown(api, term: "dumb")
            #expect(!text.contains("\u{1b}") && text.contains("waiting for the first pod\r\n"), "\(text)")
        }
    }
}
