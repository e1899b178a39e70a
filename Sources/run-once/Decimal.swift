import RunOnce

/// Passes a number that is not negative as text.
func withDecimal(_ number: Int32, _ body: (CString) -> Void) {
    var digits = InlineArray<12, CChar>(repeating: 0)
    var index = digits.count - 1
    var rest = number
    repeat {
        index -= 1
        digits[index] = CChar(48 + rest % 10)
        rest /= 10
    } while rest > 0
    digits.span.withUnsafeBufferPointer { body(CString($0.baseAddress! + index)) }
}
