import RunLogic
import System

/// Nodes that wrote the same, and whose tasks ended in the same way.
struct Group {
    /// What they are: results come first, so that failures are the last that is seen. Unfinished are also those of
    /// whose result not all is here.
    private enum Rank: Int { case done, unfinished, failed }

    /// What they have in common.
    private struct Kind: Hashable {
        let rank: Rank
        /// How their tasks ended, such as `failed: exit code 3`; nil where all is well.
        let mark: String?
        /// Of what they wrote; nil where that is nothing, or not here.
        let hash: String?
        /// Of what they wrote in the run that this one is compared with.
        let before: String?
    }

    private let kind: Kind
    private(set) var nodes: [String] = []
    /// What it is compared with: a file, and its name for the user; nil where that is the first group.
    fileprivate let base: (file: String, name: String)?

    var mark: String? { kind.mark }
    fileprivate var hasOutput: Bool { kind.hash != nil }

    /// Groups nodes by what they wrote and how they ended: those that are done first, then the largest, then by name.
    ///
    /// - Parameters:
    ///   - kept: nodes whose results the folder has of an earlier run.
    ///   - baseline: leaves out nodes that have not ended, or wrote the same and ended in the same way as then.
    static func all(
        of outcome: Outcome, and kept: [NodeSummary] = [], in store: ResultStore, since baseline: EarlierRun? = nil
    ) throws(SystemError) -> [Group] {
        var groups: [Kind: Group] = [:]
        for node in outcome.nodes + kept {
            let file = node.hasOutput ? try Descriptor.open(store.file(of: node.node)) : nil
            let size = try file?.size() ?? 0
            let rank: Rank
            var mark: String?
            switch node.state {
            case .done: (rank, mark) = (.done, nil)
            case .failed: (rank, mark) = (.failed, node.failure(showsOutput: size > 0))
            case .waiting, .unreachable, .gone:
                guard size > 0, baseline == nil else { continue }
                (rank, mark) = (.unfinished, "unfinished: \(outcome.whyUnfinished)")
            case .unfetched:
                guard size > 0, baseline == nil || node.proof != nil else { continue }
                (rank, mark) = (.unfinished, node.reason)
            case .queued, .unmet: continue
            }
            var hash = size > 0 ? node.proof?.sha256 : nil
            if hash == nil { hash = try file?.hashOfAll() }
            let before = try baseline?.result(of: node.node)
            if let before {
                let end = EarlierRun.end(of: JSON(node))
                // Of what can't be fetched nobody knows whether it is another.
                guard node.hasOutput && before.hash != hash || before.end != end else { continue }
                let was = before.end == end ? nil : before.end.isEmpty ? "new" : "was \(before.end)"
                if was != nil { mark = [mark, was].compactMap(\.self).joined(separator: "; ") }
            }
            let base = before.map { (file: $0.hash == nil ? "/dev/null" : $0.file, name: $0.file) }
            let kind = Kind(rank: rank, mark: mark, hash: hash, before: before?.hash)
            groups[kind, default: Group(kind: kind, base: base)].nodes.append(node.node)
        }
        return groups.values.sorted { one, other in
            (one.kind.rank.rawValue, other.nodes.count, one.nodes[0])
                < (other.kind.rank.rawValue, one.nodes.count, other.nodes[0])
        }
    }

    /// `node-1, node-3`, and how they ended where they are not done. On a terminal, which has columns, many names are
    /// folded, in three lines at most.
    fileprivate func header(_ columns: Int?) -> String {
        var names = inOrder(nodes).joined(separator: ", ")
        if let columns, nodes.count > 1, names.count > columns - 20 {
            let room = max(3 * columns - (mark?.count ?? 0) - 30, columns)
            names = "\(nodes.count) nodes: \(folded(nodes, atMost: room))"
        }
        return "==> \(names)\(mark.map { " (\(Harmless.text($0)))" } ?? "") <=="
    }
}

extension NodeSummary {
    /// How its task failed, in one line, and what it said, where its output does not show that.
    fileprivate func failure(showsOutput: Bool) -> String {
        let code = exitCode.map { "exit code \($0)" } ?? ""
        let why = showsOutput && code + word != "" ? word : reason
        let parts = [code, why].filter { !$0.isEmpty }.joined(separator: ", ")
        let line = String(parts.split(separator: "\n").joined(separator: " ").prefix(300))
        return line.isEmpty ? "failed" : "failed: \(line)"
    }
}

/// Writes what nodes wrote, a header before each: `==> node-1, node-3 <==`. Each begins on a line of its own.
///
/// - Parameter comparing: writes how it differs from what the group is compared with, or from the first group.
/// - Throws: `SystemError` where standard output does not take them.
func writeGroups(
    _ groups: [Group], from store: ResultStore, to page: Page, isColored: Bool, comparing: Bool
) throws(SystemError) {
    let columns = page.output.columns
    var separator = ""
    for (index, group) in groups.enumerated() {
        let header = group.header(columns)
        let colored = group.mark == nil ? Color.bold(header) : Color.red(header)
        try page.write("\(separator)\(isColored ? colored : header)\n".utf8)
        separator = "\n"
        if comparing, index > 0 || group.base != nil, group.hasOutput || group.mark == nil {
            let file = group.hasOutput ? store.file(of: group.nodes[0]) : "/dev/null"
            let first = groups[0].hasOutput ? store.file(of: groups[0].nodes[0]) : "/dev/null"
            try page.write(difference: (file, group.nodes[0]), from: group.base ?? (first, groups[0].nodes[0]))
            continue
        }
        guard group.hasOutput else { continue }
        let last = try page.write(contentsOf: Descriptor.open(store.file(of: group.nodes[0])))
        if last != UInt8(ascii: "\n") { separator = "\n\n" }
    }
    if separator == "\n\n" { try page.write("\n".utf8) }
}
