import CLinux
import RunOnce

/// The command that is the task: started once, looked after until it, and what it left running, has ended.
///
/// What it left would keep standard output open, and so the container runtime from writing out a last line that has
/// no newline. It is found in the command's process group and, where it has left that, among the orphans.
struct Command: ~Copyable {
    /// After how many milliseconds what the command left is killed, such as a filter that still writes.
    private static let patience: Int64 = 1_000
    /// After how many that is killed is given up.
    private static let patienceWithKilled: Int64 = 5_000

    private let words: Arguments
    private let options: Options
    private let signals: Signals
    private let name: CString
    private let sealed: SealedOutput.Pointer?
    private var watch: Watch
    private var rest = Rest(group: 0, isOnHost: false)
    /// The last request to stop, 0 for none.
    private var stop: Int32 = 0
    /// One that came when the command had ended already, 0 for none.
    private var lateStop: Int32 = 0

    /// - Parameters:
    ///   - words: the program, looked up as a shell does, and its arguments; at least one word.
    ///   - options: how it is to run.
    ///   - signals: all of them, blocked.
    ///   - sealed: takes what the command writes; nil where that goes to standard output.
    init(_ words: Arguments, _ options: Options, _ signals: Signals, _ sealed: SealedOutput.Pointer?) {
        self.words = words
        self.options = options
        self.signals = signals
        self.sealed = sealed
        watch = Watch(signals)
        name = words.first ?? ""
    }

    /// Runs the command in a process group of its own, and reaps every orphan meanwhile.
    ///
    /// A request to stop goes to the group; any other signal goes to the command alone. Where the command ended by
    /// itself, what it left has a short time to end. After a request to stop it has all the time there is, as
    /// Kubernetes kills it at the end of the grace period. On the host no orphan comes to this process: it may be a
    /// daemon of the host.
    ///
    /// - Returns: the command's exit status, as a shell gives it; 128 + N where signal N asked to stop.
    /// - Throws: `Failure` where a system call failed.
    mutating func run() throws(Failure) -> Int32 {
        if options.hostProcess == nil { Children.adoptOrphans() }
        let terminal = Terminal()
        defer { terminal?.take() }
        return try start(terminal)
    }

    private mutating func start(_ terminal: Terminal?) throws(Failure) -> Int32 {
        var output = Descriptor.none()
        if let sealed {
            let pipe = try Pipe()
            output = pipe.writing
            watch = try Watch(signals, pipe.reading, sealed)
        }
        let leader = try Leader(starting: words, options, signals, terminal, output.number)
        output = .none()
        return try waitFor(leader)
    }

    private mutating func waitFor(_ leader: borrowing Leader) throws(Failure) -> Int32 {
        rest = Rest(group: leader.process, isOnHost: options.hostProcess != nil)
        let status = try waitForTheEnd()
        let isComplete = try waitForTheRest()
        sealed?.pointee.endResult(wasStopped: stop != 0 || lateStop != 0)
        // It has come too late to change anything, and is not lost.
        if lateStop != 0 { kill(getpid(), lateStop) }
        if !isComplete { tell("left a process running that can't be killed") }
        guard let status, stop == 0 else { return 128 + stop }
        return try leader.reasonOfNoStart()?.explain(name, options) ?? explain(status)
    }

    /// Waits until the command itself has ended, and reaps it.
    ///
    /// - Returns: its status, see wait(2); nil where it is to stop and this process has no right to tell it so.
    private mutating func waitForTheEnd() throws(Failure) -> Int32? {
        while true {
            guard let signal = try watch.next(until: nil) else { continue }
            if signal == SIGCHLD {
                if let status = try rest.reapLeader() { return status }
            } else if Signals.isStop(signal) {
                if let status = try rest.reapLeader() {
                    lateStop = signal
                    return status
                }
                stop = signal
                rest.signalGroup(signal)
                // It may have left the group that it was the first of.
                if getpgid(rest.group) != rest.group { rest.send(signal, to: rest.group) }
                if kill(rest.group, 0) != 0 { return nil }
            } else {
                kill(rest.group, signal)
            }
        }
    }

    /// Waits until what the command left has ended, or can't be made to, and until nobody has its output open.
    ///
    /// - Returns: false where something is left that should not be.
    private mutating func waitForTheRest() throws(Failure) -> Bool {
        let rest = rest
        if stop != 0 { rest.signalOrphans(stop) }
        var deadline = clinux_monotonic_clock() + Self.patience
        var isKilling = false
        var wasLeft = true
        var pause: Int64 = 5
        while true {
            let isLeft = try rest.isLeft()
            guard isLeft || watch.isOpen else { return true }
            if isLeft && !rest.isOnHost && !rest.canBeSignalled { return false }
            if isLeft && lateStop != 0 {
                (stop, lateStop) = (lateStop, 0)
                rest.signal(stop)
            }
            let now = clinux_monotonic_clock()
            if wasLeft && !isLeft { (wasLeft, deadline) = (false, now + Self.patience) }
            // After a request to stop there is no limit.
            let hasLimit = !isLeft || stop == 0 || isKilling
            if hasLimit && now >= deadline {
                if !isLeft {
                    try watch.takeWhatIsThere()
                    // On the host it may be a daemon's.
                    return rest.isOnHost || !watch.isOpen
                }
                if isKilling { return false }
                (isKilling, deadline) = (true, now + Self.patienceWithKilled)
            }
            // Each time, since the children of those that it has killed come to this process.
            if isKilling && isLeft { rest.signal(SIGKILL) }
            var next = hasLimit ? deadline : nil
            if isLeft && rest.isOnHost {
                // What is no child of this process ends without a signal.
                next = min(next ?? .max, now + pause)
                pause = min(pause * 2, 1_000)
            }
            // It is looked at above: it matters only where something is left.
            if let signal = try watch.next(until: next), Signals.isStop(signal) { lateStop = signal }
        }
    }

    private func explain(_ status: Int32) -> Int32 {
        let result = clinux_exit_status(status)
        if clinux_was_killed(status) != 0 {
            tell("killed by signal ", result - 128)
        } else if result != 0 {
            tell("exit status ", result)
        }
        return result
    }

    private func tell(_ reason: CString, _ number: Int32) {
        try? Decimal(number, after: reason).withText { tell($0) }
    }

    private func tell(_ reason: CString) {
        report(program.name, name, reason, afterOutput: sealed == nil)
    }
}
