import CLinux

/// Runs a task at most once for as long as its state directory lives, then waits to be stopped.
///
/// This is the contract with whatever orchestrates the pod:
/// 1. The start is recorded in the state directory before the task runs. The task never runs where that
///    was recorded before, or can't be, or where another container uses the directory.
/// 2. A task that fails ends the process with its status, so the pod's status shows a container that
///    terminated. The container is restarted; the new process finds the record, says so and stays alive,
///    not ready. So there is no crash loop, and the first failure stays visible.
/// 3. When the task has ended in success, the standard streams are closed, which makes the container runtime
///    write out a last line that has no newline. Then the task is marked ready.
/// 4. The process lives, without doing anything, until it is told to stop. Only then does it end with 0.
///    Orphans that the kernel gives to it, as to every process 1, leave no zombie.
///
/// - Parameters:
///   - program: the name that starts each line on standard error.
///   - path: the state directory, which must be there.
///   - signals: all of them, blocked already.
///   - task: does the work, with standard output, and returns its exit status, 0 for success.
/// - Returns: the exit status for the process.
/// - Throws: `Failure` where the task threw it, or a step of the above failed.
public func runOnce(
    as program: Program, in path: CString, until signals: Signals,
    task: (_ output: borrowing Descriptor) throws(Failure) -> Int32
) throws(Failure) -> Int32 {
    let state = try StateDirectory(path)
    switch try state.begin() {
    case .notStarted:
        let output = Descriptor.standardOutput()
        let result = Result { () throws(Failure) in try task(output) }
        // The task may have removed the record, and must not run again, however it ended.
        do { try state.keepStart() } catch { program.report(error) }
        let status = try result.get()
        guard status == 0 else { return status }
        try endLastLine(of: output)
        try output.close()
        // The last that can be told. Where what follows fails, the next start tells it, and is done all the same.
        try state.recordSuccess()
        closeStandardInputAndError()
        try state.markReady()
    case .done:
        try state.markReady()
    case .interrupted:
        program.report(path, "the task was started before and did not end in success; it is not run again")
    case .inUse:
        program.report(path, "another container uses this directory, and each needs its own; the task is not run")
    }
    try leaveChildrenToTheKernel()
    try signals.waitForStop()
    _ = consume state  // not before: it is locked as long as this process lives
    return 0
}

/// Nothing can be lost there, also where they were closed before. A terminal's text is not complete as long as
/// anybody can read from it.
private func closeStandardInputAndError() {
    close(0)
    close(2)
}

/// From now on the kernel reaps, see NOTES of wait(2), so that nobody needs to wake up for it.
///
/// - Throws: `Failure` as sigaction(2) fails.
private func leaveChildrenToTheKernel() throws(Failure) {
    _ = try systemCall("sigaction") { clinux_set_ignored(SIGCHLD) }
    while waitpid(-1, nil, WNOHANG) > 0 {}
}
