import Glibc

/// Nodes with the same result.
struct Group: Equatable {
    var nodes: [String]

    /// Groups nodes by equal results: the largest group first, then by name.
    static func all(of nodes: [String], in store: ResultStore) throws(SystemError) -> [Group] {
        var groups: [Group] = []
        var candidates: [Int: [Int]] = [:] // groups by the hash of their result
        for node in nodes.sorted() {
            let hash = try hashOfFile(store.file(of: node))
            var found: Int?
            for index in candidates[hash] ?? [] where found == nil {
                if try haveEqualContents(store.file(of: node), store.file(of: groups[index].nodes[0])) { found = index }
            }
            if let found {
                groups[found].nodes.append(node)
            } else {
                candidates[hash, default: []].append(groups.count)
                groups.append(Group(nodes: [node]))
            }
        }
        return groups.sorted { ($1.nodes.count, $0.nodes[0]) < ($0.nodes.count, $1.nodes[0]) }
    }

    private static func hashOfFile(_ path: String) throws(SystemError) -> Int {
        let file = try Descriptor.open(path, O_RDONLY)
        var hasher = Hasher()
        while true {
            let bytes = try file.read()
            if bytes.isEmpty { return hasher.finalize() }
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    private static func haveEqualContents(_ one: String, _ other: String) throws(SystemError) -> Bool {
        let (one, other) = (try Descriptor.open(one, O_RDONLY), try Descriptor.open(other, O_RDONLY))
        while true {
            let bytes = try one.read()
            guard bytes == (try other.read()) else { return false }
            if bytes.isEmpty { return true }
        }
    }
}

/// Writes results, a header before each: `==> node-1, node-3 <==`. Each begins on a line of its own.
///
/// - Throws: `SystemError` where standard output does not take them.
func writeGroups(
    _ groups: [Group], from store: ResultStore, to page: Page, isColored: Bool
) throws(SystemError) {
    var separator = ""
    for group in groups {
        let header = "==> \(group.nodes.joined(separator: ", ")) <=="
        try page.write("\(separator)\(isColored ? Color.bold(header) : header)\n".utf8)
        let last = try page.write(contentsOf: Descriptor.open(store.file(of: group.nodes[0]), O_RDONLY))
        separator = last == nil || last == UInt8(ascii: "\n") ? "\n" : "\n\n"
    }
    if separator == "\n\n" { try page.write("\n".utf8) }
}
