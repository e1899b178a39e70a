import CGlibc
import Glibc

/// A system call that failed: which, on what, and why.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    public let operation: String
    public let object: String
    public let code: Int32

    public init(_ operation: String, _ object: String, code: Int32 = errno) {
        self.operation = operation
        self.object = object
        self.code = code
    }

    /// Why, in the system's words.
    var reason: String { String(cString: strerror(code)) }

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

/// Gives the numbers of standard streams that are closed to what fails like them, so that no other file gets them.
public func occupyClosedStreams() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
        _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
}

/// A file descriptor that is closed once, by whoever holds it last.
final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o666) throws(SystemError) -> Descriptor {
        Descriptor(try check("open", path) { Glibc.open(path, flags | O_CLOEXEC, mode) })
    }

    /// Both ends of a pipe.
    static func pipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [-1, -1]
        try check("make", "a pipe") { pipe2(&ends, O_CLOEXEC) }
        return (Descriptor(ends[0]), Descriptor(ends[1]))
    }

    /// Has a pipe hold a megabyte, which is what anybody may have; where it can't, it holds what it did.
    func holdMore() {
        _ = fcntl(number, 1031 /* F_SETPIPE_SZ */, 1 << 20)
    }

    /// A file in memory that holds these bytes, to be read from its beginning.
    static func memory(_ bytes: [UInt8] = []) throws(SystemError) -> Descriptor {
        let file = Descriptor(try check("make", "a file in memory") { memfd_create("run-once", 1 /* MFD_CLOEXEC */) })
        try file.write(bytes)
        try check("rewind", "a file in memory") { lseek(file.number, 0, SEEK_SET) }
        return file
    }

    func write(_ bytes: some Collection<UInt8>) throws(SystemError) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = try whenReady(POLLOUT, "write") {
                rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes a system call that may find nothing to do where somebody has the descriptor never wait (O_NONBLOCK belongs
    /// to all who share it): waits until there is something.
    private func whenReady(_ what: Int32, _ operation: String, _ call: () -> Int) throws(SystemError) -> Int {
        while true {
            do throws(SystemError) {
                return try check(operation, "\(number)", call)
            } catch {
                guard error.code == EAGAIN else { throw error }
                var wanted = pollfd(fd: number, events: Int16(what), revents: 0)
                try check("wait for", "\(number)") { poll(&wanted, 1, -1) }
            }
        }
    }

    static let standardInput = Descriptor(STDIN_FILENO)
    static let standardOutput = Descriptor(STDOUT_FILENO)
    static let standardError = Descriptor(STDERR_FILENO)

    /// The next bytes, none at the end of the file.
    func read(_ count: Int = 65536) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, size in
            do throws(SystemError) {
                size = try whenReady(POLLIN, "read") { Glibc.read(number, buffer.baseAddress, buffer.count) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// All bytes of a file in memory, wherever it was written or read last.
    func contents() throws(SystemError) -> [UInt8] {
        try check("rewind", "a file in memory") { lseek(number, 0, SEEK_SET) }
        return try rest()
    }

    /// The bytes from here to the end of the file.
    func rest() throws(SystemError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try read()
            if bytes.isEmpty { return all }
            all += bytes
        }
    }
}
