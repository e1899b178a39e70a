import Testing

@testable import Orchestrator

@Suite("Which nodes are meant") struct SelectionTests {
    @Test(
        "A selector has kubectl's grammar",
        arguments: [
            ("disk=ssd", [requirement("disk", "In", ["ssd"])]),
            ("disk==ssd", [requirement("disk", "In", ["ssd"])]),
            ("disk!=ssd", [requirement("disk", "NotIn", ["ssd"])]),
            ("disk", [requirement("disk", "Exists")]),
            ("!disk", [requirement("disk", "DoesNotExist")]),
            ("! disk", [requirement("disk", "DoesNotExist")]),
            ("zone in (a,b)", [requirement("zone", "In", ["a", "b"])]),
            ("zone in(a)", [requirement("zone", "In", ["a"])]),
            ("zone notin ( a , b )", [requirement("zone", "NotIn", ["a", "b"])]),
            ("empty=", [requirement("empty", "In", [""])]),
            ("zone in (a,)", [requirement("zone", "In", ["a", ""])]),
            ("kubernetes.io/arch = arm64", [requirement("kubernetes.io/arch", "In", ["arm64"])]),
            (
                " a=b , zone in (x, y),!c ",
                [
                    requirement("a", "In", ["b"]),
                    requirement("zone", "In", ["x", "y"]),
                    requirement("c", "DoesNotExist"),
                ]
            ),
        ])
    func grammar(text: String, requirements: [JSON]) throws {
        #expect(try LabelSelector(text).requirements == requirements)
    }

    @Test(
        "What is no selector is refused with the part that is none",
        arguments: [
            ("a b", "a b"), ("", ""), ("a=b,", ""), (",a", ""), ("a=b,c d", "c d"), ("=x", "=x"), ("a=b=c", "a=b=c"),
            ("a in b", "a in b"),
            ("a in (b", "a in (b"), ("in (b)", "in (b)"), ("a within (b)", "a within (b)"), ("a/b/c", "a/b/c"),
            ("/a", "/a"), ("a/", "a/"),
            ("-a", "-a"), ("a=-b", "a=-b"), ("a=b.", "a=b."), ("a=é", "a=é"), ("a>1", "a>1"), ("!", "!"),
            ("!!a", "!!a"), ("a!=b!=c", "a!=b!=c"),
            ("a=$(x)", "a=$(x)"),
        ])
    func wrong(text: String, part: String) {
        let refusal = Refusal.usage("--selector: not a requirement of labels such as disk=ssd: '\(part)'")
        #expect(throws: refusal) { try LabelSelector(text) }
    }

    private func queries(_ pod: JSON) -> [String]? {
        NodeQuery.all(of: ["spec": ["template": ["spec": pod]]])?.map { $0.text() }
    }

    private func affinity(_ terms: JSON...) -> JSON {
        ["nodeAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": .array(terms)]]]
    }

    @Test("What a DaemonSet selects is asked of the list of nodes: one query for each alternative")
    func nodeQueries() {
        #expect(queries([:]) == ["labelSelector="])
        #expect(queries(["nodeSelector": ["os": "linux", "a": ""]]) == ["labelSelector=a%3d%2cos%3dlinux"])
        #expect(
            queries([
                "nodeSelector": ["os": "linux"],
                "affinity": affinity(
                    [
                        "matchExpressions": [
                            ["key": "zone", "operator": "In", "values": ["a", "b"]],
                            ["key": "type", "operator": "NotIn", "values": ["v"]],
                            ["key": "gpu", "operator": "Exists"], ["key": "spot", "operator": "DoesNotExist"],
                        ]
                    ],
                    ["matchFields": [["key": "metadata.name", "operator": "NotIn", "values": ["n1", "n2"]]]]),
            ]) == [
                "labelSelector=os%3dlinux%2czone%20in%20%28a%2cb%29%2ctype%20notin%20%28v%29%2cgpu%2c%21spot",
                "labelSelector=os%3dlinux&fieldSelector=metadata.name%21%3dn1%2cmetadata.name%21%3dn2",
            ])
    }

    @Test("Many names are one query, whose answer tells more than what is meant", arguments: [20, 21])
    func manyNames(count: Int) throws {
        var selection = NodeSelection()
        selection.nodes = (1...count).map { "n\($0)" }
        selection.excluded = ["x"]
        selection.labels = try LabelSelector("disk=ssd")
        var pod: JSON = [:]
        selection.narrow(&pod)
        let queries = try #require(NodeQuery.all(of: ["spec": ["template": ["spec": pod]]]))
        #expect(queries.count == (count > 20 ? 1 : 20))
        let names = queries.reduce(into: Set<String>()) { $0.formUnion($1.names ?? []) }
        #expect(names == (count > 20 ? Set(selection.nodes) : []))
        let last = count > 20 ? "" : "&fieldSelector=metadata.name%3dn1"
        let text = "labelSelector=disk%20in%20%28ssd%29%2cb%3dc\(last)"
        #expect(queries[0].text(and: "b=c") == text)
    }

    @Test("What no query can say is not asked: the answer would be another")
    func noQuery() {
        #expect(
            queries(["affinity": affinity(["matchExpressions": [["key": "cpus", "operator": "Gt", "values": ["4"]]]])])
                == nil)
        #expect(
            queries(["affinity": affinity(["matchFields": [["key": "spec.x", "operator": "In", "values": ["4"]]]])])
                == nil)
    }
}

/// A requirement of labels as a node affinity has it.
private func requirement(_ key: String, _ word: String, _ values: [JSON]? = nil) -> JSON {
    var requirement: JSON = ["key": .string(key), "operator": .string(word)]
    if let values { requirement["values"] = .array(values) }
    return requirement
}
