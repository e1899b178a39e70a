import Glibc
import Synchronization

/// The signals that ask this program to stop, and who is told of them.
///
/// They are blocked in all threads and waited for in the main one (sigwait(3)), so that nothing is interrupted by a
/// handler. It can't be another: Dispatch leaves a main thread that has nothing to do with no signal blocked, where
/// SIGTERM would end the program, and what is ignored would never arrive.
/// SIGINT, SIGQUIT and SIGHUP are ignored as well, which a process that blocks them does not notice, but its children
/// inherit: a terminal sends them to all processes at once, and cleaning up needs kubectl.
public final class Signals: Sendable {
    private struct State {
        var receiver: (@Sendable (Int32) -> Void)?
        var impatient: (@Sendable (Int32) -> Void)?
        var early: Int32?
    }

    private let state = Mutex(State())
    private let wanted: [Int32]

    /// Call it in the main thread, before there is any other.
    public init() {
        signal(SIGPIPE, SIG_IGN)
        // Who started this program may want it to outlive a terminal: what is ignored stays ignored.
        wanted = [SIGHUP, SIGINT, SIGQUIT, SIGTERM].filter { !isIgnored($0) }
        var set = Signals.set(of: wanted)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        for number in wanted where number != SIGTERM { signal(number, SIG_IGN) }
    }

    /// Waits for them, in the main thread, until the program ends.
    public func wait() -> Never {
        var set = Signals.set(of: wanted)
        while true {
            var number: Int32 = 0
            if sigwait(&set, &number) == 0 { receive(number) }
        }
    }

    private static func set(of numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        numbers.forEach { sigaddset(&set, $0) }
        return set
    }

    /// Has all signals from now on told to `receiver`, and one that came while there was none.
    public func tell(_ receiver: @escaping @Sendable (Int32) -> Void) {
        let early = state.withLock { state in
            defer { state.early = nil }
            state.receiver = receiver
            return state.early
        }
        early.map(receiver)
    }

    /// The signal that is kept for the next receiver.
    public var kept: Int32? { state.withLock { $0.early } }

    /// Keeps the next signal for the next receiver, and has those that come after it told to `impatient`.
    public func keep(_ impatient: @escaping @Sendable (Int32) -> Void) {
        state.withLock { state in
            state.receiver = nil
            state.impatient = impatient
        }
    }

    private func receive(_ number: Int32) {
        let receiver: (@Sendable (Int32) -> Void)? = state.withLock { state in
            if let receiver = state.receiver { return receiver }
            if state.early != nil { return state.impatient }
            state.early = number
            return nil
        }
        receiver?(number)
    }
}

private func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1  // SIG_IGN
}
