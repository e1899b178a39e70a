/// Runs a task at most once for as long as its state directory lives, then waits to be stopped.
///
/// This is the contract with whatever orchestrates the pod:
/// 1. The start is recorded in the state directory before the task runs. The task never runs where that
///    was recorded before, or can't be.
/// 2. A task that fails ends the process with its status, so the pod's status shows a container that
///    terminated. The container is restarted; the new process finds the record, says so and stays alive,
///    not ready. So there is no crash loop, and the first failure stays visible.
/// 3. When the task has ended in success, standard output and standard error are closed, which makes the
///    container runtime write out a last line that has no newline. Then the task is marked ready.
/// 4. The process lives, without doing anything, until it is told to stop. Only then does it end with 0.
///    Orphans that the kernel gives to it, as to every process 1, leave no zombie.
///
/// - Parameters:
///   - program: the name that starts each line on standard error.
///   - directory: the state directory, which must be there.
///   - signals: the requests to stop, blocked already.
///   - task: does the work and returns its exit status, 0 for success.
/// - Returns: the exit status for the process.
/// - Throws: `Failure` where the task threw it, or a step of the above failed.
public func runOnce(
    as program: CString, in directory: CString, until signals: Signals,
    task: () throws(Failure) -> Int32
) throws(Failure) -> Int32 {
    let state = try StateDirectory(directory)
    switch try state.begin() {
    case .notStarted:
        let status = try task()
        guard status == 0 else { return status }
        try Descriptor.standardOutput.close()
        try? Descriptor.standardError.close()  // nothing can be lost there, also where it was closed before
        try state.markReady()
    case .interrupted:
        report(program, directory, "the task was started before and did not end in success; it is not run again")
    case .done:
        break
    }
    try Children.forget()
    try signals.waitForStop()
    return 0
}
