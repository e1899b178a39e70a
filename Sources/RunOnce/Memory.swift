import CLinux

/// Takes memory that is given back with munmap(2): a heap would keep it, and double the static binary.
///
/// - Throws: `Failure` as mmap(2) fails.
func map(_ size: Int) throws(Failure) -> UnsafeMutableRawPointer {
    guard let start = clinux_map(size) else { throw Failure("mmap", code: clinux_errno()) }
    return start
}

/// Passes memory that is the kernel's again afterwards.
func withPages(
    _ size: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
) throws(Failure) {
    let start = try map(size)
    defer { munmap(start, size) }
    try body(UnsafeMutableRawBufferPointer(start: start, count: size))
}

/// How many bytes a pipe holds by default, see pipe(7).
var pipeCapacity: Int { 65_536 }
