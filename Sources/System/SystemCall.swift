import Glibc

/// A system call that failed: which, on what, and why.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    /// What was tried, such as `open`, on what, such as a path, and the error number, see errno(3).
    public let operation: String
    public let object: String
    public let code: Int32

    /// - Parameters:
    ///   - operation: what was tried, such as `open`.
    ///   - object: on what, such as a path.
    ///   - code: the error number, see errno(3).
    init(_ operation: String, _ object: String, code: Int32 = errno) {
        self.operation = operation
        self.object = object
        self.code = code
    }

    /// There is something already where a new file was to be.
    public static func exists(_ operation: String, _ object: String) -> SystemError {
        SystemError(operation, object, code: EEXIST)
    }

    /// A program that was to do it could not.
    public static func failed(_ operation: String, _ object: String) -> SystemError {
        SystemError(operation, object, code: EIO)
    }

    /// What was to be written makes no sense there.
    public static func invalid(_ operation: String, _ object: String) -> SystemError {
        SystemError(operation, object, code: EINVAL)
    }

    /// Why, in the system's words.
    public var reason: String { String(cString: strerror(code)) }

    public var description: String { "\(operation) \(object): \(reason)" }
}

/// Makes a system call until no signal interrupts it.
///
/// - Throws: `SystemError` where it returns -1.
@discardableResult
func check<Number: SignedInteger>(
    _ operation: String, _ object: @autoclosure () -> String, _ call: () -> Number
) throws(SystemError) -> Number {
    while true {
        let result = call()
        if result != -1 { return result }
        if errno != EINTR { throw SystemError(operation, object()) }
    }
}
