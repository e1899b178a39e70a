import Seal
import System

/// A pod's seal in a file, and where its line is, with the newline where there is one.
typealias FoundSeal = (seal: Seal, range: Range<Int>)

/// Where a seal may stand.
enum SealPlace {
    /// A line of its own, as in a log.
    case line
    /// The end of the file, as `--result` writes it: with or without a newline after the result.
    case end
}

extension Descriptor {
    /// The last line of the file that is a certain pod's seal, looked for from the end on: there it is nearly always.
    ///
    /// A task may print other pods' seals, or words that look like one; bytes may come after the seal.
    ///
    /// - Parameter pod: its UID.
    /// - Returns: nil where there is none.
    func lastSeal(of pod: String, _ place: SealPlace) throws(SystemError) -> FoundSeal? {
        let window = 1 << 16
        let start = Array("# run-once \(pod): ".utf8)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: window + start.count, alignment: 16)
        defer { buffer.deallocate() }
        // Each window holds all starts of seals in its first bytes: the next one's first bytes are beyond them.
        var end = try size()
        while end > 0 {
            let from = max(end - window, 0)
            let length = end - from + start.count - 1
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<length]), at: from)
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            var before = count
            while let found = lastIndex(of: start, in: bytes, before: before) {
                if let seal = try seal(of: pod, place, at: from + found) { return seal }
                before = found + start.count - 1
            }
            end = from
        }
        return nil
    }

    /// Where the last such bytes begin that end before an index.
    private func lastIndex(of text: [UInt8], in bytes: UnsafeRawBufferPointer, before end: Int) -> Int? {
        var index = end - text.count
        while index >= 0 {
            if bytes[index] == text[0], bytes.holds(text, at: index) { return index }
            index -= 1
        }
        return nil
    }

    private func seal(of pod: String, _ place: SealPlace, at offset: Int) throws(SystemError) -> FoundSeal? {
        let lead = min(offset, 1)
        let line = try bytes(Seal.longestLine + 2, at: offset - lead)
        if place == .line && lead == 1 && line.first != UInt8(ascii: "\n") { return nil }
        let text = line.dropFirst(lead).prefix { $0 != UInt8(ascii: "\n") }
        guard let seal = Seal(line: text, pod: pod) else { return nil }
        let hasNewline = text.endIndex < line.endIndex
        let range = offset..<offset + text.count + (hasNewline ? 1 : 0)
        if place == .end, range.upperBound < (try size()) { return nil }
        return (seal, range)
    }
}
