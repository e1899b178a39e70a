import CLinux

/// The signals, all of them blocked from the program's first moment on and taken when it is ready for them.
///
/// So none is lost, and no handler runs in the middle of anything. That also works for process 1 of a
/// container, which the kernel spares from every signal that it neither blocks nor handles, see
/// pid_namespaces(7).
public struct Signals {
    /// The mask that the program was started with, for programs that it starts: bit N - 1 is signal N.
    private let inherited: UInt64

    /// Blocks all signals that can be blocked.
    ///
    /// - Throws: `Failure` as sigprocmask(2) fails.
    public static func blockAll() throws(Failure) -> Signals {
        Signals(inherited: try changeMask(SIG_BLOCK, all))
    }

    private static var all: UInt64 { .max }

    /// The requests to stop.
    private static var stops: UInt64 { bit(SIGTERM) | bit(SIGINT) | bit(SIGQUIT) | bit(SIGHUP) }

    private static func bit(_ signal: Int32) -> UInt64 { 1 << UInt64(signal - 1) }

    /// Whether the signal asks the program to stop.
    public static func isStop(_ signal: Int32) -> Bool { stops & bit(signal) != 0 }

    /// Runs `body`, and lets a request to stop end the process at once with 128 + its number.
    ///
    /// - Throws: what `body` throws, or `Failure` as sigaction(2) and sigprocmask(2) fail.
    public func endingTheProcess(during body: () throws(Failure) -> Void) throws(Failure) {
        for signal: Int32 in 1...31 where Self.isStop(signal) {
            _ = try systemCall("sigaction") { clinux_set_handler(signal) { _exit(128 + $0) } }
        }
        // A program that was only stopped for a while goes on: its SIGCONT is not kept for `waitForStop`.
        let unblocked = Self.stops | Self.bit(SIGCONT)
        _ = try Self.changeMask(SIG_UNBLOCK, unblocked)
        defer { _ = try? Self.changeMask(SIG_BLOCK, unblocked) }
        try body()
    }

    /// Waits for a signal that this program has not caused itself, and takes it.
    ///
    /// - Parameter limit: how long at most, in milliseconds; nil for as long as it takes.
    /// - Returns: the signal's number, and whether a process sent it, not the kernel by itself; nil where none came.
    /// - Throws: `Failure` as sigtimedwait(2) fails.
    @inline(never)  // or else it is in the program many times
    public func next(within limit: Int? = nil) throws(Failure) -> (number: Int32, isFromProcess: Bool)? {
        var information = siginfo_t()
        while true {
            let number: Int32
            do {
                number = try systemCall("sigtimedwait") {
                    clinux_wait_for_signal(Self.all, &information, Int64(limit ?? -1))
                }
            } catch {
                if error.code == EAGAIN { return nil }
                throw error
            }
            // See si_code in sigaction(2): the kernel's own are positive.
            let isFromProcess = information.si_code <= 0
            // Its own is the SIGPIPE of a write that failed.
            if !isFromProcess || number != SIGPIPE || clinux_sender(&information) != getpid() {
                return (number, isFromProcess)
            }
        }
    }

    /// A descriptor that can be polled: there is something to read as long as a signal waits to be taken.
    ///
    /// - Parameter stopsOnly: whether only a request to stop counts.
    /// - Returns: its number. It stays open.
    /// - Throws: `Failure` as signalfd(2) fails.
    public func descriptor(stopsOnly: Bool = false) throws(Failure) -> Int32 {
        try Descriptor(
            new: systemCall("signalfd") {
                clinux_signal_descriptor(stopsOnly ? Self.stops : Self.all)
            }, name: "signals"
        ).keepOpen()
    }

    /// Waits for the end, with no timer and no wake-up: a request to stop, or any other signal that a process
    /// sent, since images choose the signal that stops their containers.
    ///
    /// What the kernel itself sends does not end it, such as SIGWINCH for a terminal that was resized, or
    /// SIGHUP for one that the container runtime has closed. Only a key that stops programs does.
    ///
    /// - Throws: `Failure` as sigtimedwait(2) fails.
    public func waitForStop() throws(Failure) {
        while true {
            guard let signal = try next() else { continue }
            if signal.isFromProcess || Self.isStop(signal.number) && signal.number != SIGHUP { return }
        }
    }

    /// Waits for no signal but a time limit, whose handler is to end the process. What the program was started with
    /// holds for the others.
    func endTheProcess(after seconds: UInt32, by handler: @convention(c) (Int32) -> Void) {
        _ = clinux_set_handler(SIGALRM, handler)
        var before: UInt64 = 0
        _ = clinux_change_mask(SIG_SETMASK, inherited & ~Self.bit(SIGALRM), &before)
        clinux_alarm(seconds)
    }

    /// Gives the program its own mask back, in a child that is about to become another program.
    ///
    /// - Throws: `Failure` as sigprocmask(2) fails.
    public func restore() throws(Failure) {
        _ = try Self.changeMask(SIG_SETMASK, inherited)
    }

    private static func changeMask(_ how: Int32, _ signals: UInt64) throws(Failure) -> UInt64 {
        var before: UInt64 = 0
        _ = try systemCall("sigprocmask") { clinux_change_mask(how, signals, &before) }
        return before
    }
}
