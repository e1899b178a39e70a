import Foundation

/// Bytes of all values, in no order that repeats within a power of two.
public func binary(_ count: Int) -> Data {
    var state: UInt32 = 1
    let block = Data(
        (0..<65_537).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        })
    var bytes = Data()
    while bytes.count < count { bytes += block }
    return bytes.prefix(count)
}

extension Data {
    /// Whether it holds the same bytes.
    ///
    /// Not `#expect(… == …)`: a failed test would look for the smallest difference, and take for ever. Not
    /// `elementsEqual`, which compares 9 MiB byte by byte, and takes seconds.
    public func isSame(as other: Data) -> Bool { self == other }
}
