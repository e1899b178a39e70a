import CLinux
import RunOnce

/// The children that this process has to reap: the command, and the orphans that come to this process.
enum Children {
    /// Has the kernel give this process the orphans of all that it starts, as it does for process 1 anyway.
    ///
    /// Where something less than Linux can't do that, they go to process 1, as they do without run-once.
    static func adoptOrphans() {
        if getpid() != 1 { _ = clinux_become_subreaper() }
    }

    /// Reaps one child that has ended.
    ///
    /// - Returns: its process id, 0 where all that are left still run, and its status, see wait(2); nil where no
    ///   child is left.
    /// - Throws: `Failure` as waitpid(2) fails.
    static func reap() throws(Failure) -> (process: pid_t, status: Int32)? {
        var status: Int32 = 0
        do {
            return (try systemCall("waitpid") { waitpid(-1, &status, WNOHANG) }, status)
        } catch {
            if error.code == ECHILD { return nil }
            throw error
        }
    }

    /// Whether a child, running or not reaped, is in this process group. As long as one is, the kernel gives the
    /// group's number to nobody else, so that no signal to the group hits a stranger.
    static func has(inGroup group: pid_t) -> Bool {
        waitid(P_PGID, id_t(group), nil, WEXITED | WNOHANG | WNOWAIT) == 0
    }

    /// The children, as the kernel lists them, see proc_pid_task(5): none where /proc is not there.
    struct List: ~Copyable {
        private let file = try? Descriptor.open("/proc/thread-self/children", O_RDONLY)
        private var text = InlineArray<256, UInt8>(repeating: 0)
        private var position = 0
        private var count = 0

        /// The next child's process id, nil at the end.
        @inline(never)  // or else it is in the program many times
        mutating func next() -> pid_t? {
            var process: pid_t = 0
            while let byte = nextByte() {
                if 48...57 ~= byte {
                    process = process * 10 + pid_t(byte - 48)
                    continue
                }
                // The /proc of another PID namespace has other numbers.
                if waitid(P_PID, id_t(process), nil, WEXITED | WNOHANG | WNOWAIT) == 0 { return process }
                process = 0
            }
            return nil
        }

        private mutating func nextByte() -> UInt8? {
            if position == count {
                var span = text.mutableSpan
                position = 0
                count = span.withUnsafeMutableBytes { bytes in (try? file?.read(into: bytes)) ?? 0 }
                if count == 0 { return nil }
            }
            position += 1
            return text[position - 1]
        }
    }
}
