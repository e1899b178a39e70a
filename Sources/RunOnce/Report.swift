import CLinux

/// Writes the line `program: subject: reason` to standard error, in one call, so that it stays whole.
///
/// Where standard error can't be written to, or nobody takes what is written there, there is nobody left to
/// tell: that is not reported, and costs a second at most.
///
/// - Parameters:
///   - afterOutput: whether there may be a line before it that has no end, which the line must not be glued to.
public func report(
    _ program: CString, _ subject: CString, _ reason: CString, afterOutput: Bool = false
) {
    func piece(_ text: CString) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: text.start), iov_len: text.count)
    }
    let line: InlineArray<7, iovec> = [
        piece(afterOutput ? "\n" : ""), piece(program), piece(": "), piece(subject), piece(": "), piece(reason),
        piece("\n"),
    ]
    var standardError = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
    guard poll(&standardError, 1, 1_000) == 1 else { return }
    line.span.withUnsafeBufferPointer { _ = writev(standardError.fd, $0.baseAddress, Int32($0.count)) }
}
