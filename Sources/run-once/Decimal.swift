import RunOnce

/// Passes a number that is not negative as text.
///
/// - Parameter prefix: what comes before it, at most 40 bytes.
func withDecimal<Result>(
    _ number: Int32, after prefix: CString, _ body: (CString) throws(Failure) -> Result
) throws(Failure) -> Result {
    var text = InlineArray<52, CChar>(repeating: 0)
    var index = text.count - 1
    func prepend(_ character: CChar) {
        index -= 1
        text[index] = character
    }
    var rest = number
    repeat {
        prepend(CChar(48 + rest % 10))
        rest /= 10
    } while rest > 0
    for position in (0..<prefix.count).reversed() { prepend(prefix.start[position]) }
    let span = text.span
    return try span.withUnsafeBufferPointer { buffer throws(Failure) in try body(CString(buffer.baseAddress! + index)) }
}
