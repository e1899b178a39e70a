import CLinux
import RunOnce

/// What tells of a command: signals, and what it writes where that is sealed.
struct Watch: ~Copyable {
    private let signals: Signals
    private let news: Int32
    private let sealed: SealedOutput.Pointer?
    /// The reading end of the command's output, where that is sealed.
    private let source: Descriptor
    /// Whether somebody may still write what is to be sealed.
    private(set) var isOpen: Bool

    /// Watches signals alone.
    init(_ signals: Signals) {
        self.signals = signals
        news = -1
        sealed = nil
        source = .none()
        isOpen = false
    }

    /// Watches the reading end of a pipe, too.
    ///
    /// - Parameter sealed: takes what is written there.
    /// - Throws: `Failure` as signalfd(2) fails.
    init(_ signals: Signals, _ source: consuming Descriptor, _ sealed: SealedOutput.Pointer) throws(Failure) {
        news = try signals.descriptor()
        self.signals = signals
        self.sealed = sealed
        self.source = source
        isOpen = true
    }

    /// Waits for a signal, and takes it. What the command writes meanwhile is taken at once, and passed on to the log
    /// as fast as that takes it.
    ///
    /// - Parameter deadline: see `clinux_monotonic_clock`; nil for none.
    /// - Returns: the signal's number; nil at the deadline, and at the end of the output.
    /// - Throws: `Failure` where a system call failed.
    mutating func next(until deadline: Int64?) throws(Failure) -> Int32? {
        while true {
            let limit = deadline.map { max(Int($0 - clinux_monotonic_clock()), 0) }
            guard let sealed else { return try signals.next(within: limit)?.number }
            var events: InlineArray<3, pollfd> = [
                pollfd(fd: news, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen ? source.number : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: sealed.pointee.hasNewsForLog ? 1 : -1, events: Int16(POLLOUT), revents: 0),
            ]
            var span = events.mutableSpan
            let count = span.withUnsafeMutableBufferPointer {
                poll($0.baseAddress, 3, Int32(truncatingIfNeeded: limit ?? -1))
            }
            if events[2].revents != 0 { sealed.pointee.passOn() }
            // Before a signal, which may be the last that is waited for: a signal stays, and what is not read is lost.
            let hasOutput = events[1].revents != 0
            if hasOutput, try !sealed.pointee.take(from: source) { isOpen = false }
            if events[0].revents != 0, let signal = try signals.next(within: 0) { return signal.number }
            if !isOpen && hasOutput || count == 0 || limit == 0 { return nil }
        }
    }

    /// Takes what is in the pipe: 1 MiB at most, which is as large as a user may make it, see pipe(7).
    ///
    /// - Throws: `Failure` as read(2) fails.
    mutating func takeWhatIsThere() throws(Failure) {
        guard let sealed else { return }
        for _ in 0..<16 where isOpen {
            var event = pollfd(fd: source.number, events: Int16(POLLIN), revents: 0)
            guard poll(&event, 1, 0) == 1 else { return }
            if try !sealed.pointee.take(from: source) { isOpen = false }
        }
    }
}
