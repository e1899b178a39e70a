import FoundationEssentials
import RunLogic
import System

/// What an earlier run left in the folder for its results.
struct EarlierRun: Sendable {
    let directory: String
    /// What became of each node, by its name, as summary.json has it.
    let nodes: [String: JSON]
    /// How it ended, such as `stopped`.
    let verdict: String
    /// How many nodes it was meant for; 0 where it ended before that was known.
    let wanted: Int

    /// - Throws: `Refusal.usage` where the folder, which the option names, holds no such thing.
    init(in directory: String, _ option: String) throws(Refusal) {
        self.directory = directory
        let file = "\(directory)/summary.json"
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Descriptor.open(file).rest()
        } catch {
            throw .usage("\(option): name the --output-dir of an earlier run: \(file): \(error.reason)")
        }
        let summary = (try? JSONDecoder().decode(JSON.self, from: Data(bytes))) ?? .null
        let nodes = summary["nodes"].elements.map { ($0["node"].string ?? "", $0) }
        // A name becomes part of a path.
        let areNodes = nodes.allSatisfy { name, node in
            !name.isEmpty && !name.contains("/") && name.first != "." && node["state"].string != nil
        }
        guard summary["schema"] == 1, !nodes.isEmpty, areNodes else {
            throw .usage("\(option): this is not what --output-dir writes: \(file)")
        }
        self.nodes = Dictionary(nodes) { $1 }
        verdict = summary["run"]["verdict"].string ?? "unknown"
        if case .integer(let wanted) = summary["run"]["wanted"] { self.wanted = wanted } else { wanted = nodes.count }
    }

    /// How many nodes it did not reach, and has no names of: to run it again by name leaves them out.
    private var unnamed: Int { max(0, wanted - nodes.count) }

    /// Why it is not done when all nodes are that it has names of; nil where these are all.
    var lack: String? {
        guard wanted > 0 else {
            return "its run ended as \(verdict) before it was known how many nodes are meant: run it without --retry"
        }
        guard unnamed > 0 else { return nil }
        return """
            its run ended as \(verdict), and did not reach \(unnamed) of \(wanted) nodes: run it without --retry
            """
    }

    /// The nodes to run it on again, by name.
    var notDone: [String] { nodes.keys.filter { nodes[$0]?["state"] != "done" }.sorted() }

    /// Whether what it says of a node is still so: what ran there has run until it is run there again.
    func stands(after node: NodeSummary) -> Bool {
        let state = nodes[node.node]?["state"].string ?? ""
        return !node.hasStarted && ["failed", "running", "unfetched", "gone"].contains(state)
    }

    /// Its nodes that are done, besides those that were run again or left out: the folder has their results.
    func kept(besides others: [String]) -> [NodeSummary] {
        let names = Set(others)
        return nodes.keys.filter { nodes[$0]?["state"] == "done" && !names.contains($0) }.sorted().map { .done($0) }
    }

    /// What became of all nodes, by name, some of which were run again.
    func brought(upToDate latest: [NodeSummary]) -> [JSON] {
        var nodes = nodes
        for node in latest where !stands(after: node) { nodes[node.node] = JSON(node) }
        return nodes.sorted { $0.key < $1.key }.map(\.value)
    }
}
