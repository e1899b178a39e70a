import CLinux

/// The container's log, which is this program's standard output: the fast way for a result, and not a sure one.
///
/// Kubelet throws away what is older than 10 MiB. So the log gets what fits in 8 MiB, as the container runtime stores
/// it: with 46 bytes more for each line, and for each piece that it comes in.
struct Log {
    private static var capacity: Int { 8 << 20 }
    private static var overhead: Int { 46 }
    /// A pipe that can take anything takes so much without waiting, see pipe(7).
    static var piece: Int { 4096 }

    /// How many bytes of the result it has got.
    private(set) var passed = 0
    private var size = 0
    private var isOpen = true
    private var endsLine = true
    /// After how many milliseconds a request to stop ends the waiting: the container has some seconds then.
    static var patienceOfStopped: Int64 { 1_000 }
    private var stop: Int32
    /// Until when to wait for it, see `clinux_monotonic_clock`; 0 for not at all.
    var deadline: Int64 = 0

    /// - Parameter stop: see `Signals.descriptor`: a request to stop ends the waiting soon.
    init(orUntil stop: Int32) {
        self.stop = stop
    }

    /// Whether it takes more of the result.
    var takesMore: Bool { isOpen && size < Self.capacity }

    /// Passes on as much of a piece of the result as fits. No bytes are the end of it.
    mutating func pass(_ bytes: UnsafeRawBufferPointer) {
        var count = 0
        size += Self.overhead
        while count < bytes.count && takesMore {
            size += bytes[count] == 10 ? 1 + Self.overhead : 1
            count += 1
        }
        if count == 0 { size = Self.capacity }
        passed += write(bytes.baseAddress, count)
    }

    /// Adds bytes that are not of the result's start.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var next = 0
        while next < bytes.count && isReady() {
            next += write(bytes.baseAddress.map { $0 + next }, min(bytes.count - next, Self.piece))
        }
    }

    /// Ends a line that has no end.
    mutating func endLine() {
        if !endsLine { add(CString("\n").bytes) }
    }

    /// Whether it can take a piece, which is waited for until the deadline. If it can't then, nothing more is written.
    @inline(never)  // or else it is in the program many times
    mutating func isReady() -> Bool {
        while isOpen {
            var events: InlineArray<2, pollfd> = [
                pollfd(fd: 1, events: Int16(POLLOUT), revents: 0), pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
            ]
            let now = clinux_monotonic_clock()
            let limit = deadline == 0 ? 0 : max(deadline - now, 0)
            var span = events.mutableSpan
            _ = span.withUnsafeMutableBufferPointer { poll($0.baseAddress, 2, Int32(truncatingIfNeeded: limit)) }
            if events[0].revents != 0 { return true }
            if deadline == 0 { break }
            if events[1].revents == 0 { isOpen = false }
            deadline = min(deadline, now + Self.patienceOfStopped)
            stop = -1
        }
        return false
    }

    /// - Returns: how many bytes were written.
    private mutating func write(_ start: UnsafeRawPointer?, _ count: Int) -> Int {
        guard let start, count > 0 else { return 0 }
        let written = CLinux.write(1, start, count)
        guard written > 0 else {
            isOpen = clinux_errno() == EAGAIN
            return 0
        }
        endsLine = (start + written - 1).load(as: UInt8.self) == 10
        return written
    }
}
