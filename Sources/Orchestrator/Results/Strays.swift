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
    /// How much of a line tells whose it is.
    private static let telling = notice.count + 1

    init() {}

    /// What is between the result and the seal, and after the seal.
    ///
    /// - Parameter isCut: whether the result's end comes again in `between`. What is there can't be told from it.
    init(in file: Descriptor, between: Range<Int>, and after: Range<Int>, isCut: Bool) throws(SystemError) {
        try add(file, between)
        if isCut && count <= Strays.repeatedEnd { self = Strays() }
        try add(file, after)
    }

    private mutating func add(_ file: Descriptor, _ range: Range<Int>) throws(SystemError) {
        var line: [UInt8] = []
        var isStray = false
        var strays = self
        try file.forEachPiece(in: range) { bytes in
            for byte in bytes {
                if isStray {
                    strays.add(byte)
                } else if byte != UInt8(ascii: "\n") {
                    guard line.count < Strays.telling else { continue }
                    line.append(byte)
                    guard line.count == Strays.telling else { continue }
                    isStray = !Strays.isOwn(line)
                    if isStray { line.forEach { strays.add($0) } }
                } else if !line.isEmpty && !Strays.isOwn(line) {
                    (line + [byte]).forEach { strays.add($0) }
                }
                if byte == UInt8(ascii: "\n") { (line, isStray) = ([], false) }
            }
            return true
        }
        if !isStray && !line.isEmpty && !Strays.isOwn(line) { line.forEach { strays.add($0) } }
        self = strays
    }

    private mutating func add(_ byte: UInt8) {
        count += 1
        if beginning.count < Strays.shown { beginning.append(byte) }
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
