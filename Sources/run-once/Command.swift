import CLinux
import RunOnce

/// The command that is the task: started once, looked after until it, and what it left running, has ended.
///
/// What it left would keep standard output open, and so the container runtime from writing out a last line that has
/// no newline. It is found in the command's process group and, where it has left that, among the orphans.
struct Command {
    /// After how many looks what the command left is killed, such as a filter that still writes: after a second.
    private static let patience = 20
    /// After how many that is killed is given up: after five more.
    private static let patienceWithKilled = 120

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
        if !isOnHost { Children.adoptOrphans() }
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

    /// Waits until what the command left has ended, or can't be made to. It looks twenty times a second, as what is no
    /// child of this process ends without a signal.
    private mutating func waitForTheRest() throws(Failure) {
        if stop != 0 { signalOrphans(stop) }
        ualarm(50_000, 50_000)
        defer { ualarm(0, 0) }
        // Those that count: after a request to stop there is no limit.
        var looks = 0
        while try isAnythingLeft() {
            guard isOnHost || canSignalRest else { return tellWhatIsLeft() }
            let signal = try signals.next()
            if signal.number == SIGALRM && !signal.isFromProcess {
                if stop == 0 || looks >= Self.patience { looks += 1 }
                if looks == Self.patienceWithKilled { return tellWhatIsLeft() }
            } else if Signals.isStop(signal.number) {
                stop = signal.number
                if looks < Self.patience { signalRest(stop) }
            }
            // Each time, since the children of those that it has killed come to this process.
            if looks >= Self.patience { signalRest(SIGKILL) }
        }
    }

    /// Whether what the command left still runs: on the host what is in its group, as no other is this process's.
    /// Reaps all children that have ended.
    private func isAnythingLeft() throws(Failure) -> Bool {
        if isOnHost { return kill(-group, 0) == 0 }
        while let child = try Children.reap() {
            if child.process == 0 { return true }
        }
        return false
    }

    private var isOnHost: Bool { options.hostProcess != nil }

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

    /// Signals the group where a child of this process is in it. On the host, where what is left is no child, one is
    /// made and joins it first: that works in a group of this session only, so in no stranger's that got the number.
    private func signalGroup(_ signal: Int32) {
        let member = isOnHost ? clinux_fork() : -1
        if member == 0 { _exit(0) }
        if member > 0 { setpgid(member, group) }
        if Children.has(inGroup: group) { send(signal, to: -group) }
        if member > 0 { waitpid(member, nil, 0) }
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
