import CLinux

/// Writes the line `program: subject: reason` to standard error, see `tell`.
///
/// - Parameters:
///   - afterOutput: whether there may be a line before it that has no end, which the line must not be glued to.
public func report(
    _ program: CString, _ subject: CString, _ reason: CString, afterOutput: Bool = false
) {
    let pieces: InlineArray<7, CString> = [afterOutput ? "\n" : "", program, ": ", subject, ": ", reason, "\n"]
    tell(pieces.span)
}

/// Writes text to standard error in one call, so that a line stays whole.
///
/// Where standard error can't be written to, or nobody takes what is written there, there is nobody left to
/// tell: that is not reported, and costs a second at most.
///
/// - Parameter pieces: what the text consists of: ten at most.
public func tell(_ pieces: Span<CString>) {
    var text = InlineArray<10, iovec>(repeating: iovec())
    for index in pieces.indices {
        let piece = pieces[index]
        text[index] = iovec(iov_base: UnsafeMutableRawPointer(mutating: piece.start), iov_len: piece.count)
    }
    var standardError = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
    guard poll(&standardError, 1, 1_000) == 1 else { return }
    text.span.withUnsafeBufferPointer { _ = writev(standardError.fd, $0.baseAddress, Int32(pieces.count)) }
}
