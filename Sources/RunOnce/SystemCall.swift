import CLinux

/// Makes a system call, again for as long as a signal interrupts it.
///
/// This is the one place that retries EINTR and reads errno. close(2) does not go through here: Linux
/// has released the descriptor even when close says EINTR.
///
/// - Parameters:
///   - operation: the system call's name, for the failure.
///   - object: what it is about, for the failure; nil where it is about no file.
///   - call: makes the call and returns its result, -1 where it failed.
/// - Returns: what the call returned.
/// - Throws: `Failure` with errno, for any error but EINTR.
public func systemCall<Result: FixedWidthInteger & SignedInteger>(
    _ operation: CString, _ object: CString? = nil, _ call: () -> Result
) throws(Failure) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let code = clinux_errno()
        if code != EINTR { throw Failure(operation, object, code: code) }
    }
}
