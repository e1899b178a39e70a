import CLinux

/// The readiness probe that waits: so the pod is ready in the moment in which its task is done, and until then, which
/// may take hours, there is one probe.
///
/// The file `running` is locked by the program that runs the task, see flock(2): for itself alone until the task is
/// done, which is for good where it failed, and then so that others can share it. So it can be waited for without
/// looking again and again, and whoever waits is told when that program dies.
extension StateDirectory {
    static let running: CString = "running"
    /// It is there once a probe has said that the task is done.
    static let told: CString = "told"

    /// Waits until the task has ended in success, and its output is complete.
    ///
    /// That is told once without delay, and then every half a minute: a pod that is done costs next to nothing.
    ///
    /// - Parameters:
    ///   - limit: in seconds. When it has passed, the process ends with 1.
    ///   - signals: those that this program was started with.
    /// - Returns: false where nobody works on the task.
    func waitUntilReady(_ limit: UInt32, _ signals: Signals) -> Bool {
        signals.endTheProcess(after: limit) { _ in _exit(1) }
        // The container may have just been started, or started again.
        for _ in 1...10 {
            let file = clinux_openat(directory.number, Self.running.start, O_RDONLY | O_CLOEXEC, 0)
            if flock(file, LOCK_SH) == 0 && isReady {
                if clinux_openat(directory.number, Self.told.start, O_CREAT | O_EXCL | O_CLOEXEC, 0o644) != -1
                    || clinux_errno() != EEXIST
                {
                    return true
                }
                signals.endTheProcess(after: min(limit, 30)) { _ in _exit(0) }
                // This takes as long as the program lives.
                flock(file, LOCK_EX)
                return false
            }
            close(file)
            poll(nil, 0, 100)
        }
        return false
    }
}
