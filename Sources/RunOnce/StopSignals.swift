import CLinux

/// SIGTERM and SIGINT: the requests to stop.
///
/// They are blocked from the first moment and taken when the program is ready for them, so none is lost.
/// That also works for process 1 of a container, for which the kernel ignores both unless the program
/// blocks or handles them (pid_namespaces(7)).
public struct StopSignals {
    private var requests = sigset_t()

    /// Blocks the requests to stop, and SIGPIPE, so that writing to a closed pipe fails with EPIPE.
    ///
    /// - Throws: `Failure` as sigprocmask(2) fails.
    public static func block() throws(Failure) -> StopSignals {
        var signals = StopSignals()
        sigemptyset(&signals.requests)
        sigaddset(&signals.requests, SIGTERM)
        sigaddset(&signals.requests, SIGINT)
        var blocked = signals.requests
        sigaddset(&blocked, SIGPIPE)
        try changeMask(SIG_BLOCK, blocked)
        return signals
    }

    /// Runs `body`, and lets a request to stop end the process at once with 128 + its number.
    ///
    /// - Throws: what `body` throws, or `Failure` as sigaction(2) and sigprocmask(2) fail.
    public func endingTheProcess(during body: () throws(Failure) -> Void) throws(Failure) {
        _ = try systemCall("sigaction", "SIGTERM") { clinux_set_handler(SIGTERM) { _exit(128 + $0) } }
        _ = try systemCall("sigaction", "SIGINT") { clinux_set_handler(SIGINT) { _exit(128 + $0) } }
        try Self.changeMask(SIG_UNBLOCK, requests)
        try body()
        try Self.changeMask(SIG_BLOCK, requests)
    }

    /// Blocks until a stop is requested, with no timer and no wake-up.
    ///
    /// - Throws: `Failure` as sigwaitinfo(2) fails.
    public func wait() throws(Failure) {
        _ = try systemCall("sigwaitinfo", "signals") { withUnsafePointer(to: requests) { sigwaitinfo($0, nil) } }
    }

    private static func changeMask(_ how: Int32, _ signals: sigset_t) throws(Failure) {
        _ = try systemCall("sigprocmask", "signals") {
            withUnsafePointer(to: signals) { sigprocmask(how, $0, nil) }
        }
    }
}
