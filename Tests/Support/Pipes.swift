import CTestSupport
import Foundation
import Glibc
import Synchronization
import Testing

/// A pipe for what a process writes, which the test takes at its own pace.
public final class OutputPipe: Sendable {
    private let reading: Mutex<Int32?>
    private let writing: Mutex<Int32?>

    public init() throws {
        var ends: [Int32] = [-1, -1]
        _ = try checked("pipe2", pipe2(&ends, O_CLOEXEC))
        _ = try checked("fcntl", fcntl(ends[0], F_SETFL, O_NONBLOCK))
        reading = Mutex(ends[0])
        writing = Mutex(ends[1])
    }

    deinit {
        close()
        closeWritingEnd()
    }

    /// How many bytes the pipe holds when it is full.
    public var capacity: Int {
        reading.withLock { Int(fcntl($0!, 1032 /* F_GETPIPE_SZ */)) }
    }

    /// How many bytes the pipe holds now.
    public var available: Int {
        reading.withLock { end in
            var count: Int32 = 0
            _ = ioctl(end!, UInt(FIONREAD), &count)
            return Int(count)
        }
    }

    /// Has a write to the pipe fail with EAGAIN, not wait, where there is no room. To be said before a process starts.
    public func doNotBlockWriters() throws {
        try withWritingEnd { _ = try checked("fcntl", fcntl($0, F_SETFL, O_NONBLOCK)) }
    }

    /// Fills it, as one that nobody reads is after a while. To be said before a process starts.
    public func fill() throws {
        try withWritingEnd { end in
            _ = try checked("fcntl", fcntl(end, F_SETFL, O_NONBLOCK))
            let bytes = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
            while Glibc.write(end, bytes, bytes.count) > 0 {}
            _ = try checked("fcntl", fcntl(end, F_SETFL, 0))
        }
    }

    /// Takes what is there now, but at most `count` bytes.
    ///
    /// - Returns: no bytes where there are none now; nil at the end: nobody has the pipe open for writing.
    public func take(_ count: Int = 65_536) throws -> Data? {
        try reading.withLock { end in
            var bytes = Data(count: count)
            let taken = bytes.withUnsafeMutableBytes { Glibc.read(end!, $0.baseAddress, $0.count) }
            if taken == 0 { return nil }
            if taken == -1 && errno != EAGAIN { throw SystemError("read") }
            return bytes.prefix(max(taken, 0))
        }
    }

    /// Takes everything up to the end.
    public func takeAll() async throws -> Data {
        var all = Data()
        try await eventually("the end of the pipe") {
            while let some = try take() {
                if some.isEmpty { return false }
                all += some
            }
            return true
        }
        return all
    }

    /// Closes the reading end: whoever writes to the pipe now gets SIGPIPE or EPIPE.
    public func close() {
        closeEnd(reading)
    }

    func withWritingEnd<Result>(_ body: (Int32) throws -> Result) rethrows -> Result {
        try writing.withLock { try body($0!) }
    }

    /// Leaves the writing end to the processes that have it.
    func closeWritingEnd() {
        closeEnd(writing)
    }

    private func closeEnd(_ end: borrowing Mutex<Int32?>) {
        end.withLock { descriptor in
            if let descriptor { Glibc.close(descriptor) }
            descriptor = nil
        }
    }
}

/// A named pipe: a file that is not there to its end before the test says so.
public final class FIFO: Sendable {
    public let path: String
    private let descriptor: Mutex<Int32?>

    /// Creates the named pipe and opens it for writing, so that nobody has to wait to open it for reading.
    public init(_ path: String) throws {
        self.path = path
        _ = try checked("mkfifo", mkfifo(path, 0o644))
        // Also for reading: that neither waits for a reader nor brings SIGPIPE where there is none.
        descriptor = Mutex(try checked("open", open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)))
    }

    deinit {
        close()
    }

    /// Puts text into the pipe.
    ///
    /// - Throws: where the pipe has no room for it.
    public func write(_ text: String) throws {
        guard try write(Data(text.utf8)) == text.utf8.count else { throw SystemError("write", EAGAIN) }
    }

    /// Puts bytes into the pipe.
    ///
    /// - Returns: how many the pipe had room for.
    public func write(_ bytes: Data) throws -> Int {
        try descriptor.withLock { descriptor in
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor!, $0.baseAddress, $0.count) }
            if count == -1 && errno != EAGAIN { throw SystemError("write") }
            return max(count, 0)
        }
    }

    /// Ends the file, for readers that have it open. Bytes that nobody has read are lost.
    public func close() {
        descriptor.withLock { descriptor in
            if let descriptor { Glibc.close(descriptor) }
            descriptor = nil
        }
    }
}
