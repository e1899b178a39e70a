import System

/// What is in a log and is neither the task's result nor the agent's own: somebody wrote to /proc/1/fd/1.
struct Strays: Equatable, Sendable {
    /// How many bytes there are, without lines of the agent's and without empty ones.
    private(set) var count = 0
    /// The first of them, to be shown.
    private(set) var beginning: [UInt8] = []

    private static let shown = 256
    /// So much of the end of a result comes again before the seal, where not all of it is there or was kept.
    private static let repeatedEnd = 2048
    static let notice = Array("# run-once: the rest is kept on the node".utf8)
    private static let ownStarts = ["run-once: ", "cat-etc-hosts: "].map { Array($0.utf8) }

    /// What is between the result and the seal, and after the seal.
    ///
    /// - Parameter isCut: whether the result's end comes again in `between`. What is there can't be told from it.
    init(in file: Descriptor, between: Range<Int>, and after: Range<Int>, isCut: Bool) throws(SystemError) {
        try add(file, between)
        if isCut && count <= Strays.repeatedEnd { (count, beginning) = (0, []) }
        try add(file, after)
    }

    private mutating func add(_ file: Descriptor, _ range: Range<Int>) throws(SystemError) {
        var (start, length) = ([UInt8](), 0)
        try file.forEachPiece(in: range) { bytes in
            for byte in bytes {
                length += 1
                if start.count < Strays.shown { start.append(byte) }
                guard byte == UInt8(ascii: "\n") else { continue }
                add(start, length)
                (start, length) = ([], 0)
            }
            return true
        }
        add(start, length)
    }

    /// - Parameters:
    ///   - start: of a line, with its newline where that is near: it tells whose the line is.
    ///   - length: of all of the line.
    private mutating func add(_ start: [UInt8], _ length: Int) {
        let text = start.prefix { $0 != UInt8(ascii: "\n") }
        guard !text.isEmpty, !Strays.isOwn(text) else { return }
        count += length
        beginning += start.prefix(Strays.shown - beginning.count)
    }

    /// - Parameter line: its start is enough.
    static func isOwn(_ line: some Collection<UInt8>) -> Bool {
        line.elementsEqual(notice) || ownStarts.contains { line.starts(with: $0) }
    }
}

extension Strays: CustomStringConvertible {
    /// In one line, without what could play tricks on a terminal.
    var description: String {
        let start = oneLine(String(decoding: beginning, as: UTF8.self), atMost: 60)
        return "its log has \(count) bytes that are not of the task's standard streams, and not in its result: \(start)"
    }
}
