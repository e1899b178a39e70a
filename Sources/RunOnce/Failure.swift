import CLinux

/// A system call that failed: what was tried, on what, and why.
public struct Failure: Error {
    /// The system call, such as `openat`.
    public let operation: CString
    /// The file it was about, as the user wrote it, or the name of a standard stream; nil where it was about none.
    public let object: CString?
    /// The error number, see errno(3).
    public let code: Int32

    public init(_ operation: CString, _ object: CString? = nil, code: Int32) {
        self.operation = operation
        self.object = object
        self.code = code
    }

    /// What to name in a message: a file says more to its reader than a system call.
    public var subject: CString { object ?? operation }
}
