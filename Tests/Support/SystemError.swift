import Glibc

/// A system call that failed in the test itself.
public struct SystemError: Error, CustomStringConvertible {
    public let description: String

    public init(_ operation: String, _ code: Int32 = errno) {
        description = "\(operation): \(String(cString: strerror(code)))"
    }
}

/// - Returns: `result`, of a call that says -1 and sets errno where it fails.
func checked(_ operation: String, _ result: Int32) throws -> Int32 {
    if result == -1 { throw SystemError(operation) }
    return result
}
