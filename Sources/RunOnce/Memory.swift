import CLinux

/// Takes memory that is given back with munmap(2): a heap would keep it, and double the static binary.
///
/// - Throws: `Failure` as mmap(2) fails.
func map(_ size: Int) throws(Failure) -> UnsafeMutableRawPointer {
    guard let start = clinux_map(size) else { throw Failure("mmap", code: clinux_errno()) }
    return start
}

/// How many bytes a pipe holds by default, see pipe(7).
var pipeCapacity: Int { 65_536 }
