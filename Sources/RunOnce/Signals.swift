import CLinux

/// The signals that the program takes when it is ready for them, blocked from its first moment on.
///
/// So none is lost, and no handler runs in the middle of anything. That also works for process 1 of a
/// container, for which the kernel ignores SIGTERM and SIGINT, the requests to stop, unless the program
/// blocks or handles them, see pid_namespaces(7).
public struct Signals {
    /// The mask that the program was started with, for programs that it starts.
    public private(set) var inherited = sigset_t()
    private var blocked = sigset_t()

    /// Blocks the requests to stop, and SIGPIPE, so that writing to a closed pipe fails with EPIPE.
    ///
    /// - Throws: `Failure` as sigprocmask(2) fails.
    public static func blockStops() throws(Failure) -> Signals {
        var blocked = stops
        sigaddset(&blocked, SIGPIPE)
        return try Signals(blocking: blocked)
    }

    /// Blocks all signals that can be blocked.
    ///
    /// - Throws: `Failure` as sigprocmask(2) fails.
    public static func blockAll() throws(Failure) -> Signals {
        var blocked = sigset_t()
        sigfillset(&blocked)
        return try Signals(blocking: blocked)
    }

    private init(blocking signals: sigset_t) throws(Failure) {
        blocked = signals
        inherited = try Self.changeMask(SIG_BLOCK, signals)
    }

    private static var stops: sigset_t {
        var stops = sigset_t()
        sigemptyset(&stops)
        sigaddset(&stops, SIGTERM)
        sigaddset(&stops, SIGINT)
        return stops
    }

    /// Whether the signal asks the program to stop.
    public static func isStop(_ signal: Int32) -> Bool {
        signal == SIGTERM || signal == SIGINT
    }

    /// Runs `body`, and lets a request to stop end the process at once with 128 + its number.
    ///
    /// - Throws: what `body` throws, or `Failure` as sigaction(2) and sigprocmask(2) fail.
    public func endingTheProcess(during body: () throws(Failure) -> Void) throws(Failure) {
        _ = try systemCall("sigaction", "SIGTERM") { clinux_set_handler(SIGTERM) { _exit(128 + $0) } }
        _ = try systemCall("sigaction", "SIGINT") { clinux_set_handler(SIGINT) { _exit(128 + $0) } }
        _ = try Self.changeMask(SIG_UNBLOCK, Self.stops)
        try body()
        _ = try Self.changeMask(SIG_BLOCK, Self.stops)
    }

    /// Waits for one of the blocked signals, and takes it.
    ///
    /// - Returns: the signal's number.
    /// - Throws: `Failure` as sigwaitinfo(2) fails.
    public func next() throws(Failure) -> Int32 {
        try Self.wait(for: blocked)
    }

    /// Waits for a request to stop, with no timer and no wake-up.
    ///
    /// - Throws: `Failure` as sigwaitinfo(2) fails.
    public func waitForStop() throws(Failure) {
        _ = try Self.wait(for: Self.stops)
    }

    /// Gives the program its own mask back, in a child that is about to become another program.
    ///
    /// - Throws: `Failure` as sigprocmask(2) fails.
    public func restore() throws(Failure) {
        _ = try Self.changeMask(SIG_SETMASK, inherited)
    }

    private static func wait(for signals: sigset_t) throws(Failure) -> Int32 {
        try systemCall("sigwaitinfo", "signals") { withUnsafePointer(to: signals) { sigwaitinfo($0, nil) } }
    }

    private static func changeMask(_ how: Int32, _ signals: sigset_t) throws(Failure) -> sigset_t {
        var before = sigset_t()
        _ = try systemCall("sigprocmask", "signals") {
            withUnsafePointer(to: signals) { sigprocmask(how, $0, &before) }
        }
        return before
    }
}
