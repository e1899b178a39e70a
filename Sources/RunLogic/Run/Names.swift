/// Nodes' names for people: in natural order, with commas between; many folded, such as
/// `fake-[1-100,103] (101 nodes)`. All of them are in the summary.
public func list(_ names: some Collection<String>) -> String {
    guard names.count > 10 else { return inOrder(names).joined(separator: ", ") }
    return "\(folded(names, atMost: 240)) (\(names.count) nodes)"
}

/// Names in natural order: `node-2` before `node-10`.
public func inOrder(_ names: some Collection<String>) -> [String] { names.map { Pieces($0) }.sorted().map(\.name) }

/// Names folded as ClusterShell folds node sets: `fake-[1-100,103]`, `ip-10-0-0-[5-6].ec2`, `rack-[08-11]`.
///
/// - Parameter limit: the number of characters that it has at most; what is left out is a `…`.
public func folded(_ names: some Collection<String>, atMost limit: Int = .max) -> String {
    let groups = Dictionary(grouping: names.map { Pieces($0) }, by: \.texts).values.flatMap(differingInOneNumber)
    var text = ""
    for (names, place) in groups.sorted(by: { $0.names[0] < $1.names[0] }) {
        let (first, isFolded) = (names[0], names.count > 1)
        let comma = text.isEmpty ? "" : ", "
        let start = comma + (isFolded ? first.all[..<place].joined() + "[" : first.name)
        let end = isFolded ? first.all[(place + 1)...].joined() : ""
        var part = ""
        for range in isFolded ? ranges(of: names.map { $0.all[place] }) : [""] {
            let next = part.isEmpty ? range : "\(part),\(range)"
            let length = [text, start, next, end].reduce(4) { $0 + $1.utf8.count }
            guard length <= limit else {
                return part.isEmpty ? "\(text)\(comma)…" : "\(text)\(start)\(part),…]\(end)"
            }
            part = next
        }
        text += start + part + (isFolded ? "]" : "") + end
    }
    return text
}

/// Divides names that differ in their numbers only: those of a group, which are in order, differ in one number, at this
/// place. Of several numbers it is the one that leaves the fewest groups.
private func differingInOneNumber(_ names: [Pieces]) -> [(names: [Pieces], place: Int)] {
    let ways = stride(from: names[0].all.count - 1, to: 0, by: -1).filter { $0 % 2 == 1 }.map { place in
        // Those with zeros before them, and as many digits, are of one kind.
        let widths = Set(names.map { $0.all[place] }.filter { $0.first == "0" && $0.count > 1 }.map(\.count))
        let groups = Dictionary(grouping: names) { name in
            let width = name.all[place].count
            return name.all[..<place] + [widths.contains(width) ? "\(width)" : ""] + name.all[(place + 1)...]
        }
        return groups.values.map { (names: $0.sorted(), place: place) }
    }
    return ways.min { $0.count < $1.count } ?? names.map { ([$0], 0) }
}

/// Such as `1-100` and `103`, of numbers in order.
private func ranges(of numbers: [String]) -> [String] {
    var ranges: [(first: String, last: String)] = []
    for number in numbers {
        if let last = ranges.last?.last, Int(number) == Int(last).map({ $0 + 1 }) {
            ranges[ranges.count - 1].last = number
        } else {
            ranges.append((number, number))
        }
    }
    return ranges.map { $0.first == $0.last ? $0.first : "\($0.first)-\($0.last)" }
}

/// A name taken apart: text, number, text, number, …; a number of more than 18 digits is none.
private struct Pieces: Comparable {
    let name: String
    var all = [""]

    init(_ name: String) {
        self.name = name
        for character in name {
            let isDigit = ("0"..."9").contains(character)
            if isDigit == (all.count % 2 == 0) {
                all[all.count - 1].append(character)
            } else {
                all.append(String(character))
            }
        }
        if all.contains(where: { $0.count > 18 && Int($0) == nil && $0.allSatisfy(\.isNumber) }) { all = [name] }
    }

    static func < (one: Pieces, other: Pieces) -> Bool {
        for (left, right) in zip(one.all, other.all) where left != right {
            guard let low = Int(left), let high = Int(right), low != high else { return left < right }
            return low < high
        }
        return one.all.count < other.all.count
    }

    /// What names that are folded together have in common, at least.
    var texts: [String] { all.enumerated().map { $0.offset % 2 == 0 ? $0.element : "" } }
}
