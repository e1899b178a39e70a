import FoundationEssentials
import System

/// Bytes in, whole lines out.
struct LineReader {
    private(set) var rest: [UInt8] = []

    /// The lines that are whole now, without their newlines.
    mutating func take(_ bytes: [UInt8]) -> [Data] {
        rest += bytes
        var lines: [Data] = []
        let end = rest.withUnsafeBytes { buffer in
            var start = 0
            while let end = buffer.first(0x0a, from: start) {
                if end > start { lines.append(Data(buffer[start..<end])) }
                start = end + 1
            }
            return start
        }
        rest.removeFirst(end)
        return lines
    }
}
