/// SHA-256, see FIPS 180-4, of bytes that come in pieces.
///
/// Plain Swift that imports nothing, so that the agents and the plugin, which have no library in common, say the same.
public struct SHA256: Sendable {
    private var state: State
    /// The bytes of a block that is not complete yet.
    private var rest: InlineArray<64, UInt8>
    /// How many bytes were taken.
    private var count: UInt64

    public init() {
        state = State()
        rest = InlineArray(repeating: 0)
        count = 0
    }

    /// Takes the bytes that come next.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard var next = bytes.baseAddress, bytes.count > 0 else { return }
        let end = next + bytes.count
        let filled = Int(count % 64)
        count &+= UInt64(bytes.count)
        if filled > 0 {
            let taken = min(64 - filled, bytes.count)
            fillRest(from: filled, with: UnsafeRawBufferPointer(start: next, count: taken))
            next += taken
            guard filled + taken == 64 else { return }
            takeRest()
        }
        let blocks = (end - next) / 64
        state.take(next, blocks: blocks)
        next += blocks * 64
        fillRest(from: 0, with: UnsafeRawBufferPointer(start: next, count: end - next))
    }

    /// The hash of what was taken until now. More can be taken afterwards.
    public func digest() -> Digest {
        var last = self
        let filled = Int(count % 64)
        // The padding: a bit that is 1, zeros, and the number of bits in the last eight bytes of a block.
        last.rest[filled] = 0x80
        for index in filled + 1..<64 { last.rest[index] = 0 }
        if filled >= 56 {
            last.takeRest()
            last.rest = InlineArray(repeating: 0)
        }
        for index in 0..<8 { last.rest[63 - index] = UInt8(truncatingIfNeeded: (count &* 8) >> UInt64(8 * index)) }
        last.takeRest()
        return Digest(last.state)
    }

    private mutating func fillRest(from start: Int, with bytes: UnsafeRawBufferPointer) {
        for index in 0..<bytes.count { rest[start + index] = bytes[index] }
    }

    private mutating func takeRest() {
        let block = rest
        block.span.withUnsafeBytes { state.take($0.baseAddress!, blocks: 1) }
    }
}
