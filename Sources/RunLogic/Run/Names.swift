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
    let text = groups.sorted { $0.names[0] < $1.names[0] }.map { names, place in
        let first = names[0]
        if names.count == 1 { return first.name }
        let numbers = ranges(of: names.map { $0.all[place] }).joined(separator: ",")
        return first.all[..<place].joined() + "[\(numbers)]" + first.all[(place + 1)...].joined()
    }.joined(separator: ", ")
    guard text.count > limit else { return text }
    guard let comma = text.prefix(limit - 2).lastIndex(of: ",") else { return "…" }
    // Behind a name there is a space.
    return text[...comma] + (text[text.index(after: comma)] == " " ? " …" : "…]")
}

/// Divides names that differ in their numbers only: those of a group, which are in order, differ in one number, at this
/// place. Of several numbers it is the one that differs most.
private func differingInOneNumber(_ names: [Pieces]) -> [(names: [Pieces], place: Int)] {
    func numbers(_ place: Int) -> Set<String> { Set(names.map { $0.all[place] }) }
    let places = names[0].all.indices.reversed().filter { $0 % 2 == 1 }
    guard let place = places.max(by: { numbers($0).count < numbers($1).count }) else {
        return names.map { ([$0], 0) }
    }
    // Those with zeros before them, and as many digits, are of one kind.
    let widths = Set(numbers(place).filter { $0.first == "0" && $0.count > 1 }.map(\.count))
    let groups = Dictionary(grouping: names) { name in
        let width = name.all[place].count
        return name.all[..<place] + [widths.contains(width) ? "\(width)" : ""] + name.all[(place + 1)...]
    }
    return groups.values.map { ($0.sorted(), place) }
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
