import CLinux

/// The processes that this one has to reap: those it started and, as process 1 or as a subreaper, their
/// orphans.
public enum Children {
    /// Reaps one child that has ended.
    ///
    /// - Parameter wait: whether to wait until a child has ended.
    /// - Returns: its process id and its status, see wait(2); nil where there is none.
    /// - Throws: `Failure` as waitpid(2) fails.
    public static func reap(wait: Bool) throws(Failure) -> (process: pid_t, status: Int32)? {
        var status: Int32 = 0
        do {
            let process = try systemCall("waitpid", "children") { waitpid(-1, &status, wait ? 0 : WNOHANG) }
            return process == 0 ? nil : (process, status)
        } catch {
            if error.code == ECHILD { return nil }
            throw error
        }
    }

    /// One of the children, also one that has ended and is not reaped; nil where there is none, or where the
    /// kernel does not tell, see proc_pid_task(5).
    public static var first: pid_t? {
        guard let list = try? Descriptor.open("/proc/thread-self/children", O_RDONLY) else { return nil }
        defer { try? list.close() }
        var text = InlineArray<16, UInt8>(repeating: 0)
        var span = text.mutableSpan
        let count = try? span.withUnsafeMutableBytes { bytes throws(Failure) in try list.read(into: bytes) }
        var process: pid_t = 0
        for index in 0..<(count ?? 0) {
            guard (48...57).contains(text[index]) else { break }
            process = process * 10 + pid_t(text[index] - 48)
        }
        return process == 0 ? nil : process
    }

    /// From now on the kernel reaps, see NOTES of wait(2), so that nobody needs to wake up for it.
    ///
    /// - Throws: `Failure` as sigaction(2) and waitpid(2) fail.
    public static func forget() throws(Failure) {
        _ = try systemCall("sigaction", "SIGCHLD") { clinux_set_ignored(SIGCHLD) }
        while try reap(wait: false) != nil {}
    }
}
