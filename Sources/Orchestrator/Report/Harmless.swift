/// What others wrote, as a terminal may show it: nothing in it acts on the terminal, and no line passes for a header.
///
/// Control characters but newline and tab are shown as cat(1) shows them, such as `^[` and `M-^[`, and what turns the
/// order of letters around by its number, such as `<U+202E>`.
struct Harmless {
    /// What may be the beginning of a character, or of a header.
    private var rest: [UInt8] = []
    private var isAtLineStart = true
    private let marksHeaders: Bool

    /// - Parameter marksHeaders: whether a line that begins as a header does gets a backslash before it.
    init(marksHeaders: Bool = false) {
        self.marksHeaders = marksHeaders
    }

    /// The whole of a text.
    static func text(_ text: String) -> String {
        var harmless = Harmless()
        return String(decoding: harmless.take(Array(text.utf8)) + harmless.end(), as: UTF8.self)
    }

    /// Takes some more, and returns what can be shown now.
    mutating func take(_ bytes: [UInt8]) -> [UInt8] { show(rest + bytes, isEnd: false) }

    /// What is left at the end of a text.
    mutating func end() -> [UInt8] { show(rest, isEnd: true) }

    private static let header = Array("==>".utf8)

    private mutating func show(_ bytes: [UInt8], isEnd: Bool) -> [UInt8] {
        rest = []
        var shown: [UInt8] = []
        shown.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if isAtLineStart, marksHeaders {
                let start = bytes[index...].prefix(Harmless.header.count)
                if start.elementsEqual(Harmless.header) {
                    shown.append(UInt8(ascii: "\\"))
                } else if !isEnd, Harmless.header.starts(with: start) {
                    rest = Array(start)
                    return shown
                }
            }
            let byte = bytes[index]
            isAtLineStart = byte == UInt8(ascii: "\n")
            if byte < 0x80 {
                if byte >= 0x20 && byte != 0x7f || isAtLineStart || byte == UInt8(ascii: "\t") {
                    shown.append(byte)
                } else {
                    shown += [UInt8(ascii: "^"), byte ^ 0x40]
                }
                index += 1
                continue
            }
            // No character has more than four bytes.
            if !isEnd, index + 4 > bytes.count {
                rest = Array(bytes[index...])
                return shown
            }
            var next = bytes[index...].makeIterator()
            var parser = UTF8.ForwardParser()
            if case .valid(let character) = parser.parseScalar(from: &next) {
                shown += Harmless.picture(of: UTF8.decode(character)) ?? Array(character)
                index += character.count
            } else {
                shown += byte < 0xa0 ? Harmless.meta(byte) : [byte]
                index += 1
            }
        }
        return shown
    }

    /// What is shown in place of a character; nil where it is shown as it is.
    private static func picture(of scalar: Unicode.Scalar) -> [UInt8]? {
        switch scalar.value {
        case 0x80...0x9f: meta(UInt8(scalar.value))  // C1
        case 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069:
            Array("<U+\(String(0x10000 + scalar.value, radix: 16, uppercase: true).dropFirst())>".utf8)
        default: nil
        }
    }

    private static func meta(_ byte: UInt8) -> [UInt8] { Array("M-^".utf8) + [byte - 0x40] }
}
