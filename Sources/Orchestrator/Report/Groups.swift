import Glibc
import RunLogic

/// Nodes that wrote the same, and whose tasks ended in the same way.
struct Group: Equatable {
    /// What they are: results come first, so that failures are the last that is seen.
    private enum Rank: Int { case done, unfinished, failed }

    private struct Key: Hashable {
        let rank: Rank
        let mark: String?
        let hash: String?
    }

    var nodes: [String]
    /// How their tasks ended, such as `failed: exit code 3`; nil where they are done.
    let mark: String?
    /// They wrote something, and it is here.
    let hasOutput: Bool

    /// Groups nodes by what they wrote and how they ended: those that are done first, then the largest, then by name.
    ///
    /// - Parameter outcome: knows the nodes, and whose output is here.
    static func all(of outcome: Outcome, in store: ResultStore) throws(SystemError) -> [Group] {
        var groups: [Key: Group] = [:]
        for node in outcome.nodes {
            let file = outcome.logs.contains(node.node) ? try Descriptor.open(store.file(of: node.node), O_RDONLY) : nil
            let size = try file?.size() ?? 0
            let rank: Rank
            let mark: String?
            switch node.state {
            case .done: (rank, mark) = (.done, nil)
            case .failed: (rank, mark) = (.failed, node.failure(showsOutput: size > 0))
            case .waiting, .unreachable, .gone:
                guard size > 0 else { continue }
                (rank, mark) = (.unfinished, "unfinished: \(outcome.whyUnfinished)")
            case .queued, .unfetched, .unmet: continue
            }
            var hash = size > 0 ? node.proof?.sha256 : nil
            if size > 0, hash == nil { hash = try file?.sha256(of: 0..<size).hex }
            let group = Group(nodes: [], mark: mark, hasOutput: size > 0)
            groups[Key(rank: rank, mark: mark, hash: hash), default: group].nodes.append(node.node)
        }
        return groups.sorted { one, other in
            let (first, second) = (one.value.nodes, other.value.nodes)
            return (one.key.rank.rawValue, second.count, first[0]) < (other.key.rank.rawValue, first.count, second[0])
        }.map(\.value)
    }

    /// `node-1, node-3`, and how they ended where they are not done.
    ///
    /// - Parameter columns: of the terminal, where many names are folded, in three lines at most; nil where whatever
    ///   reads them wants each whole.
    fileprivate func header(_ columns: Int?) -> String {
        var names = inOrder(nodes).joined(separator: ", ")
        if let columns, names.count > columns - 20 {
            names =
                "\(nodes.count) nodes: \(folded(nodes, atMost: max(3 * columns - (mark?.count ?? 0) - 30, columns)))"
        }
        return "==> \(names)\(mark.map { " (\(Harmless.text($0)))" } ?? "") <=="
    }
}

extension NodeSummary {
    /// How its task failed, in one line.
    ///
    /// - Parameter showsOutput: what the task said is shown with it.
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
/// - Throws: `SystemError` where standard output does not take them.
func writeGroups(
    _ groups: [Group], from store: ResultStore, to page: Page, isColored: Bool, columns: Int?
) throws(SystemError) {
    var separator = ""
    for group in groups {
        let header = group.header(columns)
        let colored = group.mark == nil ? Color.bold(header) : Color.red(header)
        try page.write("\(separator)\(isColored ? colored : header)\n".utf8)
        separator = "\n"
        guard group.hasOutput else { continue }
        let last = try page.write(contentsOf: Descriptor.open(store.file(of: group.nodes[0]), O_RDONLY))
        if last != UInt8(ascii: "\n") { separator = "\n\n" }
    }
    if separator == "\n\n" { try page.write("\n".utf8) }
}
