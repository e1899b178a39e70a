import Foundation
import Testing

extension Running {
    /// Waits until it has done all it does, and waits for a signal.
    public func isWaiting(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("the program waits to be stopped", sourceLocation: sourceLocation) {
            try #require(isRunning, sourceLocation: sourceLocation)
            let call = try String(contentsOfFile: "/proc/\(pid)/syscall", encoding: .utf8)
            return call.hasPrefix("\(Self.rt_sigtimedwait) ")
        }
    }

    /// Whether it waits in poll(2), which is ppoll(2) on arm64 and under qemu.
    public var isPolling: Bool {
        let call = try? String(contentsOfFile: "/proc/\(pid)/syscall", encoding: .utf8)
        return ["7 ", "73 ", "271 "].contains { call?.hasPrefix($0) == true }
    }

    /// The number of the system call.
    private static var rt_sigtimedwait: Int {
        #if arch(arm64)
        137
        #else
        128
        #endif
    }

    /// What a line of /proc/PID/status says.
    public func status(_ field: String) throws -> String {
        let lines = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix(field + ":") })
        return line.dropFirst(field.count + 1).trimmingCharacters(in: .whitespaces)
    }

    /// One of the sizes in /proc/PID/status, in bytes.
    public func memory(_ field: String) throws -> Int {
        let kilobytes = try status(field).prefix { $0 != " " }
        return try #require(Int(kilobytes)) * 1024
    }
}
