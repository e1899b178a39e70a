import Glibc

/// The C library's way to look for bytes, which is many times as fast as a loop.
extension UnsafeRawBufferPointer {
    /// Where the byte is for the first time from an index on, see memchr(3).
    public func first(_ byte: UInt8, from start: Int) -> Int? {
        guard let base = baseAddress, start < count, let found = memchr(base + start, Int32(byte), count - start) else {
            return nil
        }
        return base.distance(to: UnsafeRawPointer(found))
    }

    /// Whether these bytes are at an index, see memcmp(3).
    public func holds(_ bytes: [UInt8], at index: Int) -> Bool {
        guard let base = baseAddress, index + bytes.count <= count else { return false }
        return memcmp(base + index, bytes, bytes.count) == 0
    }
}
