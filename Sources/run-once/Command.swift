import CLinux
import RunOnce

/// The command that is the task: started once, looked after until it has ended.
struct Command {
    private let words: Arguments
    private let signals: Signals
    private let name: CString

    /// - Parameters:
    ///   - words: the program, looked up as a shell does, and its arguments; at least one word.
    ///   - signals: all of them, blocked.
    init(_ words: Arguments, _ signals: Signals) {
        self.words = words
        self.signals = signals
        name = words.first ?? ""
    }

    /// Runs the command in a process group of its own, and reaps every orphan meanwhile.
    ///
    /// A request to stop goes to the group; any other signal goes to the command alone.
    ///
    /// - Returns: the command's exit status, as a shell gives it; 128 + N where signal N asked to stop.
    /// - Throws: `Failure` where a system call failed.
    func run() throws(Failure) -> Int32 {
        // Where a kernel can't do that, orphans go to process 1, as they do without run-once.
        if getpid() != 1 { _ = clinux_become_subreaper() }
        let process: pid_t
        do {
            process = try startProcess(words, signals)
        } catch {
            report(program, name, error.reason)
            return error.code == ENOENT || error.code == ENOTDIR ? 127 : 126
        }
        var stop: Int32 = 0
        while true {
            let signal = try signals.next()
            if signal == SIGCHLD {
                guard let status = try reapUntil(process) else { continue }
                try killRemainders(of: process)
                return stop == 0 ? explain(status) : 128 + stop
            } else if Signals.isStop(signal) {
                stop = signal
                kill(-process, signal)
            } else {
                kill(process, signal)
            }
        }
    }

    /// Reaps children that have ended.
    ///
    /// - Returns: the status of `process` as soon as it is one of them.
    private func reapUntil(_ process: pid_t) throws(Failure) -> Int32? {
        while let child = try Children.reap(wait: false) {
            if child.process == process { return child.status }
        }
        return nil
    }

    /// Kills what the command left running.
    ///
    /// It would keep standard output open, and so the container runtime from writing out a last line that
    /// has no newline. It is found in the command's group and, where it has left that, among the orphans.
    private func killRemainders(of process: pid_t) throws(Failure) {
        kill(-process, SIGKILL)
        while let orphan = Children.first {
            kill(orphan, SIGKILL)
            _ = try Children.reap(wait: true)
        }
    }

    private func explain(_ status: Int32) -> Int32 {
        let result = clinux_exit_status(status)
        if clinux_was_killed(status) != 0 {
            withDecimal(result - 128) { report(program, name, "killed by signal ", $0) }
        } else if result != 0 {
            withDecimal(result) { report(program, name, "exit status ", $0) }
        }
        return result
    }
}
