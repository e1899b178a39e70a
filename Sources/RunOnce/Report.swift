import CLinux

/// Writes the line `program: subject: reason` to standard error, in one call, so that it stays whole.
///
/// Where standard error can't be written to there is nobody left to tell, so that is not reported.
///
/// - Parameter detail: what follows the reason, without a space between.
public func report(_ program: CString, _ subject: CString, _ reason: CString, _ detail: CString = "") {
    func piece(_ text: CString) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: text.start), iov_len: text.count)
    }
    let line: InlineArray<7, iovec> = [
        piece(program), piece(": "), piece(subject), piece(": "), piece(reason), piece(detail), piece("\n"),
    ]
    line.span.withUnsafeBufferPointer { pieces in
        _ = writev(Descriptor.standardError.number, pieces.baseAddress, Int32(pieces.count))
    }
}
