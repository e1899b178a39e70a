import CLinux
import RunOnce

/// What a command has started: its process group and, where something has left that, the orphans.
struct Rest {
    /// The number of the process group.
    let group: pid_t
    /// Whether it runs on the host: there no orphan comes to this process.
    let isOnHost: Bool

    /// Reaps children that have ended.
    ///
    /// - Returns: the command's status; nil where it still runs.
    func reapLeader() throws(Failure) -> Int32? {
        while let child = try Children.reap(), child.process != 0 {
            if child.process == group { return child.status }
        }
        return nil
    }

    /// Whether what the command left still runs: on the host what is in its group, as no other is this process's.
    /// Reaps all children that have ended.
    func isLeft() throws(Failure) -> Bool {
        if isOnHost { return kill(-group, 0) == 0 }
        while let child = try Children.reap() {
            if child.process == 0 { return true }
        }
        return false
    }

    /// Whether anything is left that this process has the right to signal, and can find.
    var canBeSignalled: Bool {
        if Children.has(inGroup: group) && kill(-group, 0) == 0 { return true }
        var orphans = Children.List()
        while let orphan = orphans.next() {
            if kill(orphan, 0) == 0 { return true }
        }
        return false
    }

    /// Sends a signal to all of it.
    func signal(_ signal: Int32) {
        signalGroup(signal)
        signalOrphans(signal)
    }

    /// Signals the group where a child of this process is in it. On the host, where what is left is no child, one is
    /// made and joins it first: that works in a group of this session only, so in no stranger's that got the number.
    func signalGroup(_ signal: Int32) {
        let member = isOnHost ? clinux_fork() : -1
        if member == 0 { _exit(0) }
        if member > 0 { setpgid(member, group) }
        if Children.has(inGroup: group) { send(signal, to: -group) }
        if member > 0 { waitpid(member, nil, 0) }
    }

    /// Sends a signal to the orphans that have left the group.
    func signalOrphans(_ signal: Int32) {
        var children = Children.List()
        while let child = children.next() {
            if getpgid(child) != group { send(signal, to: child) }
        }
    }

    /// Where it is not permitted, nothing is sent: see `canBeSignalled`.
    func send(_ signal: Int32, to process: pid_t) {
        kill(process, signal)
        // What is stopped would not notice.
        kill(process, SIGCONT)
    }
}
