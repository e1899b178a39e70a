import CGlibc
import Glibc

/// Gives the numbers of standard streams that are closed to what fails like them, so that no other file gets them.
public func occupyClosedStreams() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
        _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
}

/// Lets this program open as many files as it may, since each transfer takes some. (getrlimit(2))
public func raiseFileLimit() {
    var limit = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(files, &limit) == 0 else { return }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 65_536))
    _ = setrlimit(files, &limit)
}

/// A file descriptor that is closed once, by whoever holds it last.
public final class Descriptor: Sendable {
    /// The number that system calls take.
    public let number: Int32

    /// - Parameter number: an open descriptor that nobody else closes.
    public init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// What is to be done with a file.
    public enum Purpose: Sendable {
        /// It is there, and is read.
        case reading
        /// It is there, and is read and changed.
        case changing
        /// It gets new contents, whether it is there or not.
        case replacing
        /// It must not be there. Nobody but this user may read it.
        case keepingSecret
    }

    /// Opens a file, see open(2).
    public static func open(_ path: String, for purpose: Purpose = .reading) throws(SystemError) -> Descriptor {
        let (flags, mode): (Int32, mode_t) =
            switch purpose {
            case .reading: (O_RDONLY, 0)
            case .changing: (O_RDWR, 0)
            case .replacing: (O_RDWR | O_CREAT | O_TRUNC, 0o666)
            case .keepingSecret: (O_WRONLY | O_CREAT | O_EXCL, 0o600)
            }
        return Descriptor(try check("open", path) { Glibc.open(path, flags | O_CLOEXEC, mode) })
    }

    /// Both ends of a pipe.
    public static func pipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [-1, -1]
        try check("make", "a pipe") { pipe2(&ends, O_CLOEXEC) }
        return (Descriptor(ends[0]), Descriptor(ends[1]))
    }

    /// Has a pipe hold a megabyte, which is what anybody may have; where it can't, it holds what it did.
    public func holdMore() {
        _ = fcntl(number, 1031 /* F_SETPIPE_SZ */, 1 << 20)
    }

    /// A file in memory that holds these bytes, to be read from its beginning.
    public static func memory(_ bytes: [UInt8] = []) throws(SystemError) -> Descriptor {
        let file = Descriptor(try check("make", "a file in memory") { memfd_create("run-once", 1 /* MFD_CLOEXEC */) })
        try file.write(bytes)
        try check("rewind", "a file in memory") { lseek(file.number, 0, SEEK_SET) }
        return file
    }

    /// Writes all of these bytes, and waits where that takes its time.
    ///
    /// - Throws: `SystemError` as write(2) fails.
    public func write(_ bytes: some Collection<UInt8>) throws(SystemError) {
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

    /// Reads once, when there is something to read.
    ///
    /// - Returns: how many bytes there were, 0 at the end of the file; nil where nothing came for so long.
    public func read(
        into buffer: UnsafeMutableRawBufferPointer, within patience: Duration
    ) throws(SystemError) -> Int? {
        var news = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        let seconds = patience.components
        let limit = Int32(clamping: seconds.seconds * 1000 + seconds.attoseconds / 1_000_000_000_000_000)
        if try check("wait for", "\(number)", { poll(&news, 1, limit) }) == 0 { return nil }
        return try check("read", "\(number)") { Glibc.read(number, buffer.baseAddress, buffer.count) }
    }

    // The standard streams, which stay open.
    public static let standardInput = Descriptor(STDIN_FILENO)
    public static let standardOutput = Descriptor(STDOUT_FILENO)
    public static let standardError = Descriptor(STDERR_FILENO)

    /// The next bytes, none at the end of the file.
    public func read(_ count: Int = 65536) throws(SystemError) -> [UInt8] {
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
    public func contents() throws(SystemError) -> [UInt8] {
        try check("rewind", "a file in memory") { lseek(number, 0, SEEK_SET) }
        return try rest()
    }

    /// The bytes from here to the end of the file.
    public func rest() throws(SystemError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try read()
            if bytes.isEmpty { return all }
            all += bytes
        }
    }
}
