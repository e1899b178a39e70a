import Glibc

/// What a file or a pipe holds; nil where it can't be read, or is no text in UTF-8.
public func text(of path: String) -> String? {
    (try? Descriptor.open(path).rest()).flatMap { String(validating: $0, as: UTF8.self) }
}

/// Reading and changing a file at places of one's own choice.
extension Descriptor {
    /// How long the file is, in bytes.
    public func size() throws(SystemError) -> Int {
        var information = stat()
        try check("look at", "\(number)") { fstat(number, &information) }
        return Int(information.st_size)
    }

    /// Fills a buffer with what the file holds at an offset, see pread(2).
    ///
    /// - Returns: how many bytes there were: fewer than the buffer takes only at the end of the file.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try check("read", "\(number)") {
                pread(number, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, offset + filled)
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// What the file holds at an offset.
    ///
    /// - Parameter count: how many bytes at most.
    public func bytes(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { buffer.deallocate() }
        return Array(buffer[..<(try read(into: buffer, at: offset))])
    }

    /// Passes what the file holds in a part of it, piece by piece, none of them empty.
    ///
    /// - Parameter body: returns whether it wants more.
    public func forEachPiece(
        in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(SystemError) -> Bool
    ) throws(SystemError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(range.upperBound - offset))
            let count = try read(into: piece, at: offset)
            guard count > 0, try body(UnsafeRawBufferPointer(rebasing: piece[..<count])) else { return }
            offset += count
        }
    }

    /// Waits until all that was written is on the disk, see fsync(2).
    public func sync() throws(SystemError) {
        try check("write", "\(number)") { fsync(number) }
    }

    /// Cuts the file at an offset, and writes from there on.
    public func cut(to offset: Int) throws(SystemError) {
        try check("cut", "\(number)") { ftruncate(number, offset) }
        try check("seek", "\(number)") { lseek(number, offset, SEEK_SET) }
    }
}
