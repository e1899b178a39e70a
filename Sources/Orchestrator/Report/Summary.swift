import FoundationEssentials
import RunLogic
import System

/// The document of DIR/summary.json and of --output json: what became of the run and of each node, for programs.
struct Summary: Encodable {
    struct Run: Encodable {
        let name: String
        let namespace: String
        /// When it began, in UTC, as in `2026-11-25T10:14:59Z`.
        let started: String
        let seconds: Int
        let verdict: String
        /// How many nodes are meant, as far as that is known, and 0 where it is not: those without a pod may have no
        /// name here.
        let wanted: Int
    }

    let schema = 1
    let run: Run
    let nodes: [NodeSummary]

    /// Writes the document, or nothing. That of an earlier run it brings up to date.
    func write(to path: String, after earlier: EarlierRun? = nil) throws(SystemError) {
        var document = JSON(self)
        if let earlier {
            let nodes = earlier.brought(upToDate: nodes)
            document["nodes"] = .array(nodes)
            document["run"]["wanted"] = .integer(earlier.wanted)
            let isDone = nodes.allSatisfy { $0["state"] == "done" }
            let verdict = earlier.lack != nil ? earlier.verdict : isDone ? "done" : "failed"
            if run.verdict == "done" { document["run"]["verdict"] = .string(verdict) }
        } else if exists(path) {
            throw .exists("write", path)
        }
        let part = path + ".part"
        let file = try Descriptor.open(part, for: .replacing)
        try file.write(encoded(document, .prettyPrinted) + [UInt8(ascii: "\n")])
        // What was there is not given up before this is on the disk.
        try file.sync()
        try move(part, to: path)
    }
}

extension NodeSummary: Encodable {
    private enum Key: CodingKey {
        case node, state, exitCode, reason, seconds, partial, bytes, sha256, source
    }

    /// What is not known is null, never left out.
    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(node, forKey: .node)
        try object.encode(state == .waiting && hasStarted ? "running" : state.rawValue, forKey: .state)
        try object.encode(exitCode, forKey: .exitCode)
        try object.encode(reason, forKey: .reason)
        try object.encode(seconds, forKey: .seconds)
        try object.encode(partial, forKey: .partial)
        try object.encode(proof?.bytes, forKey: .bytes)
        try object.encode(proof?.sha256, forKey: .sha256)
        try object.encode(proof?.origin.rawValue, forKey: .source)
    }
}
