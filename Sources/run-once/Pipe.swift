import CLinux
import RunOnce

/// A pipe, of which other programs get neither end.
struct Pipe: ~Copyable {
    let reading: Descriptor
    let writing: Descriptor

    /// - Throws: `Failure` as pipe(2) fails.
    init() throws(Failure) {
        var ends: InlineArray<2, Int32> = [-1, -1]
        var span = ends.mutableSpan
        _ = try systemCall("pipe2") { span.withUnsafeMutableBufferPointer { clinux_pipe($0.baseAddress) } }
        let reading = try Descriptor(new: ends[0], name: "pipe")
        let writing = try Descriptor(new: ends[1], name: "pipe")
        self.reading = reading
        self.writing = writing
    }
}
