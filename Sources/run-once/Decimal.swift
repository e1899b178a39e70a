import RunOnce

/// A number as text.
struct Decimal {
    private var text = InlineArray<52, CChar>(repeating: 0)
    private var start: Int

    /// - Parameters:
    ///   - number: not negative.
    ///   - prefix: what comes before it, at most 40 bytes.
    @inline(never)  // or else it is in the program many times
    init(_ number: Int32, after prefix: CString) {
        start = text.count - 1
        var rest = number
        repeat {
            prepend(CChar(48 + rest % 10))
            rest /= 10
        } while rest > 0
        for position in (0..<prefix.count).reversed() { prepend(prefix.start[position]) }
    }

    private mutating func prepend(_ character: CChar) {
        start -= 1
        text[start] = character
    }

    /// Passes the text.
    func withText<Result>(_ body: (CString) throws(Failure) -> Result) throws(Failure) -> Result {
        try text.span.withUnsafeBufferPointer { buffer throws(Failure) in
            try body(CString(buffer.baseAddress! + start))
        }
    }
}
