@testable import Orchestrator
import Testing

@Suite("Which nodes are meant") struct NodeSelectionTests {
    private let required = "requiredDuringSchedulingIgnoredDuringExecution"

    private func terms(_ selection: NodeSelection, of pod: JSON = [:]) -> JSON {
        var pod = pod
        selection.narrow(&pod)
        return pod["affinity"]["nodeAffinity"][required]["nodeSelectorTerms"]
    }

    private func name(_ node: String, _ op: String = "In") -> JSON {
        ["key": "metadata.name", "operator": .string(op), "values": [.string(node)]]
    }

    @Test("Where nothing is selected the manifest stays as it is")
    func nothing() {
        var pod: JSON = ["nodeSelector": ["a": "b"]]
        NodeSelection().narrow(&pod)
        #expect(pod == ["nodeSelector": ["a": "b"]])
    }

    @Test("Several names are alternatives, without those to leave out, which add up alone; labels hold for all")
    func product() throws {
        var selection = NodeSelection()
        selection.excluded = ["c", "d"]
        #expect(terms(selection) == [["matchFields": [name("c", "NotIn"), name("d", "NotIn")]]])
        selection.nodes = ["c"]
        #expect(
            terms(selection) == [["matchFields": [name("c", "NotIn"), name("d", "NotIn"), name("c")]]],
            "none is none, and not all")
        selection.nodes = ["a", "b", "c"]
        selection.labels = try LabelSelector("disk=ssd")
        let disk: JSON = [["key": "disk", "operator": "In", "values": ["ssd"]]]
        #expect(
            terms(selection) == [
                ["matchExpressions": disk, "matchFields": [name("a")]],
                ["matchExpressions": disk, "matchFields": [name("b")]],
            ])
    }

    @Test("Alternatives that the manifest has are each combined with each name")
    func withManifest() {
        var selection = NodeSelection()
        selection.nodes = ["a", "b"]
        let zone = { (zone: String) -> JSON in [["key": "zone", "operator": "In", "values": [.string(zone)]]] }
        var pod: JSON = [:]
        pod["affinity"]["nodeAffinity"][required]["nodeSelectorTerms"] =
            [["matchExpressions": zone("1")], ["matchExpressions": zone("2")]]
        #expect(terms(selection, of: pod).elements.count == 4)
        #expect(terms(selection, of: pod).elements.last == ["matchExpressions": zone("2"), "matchFields": [name("b")]])
    }

    @Test("Of alternatives that name nodes those stay that are meant, however often; where there is none, none is met")
    func namedByManifest() {
        var selection = NodeSelection()
        selection.nodes = (1...3000).map { "node-\($0)" }
        var pod: JSON = [:]
        selection.narrow(&pod)
        let once = pod
        selection.narrow(&pod)
        #expect(pod == once && NodeQuery.all(of: ["spec": ["template": ["spec": pod]]])?.count == 1)
        selection.nodes = ["node-7", "other"]
        #expect(terms(selection, of: pod) == [["matchFields": [name("node-7")]]])
        selection.nodes = ["other"]
        #expect(terms(selection, of: pod) == [["matchFields": [name("node-1"), name("other")]]])
    }
}
