import CLinux

/// Copies everything from one descriptor to another, byte for byte, in constant memory.
///
/// - Parameters:
///   - source: read to its end, whatever it holds.
///   - destination: takes all of it, through short writes; an empty source too shows that it is open.
/// - Throws: `Failure` as read(2) and write(2) fail, with the name of the side that failed.
public func copy(from source: borrowing Descriptor, to destination: borrowing Descriptor) throws(Failure) {
    let start = try map(pipeCapacity)
    defer { munmap(start, pipeCapacity) }
    var count = 0
    repeat {
        count = try source.read(into: UnsafeMutableRawBufferPointer(start: start, count: pipeCapacity))
        try destination.write(UnsafeRawBufferPointer(start: start, count: count))
    } while count > 0
}
