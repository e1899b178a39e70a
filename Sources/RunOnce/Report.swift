import CLinux

/// Writes the line `program: subject: reason` to standard error, in one call, so that it stays whole.
///
/// Where standard error can't be written to there is nobody left to tell, so that is not reported.
public func report(_ program: CString, _ subject: CString, _ reason: CString) {
    func piece(_ text: CString) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: text.start), iov_len: text.count)
    }
    let line: InlineArray<6, iovec> = [
        piece(program), piece(": "), piece(subject), piece(": "), piece(reason), piece("\n"),
    ]
    line.span.withUnsafeBufferPointer { pieces in
        _ = writev(Descriptor.standardError.number, pieces.baseAddress, Int32(pieces.count))
    }
}
