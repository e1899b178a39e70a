import CLinux
import RunOnce

/// The command that is the task: started once, looked after until it, and what it left running, has ended.
///
/// What it left would keep standard output open, and so the container runtime from writing out a last line that has
/// no newline. It is found in the command's process group and, where it has left that, among the orphans.
struct Command {
    /// How long what the command left may go on, such as a filter that still writes, in seconds.
    private static let patience: UInt32 = 1
    /// How long that may take to end once it is killed, in seconds.
    private static let patienceWithKilled: UInt32 = 5

    private let words: Arguments
    private let options: Options
    private let signals: Signals
    private let name: CString
    private var group: pid_t = 0
    /// The last request to stop, 0 for none.
    private var stop: Int32 = 0

    /// - Parameters:
    ///   - words: the program, looked up as a shell does, and its arguments; at least one word.
    ///   - options: how it is to run.
    ///   - signals: all of them, blocked.
    init(_ words: Arguments, _ options: Options, _ signals: Signals) {
        self.words = words
        self.options = options
        self.signals = signals
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
        let leader = try Leader(starting: words, options, signals, terminal)
        group = leader.process
        let status = try waitForTheEnd()
        try waitForTheRest()
        guard let status, stop == 0 else { return 128 + stop }
        return try leader.reasonOfNoStart()?.explain(name, options) ?? explain(status)
    }

    /// Waits until the command itself has ended, and reaps it.
    ///
    /// - Returns: its status, see wait(2); nil where it is to stop and this process has no right to tell it so.
    private mutating func waitForTheEnd() throws(Failure) -> Int32? {
        while true {
            let signal = try signals.next().number
            if signal == SIGCHLD {
                while let child = try Children.reap(), child.process != 0 {
                    if child.process == group { return child.status }
                }
            } else if Signals.isStop(signal) {
                stop = signal
                signalGroup(signal)
                // It may have left the group that it was the first of.
                if getpgid(group) != group { send(signal, to: group) }
                if kill(group, 0) != 0 { return nil }
            } else {
                kill(group, signal)
            }
        }
    }

    /// Waits until what the command left has ended, or can't be made to.
    private mutating func waitForTheRest() throws(Failure) {
        if options.hostProcess != nil { return waitForTheGroup() }
        if stop == 0 { alarm(Self.patience) } else { signalOrphans(stop) }
        defer { alarm(0) }
        var isKilled = false
        while try areChildrenLeft() {
            guard canSignalRest else { return tellWhatIsLeft() }
            let signal = try signals.next()
            if signal.number == SIGALRM && !signal.isFromProcess {
                // It may have come just before a request to stop.
                guard stop == 0 || isKilled else { continue }
                if isKilled { return tellWhatIsLeft() }
                isKilled = true
                alarm(Self.patienceWithKilled)
            } else if Signals.isStop(signal.number) {
                stop = signal.number
                if !isKilled {
                    alarm(0)
                    signalRest(stop)
                }
            }
            // Each time, since the children of those that it has killed come to this process.
            if isKilled { signalRest(SIGKILL) }
        }
    }

    /// On the host what the command left is not this process's to reap or to kill: all that can be known is whether
    /// the group has ended. After a request to stop it has all the time there is, and else a second, to write the rest.
    private func waitForTheGroup() {
        var looks = 0
        while kill(-group, 0) == 0 && (stop != 0 || looks < 20) {
            poll(nil, 0, 50)
            looks += 1
        }
    }

    /// Reaps all children that have ended, and tells whether there are others.
    private func areChildrenLeft() throws(Failure) -> Bool {
        while let child = try Children.reap() {
            if child.process == 0 { return true }
        }
        return false
    }

    /// Whether anything is left that this process has the right to signal, and can find.
    private var canSignalRest: Bool {
        if Children.has(inGroup: group) && kill(-group, 0) == 0 { return true }
        var can = false
        Children.forEach { can = can || kill($0, 0) == 0 }
        return can
    }

    private func signalRest(_ signal: Int32) {
        signalGroup(signal)
        signalOrphans(signal)
    }

    private func signalGroup(_ signal: Int32) {
        if Children.has(inGroup: group) { send(signal, to: -group) }
    }

    /// Sends a signal to the orphans that have left the group.
    private func signalOrphans(_ signal: Int32) {
        Children.forEach { if getpgid($0) != group { send(signal, to: $0) } }
    }

    /// Where it is not permitted, nothing is sent: see `canSignalRest`.
    private func send(_ signal: Int32, to process: pid_t) {
        kill(process, signal)
        // What is stopped would not notice.
        kill(process, SIGCONT)
    }

    private func tellWhatIsLeft() {
        report(program.name, name, "left a process running that can't be killed", afterOutput: true)
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
        try? withDecimal(number, after: reason) { report(program.name, name, $0, afterOutput: true) }
    }
}
