/// The 32 bytes that SHA-256 gives.
public struct Digest: Hashable, Sendable {
    private var first: UInt64
    private var second: UInt64
    private var third: UInt64
    private var fourth: UInt64

    /// How many digits it is written with.
    static var digits: Int { 64 }

    init(_ state: State) {
        first = UInt64(state.a) << 32 | UInt64(state.b)
        second = UInt64(state.c) << 32 | UInt64(state.d)
        third = UInt64(state.e) << 32 | UInt64(state.f)
        fourth = UInt64(state.g) << 32 | UInt64(state.h)
    }

    /// Reads 64 hexadecimal digits, in lower case. Nil where there is anything else.
    public init?(hex: UnsafeRawBufferPointer) {
        var words = InlineArray<4, UInt64>(repeating: 0)
        guard hex.count == Self.digits else { return nil }
        for index in 0..<Self.digits {
            let value: UInt8
            switch hex[index] {
            case 48...57: value = hex[index] - 48
            case 97...102: value = hex[index] - 87
            default: return nil
            }
            words[index / 16] = words[index / 16] << 4 | UInt64(value)
        }
        (first, second, third, fourth) = (words[0], words[1], words[2], words[3])
    }

    /// Passes each of the 64 hexadecimal digits, in lower case.
    func forEachDigit(_ body: (UInt8) -> Void) {
        let words: InlineArray<4, UInt64> = [first, second, third, fourth]
        for index in words.indices {
            var rest = words[index]
            for _ in 0..<16 {
                let value = UInt8(rest &>> 60)
                body(value < 10 ? value + 48 : value + 87)
                rest &<<= 4
            }
        }
    }
}

#if !hasFeature(Embedded)
extension Digest: CustomStringConvertible {
    /// 64 hexadecimal digits, in lower case, as `sha256sum` writes them.
    public var hex: String {
        var text = ""
        forEachDigit { text.unicodeScalars.append(Unicode.Scalar($0)) }
        return text
    }

    public var description: String { hex }
}
#endif
