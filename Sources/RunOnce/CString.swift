import CLinux

/// Bytes that end with a NUL, as the kernel takes and gives them: an argument, a path, a message.
///
/// Swift's `String` would validate and compare Unicode, which costs an Embedded binary large tables;
/// a path is bytes.
public struct CString: ExpressibleByStringLiteral, Sendable {
    /// The first byte. Whoever made the value keeps it valid as long as the value is used.
    nonisolated(unsafe) public let start: UnsafePointer<CChar>

    /// - Parameter start: the first byte of a string that outlives the value, such as an element of `argv`.
    public init(_ start: UnsafePointer<CChar>) {
        self.start = start
    }

    public init(stringLiteral literal: StaticString) {
        start = UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// The number of bytes before the NUL.
    public var count: Int { strlen(start) }

    @inline(never)  // or else it is in the program many times
    public static func == (left: CString, right: CString) -> Bool {
        left.dropping(prefix: right)?.start.pointee == 0
    }

    /// What follows `prefix`, or nil where the string does not begin with it.
    public func dropping(prefix: CString) -> CString? {
        var (rest, expected) = (start, prefix.start)
        while expected.pointee != 0 {
            guard rest.pointee == expected.pointee else { return nil }
            rest += 1
            expected += 1
        }
        return CString(rest)
    }

    /// What follows the first byte of this value, or nil where there is none.
    public func following(_ byte: CChar) -> CString? {
        var rest = start
        while rest.pointee != 0 {
            rest += 1
            if rest[-1] == byte { return CString(rest) }
        }
        return nil
    }

    /// The bytes before the NUL.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// The number that it is in decimal digits; nil where it is anything else, or too big.
    public var decimal: Int? {
        var number = 0
        for byte in bytes {
            guard 48...57 ~= byte, number < Int.max / 100 else { return nil }
            number = number * 10 + Int(byte - 48)
        }
        return count > 0 ? number : nil
    }
}
