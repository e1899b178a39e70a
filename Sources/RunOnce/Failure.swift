import CLinux

/// A system call that failed: what was tried, on what, and why.
public struct Failure: Error {
    /// The system call, such as `openat`.
    public let operation: CString
    /// The file it was about, as the user wrote it, or the name of a standard stream.
    public let path: CString
    /// The error number, see errno(3).
    public let code: Int32

    public init(_ operation: CString, _ path: CString, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// The reason in words, see strerror(3).
    public var reason: CString { CString(strerror(code)) }
}
