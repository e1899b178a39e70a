import FoundationEssentials
import Testing

@testable import Orchestrator

@Suite("Answers") struct AnswerTests {
    private func read(_ head: String..., body: String = "") -> Answer? {
        Answer(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    }

    @Test("An answer is its code, its warnings and its body, byte for byte")
    func parts() throws {
        let answer = try #require(
            read(
                "HTTP/1.1 201 Created", "Content-Type: application/json",
                #"Warning: 299 - "would violate \"restricted\" \\ é""#,
                #"warning: 299 - "another""#, "Warning: nonsense", body: "{}\r\n\r\n{}"))
        #expect(answer.code == 201)
        #expect(answer.warnings == [#"would violate "restricted" \ é"#, "another"])
        #expect(answer.body == Array("{}\r\n\r\n{}".utf8))
    }

    @Test("Heads of interim answers come before the answer")
    func interim() {
        #expect(
            read("HTTP/1.1 100 Continue", "", "HTTP/1.1 103 Early Hints", "Link: x", "", "HTTP/1.1 200 OK", body: "x")?
                .code == 200)
    }

    @Test(
        "What is no answer is none",
        arguments: ["", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\n", "\r\n\r\n", "nonsense\r\n\r\n", "HTTP/1.1 x\r\n\r\n"])
    func none(text: String) {
        #expect(Answer(Array(text.utf8)) == nil)
    }

    private func refusal(_ body: String, _ code: Int) -> String {
        switch API.failure(Array(body.utf8), code) {
        case .refused(let status): "refused \(status.code ?? 0): \(status.message ?? "")"
        case .outage(let why): "outage: \(why)"
        }
    }

    @Test("A Status is the cluster's word; anything else is an outage, and so is what it says when it is not well")
    func refusals() {
        func status(_ code: Int) -> String {
            #"{"kind":"Status","status":"Failure","message":"no","reason":"R","code":\#(code)}"#
        }
        for code in [400, 403, 404, 409, 410, 422] { #expect(refusal(status(code), code) == "refused \(code): no") }
        for code in [429, 500, 503, 504] { #expect(refusal(status(code), code) == "outage: no") }
        #expect(
            refusal("dial tcp 10.0.0.1:6443: connect: connection refused\n", 502)
                == "outage: dial tcp 10.0.0.1:6443: connect: connection refused")
        #expect(refusal("404 page not found\n", 404) == "outage: 404 page not found")
        #expect(refusal(#"{"kind":"Pod"}"#, 404).hasPrefix("outage: "))
        #expect(refusal("", 502) == "outage: HTTP 502")
    }

    @Test("A text in a query is escaped byte by byte")
    func escaped() {
        #expect(API.escaped("a-b._~Z9") == "a-b._~Z9")
        #expect(API.escaped("a=b/c d,é\n&%+") == "a%3db%2fc%20d%2c%c3%a9%0a%26%25%2b")
    }

    @Test("Lines are whole, whatever the pieces they come in", arguments: 1...8)
    func lines(size: Int) {
        let text = Array("one\n\n{\"é\":2}\nthree and more\nrest".utf8)
        var lines = LineReader()
        var all: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            all += lines.take(Array(text[start..<min(start + size, text.count)])).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        #expect(all == ["one", "{\"é\":2}", "three and more"])
        #expect(String(decoding: lines.rest, as: UTF8.self) == "rest")
    }

    @Test("A line of a watch says what happened, and how far the watch is")
    func watchLines() throws {
        func read(_ text: String) throws -> WatchLine<DaemonSet> {
            try JSONDecoder().decode(WatchLine<DaemonSet>.self, from: Data(text.utf8))
        }
        let object = #"{"metadata":{"name":"x","uid":"u","resourceVersion":"7"}}"#
        for type in ["ADDED", "MODIFIED"] {
            guard case .changed(let daemonSet, "7") = try read(#"{"type":"\#(type)","object":\#(object)}"#) else {
                Issue.record("\(type)")
                continue
            }
            #expect(daemonSet.metadata.uid == "u")
        }
        guard case .deleted(_, "7") = try read(#"{"type":"DELETED","object":\#(object)}"#) else {
            Issue.record("DELETED")
            return
        }
        guard
            case .bookmark("8") = try read(
                #"{"type":"BOOKMARK","object":{"kind":"DaemonSet","metadata":{"resourceVersion":"8"}}}"#)
        else {
            Issue.record("BOOKMARK")
            return
        }
        guard
            case .error(let status) = try read(
                #"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"old"}}"#)
        else {
            Issue.record("ERROR")
            return
        }
        #expect(status.code == 410)
        #expect(throws: (any Error).self) { try read(#"{"type":"ADDED","object":{"kind":"Status"}}"#) }
    }

    @Test("A table without a column that is asked for says nothing; it is not empty")
    func table() throws {
        let text = #"{"columnDefinitions":[{"name":"Name"},{"name":"Age"}],"rows":[{"cells":["a",1]},{"cells":["b"]}]}"#
        let table = try JSONDecoder().decode(Table.self, from: Data(text.utf8))
        #expect(table.values("Name") == [["a"], ["b"]])
        #expect(table.values("Age", "Name") == [["", "a"], ["", "b"]])
        #expect(table.values("Name", "Node") == nil)
    }

    @Test(
        "kubectl's log, its prefix and its hints are no part of what it says",
        arguments: [
            ("error: no such file\n", "no such file"),
            ("Error: unknown flag: --x\nSee 'kubectl proxy --help' for usage.\n", "unknown flag: --x"),
            ("E1125 10:15:02.123456   12 round_trippers.go:1] x\nerror: no\n", "no"),
            ("Edit it\nWait\n", "Edit it Wait"), ("", ""),
            ("F1125 10:15:02.123456   12 x.go:1] x\n", ""), ("E12\n", "E12"),
        ])
    func said(text: String, words: String) {
        #expect(Kubectl.said(text) == words)
    }

    @Test(
        "A kubeconfig's context, or an option in its place, says the namespace and whether the server's URL has a path",
        arguments: [
            ([], "team", false), (["--context=b"], nil, true), (["--context=b", "--context=a"], "team", false),
            (["--cluster=two"], "team", true),
            (["--server=https://x/"], "team", false), (["--server=https://x/y"], "team", true),
            (["--server=x:1"], "team", false),
            (["--cluster=two", "--server=http://x"], "team", false), (["--context=none"], nil, false),
            (["--context-x=b"], "team", false),
        ])
    func kubeconfig(options: [String], namespace: String?, hasPath: Bool) {
        let config: JSON = [
            "current-context": "a",
            "clusters": [
                ["name": "one", "cluster": ["server": "https://one.example:6443"]],
                ["name": "two", "cluster": ["server": "https://two.example/k8s/c-1/"]],
            ],
            "contexts": [
                ["name": "a", "context": ["cluster": "one", "namespace": "team"]],
                ["name": "b", "context": ["cluster": "two", "namespace": ""]],
            ],
        ]
        let found = Kubeconfig(config, options: options)
        #expect(found.namespace == namespace)
        #expect(found.serverHasPath == hasPath)
    }

    @Test("A token is kept from kubectl's command line, but where that is all that kubectl takes it from: in a pod")
    func secrets() throws {
        let config: JSON = ["clusters": .null, "contexts": .null, "current-context": ""]
        let directory = try WorkDirectory()
        defer { directory.remove() }
        for (server, isHidden) in [([], false), (["--server=https://x"], true)] {
            let options = server + ["--token=s3cret"]
            let kubectl = try Kubectl(options: options).withSecretsHidden(
                Kubeconfig(config, options: options), in: directory)
            #expect(kubectl.arguments == (isHidden ? server + ["--user=run-once"] : options))
        }
    }

    @Test("An empty kubeconfig names nothing")
    func emptyKubeconfig() {
        let found = Kubeconfig(["clusters": .null, "contexts": .null, "current-context": ""], options: [])
        #expect(found.namespace == nil && !found.serverHasPath)
    }
}
