import CLinux

/// Copies everything from one descriptor to another, byte for byte, in constant memory.
///
/// - Parameters:
///   - source: read to its end, whatever it holds.
///   - destination: takes all of it, through short writes; an empty source too shows that it is open.
/// - Throws: `Failure` as read(2) and write(2) fail, with the name of the side that failed.
public func copy(from source: borrowing Descriptor, to destination: borrowing Descriptor) throws(Failure) {
    // A pipe's default capacity, see pipe(7).
    try withPages(65_536) { buffer throws(Failure) in
        var count = 0
        repeat {
            count = try source.read(into: buffer)
            try destination.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } while count > 0
    }
}

/// Passes memory that is the kernel's again afterwards: a heap would keep it, and double the static binary.
private func withPages(
    _ size: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
) throws(Failure) {
    let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    // MAP_FAILED, a macro with a cast.
    guard let start, Int(bitPattern: start) != -1 else { throw Failure("mmap", code: clinux_errno()) }
    defer { munmap(start, size) }
    try body(UnsafeMutableRawBufferPointer(start: start, count: size))
}
