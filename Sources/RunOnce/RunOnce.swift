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
/// 5. Where the result is to be sealed, the last line in the log is the seal, however the task ended. It is on the
///    disk before it is told. A process that finds the record tells the result and the seal again.
///
/// - Parameters:
///   - program: the name that starts each line on standard error.
///   - path: the state directory, which must be there.
///   - sealing: how the result is to be sealed; nil where it is not.
///   - signals: all of them, blocked already.
///   - task: does the work, and returns its exit status, 0 for success. Where it gets a `SealedOutput`, it lets that
///     take all that is the result, else it writes that to standard output, and leaves it open.
/// - Returns: the exit status for the process.
/// - Throws: `Failure` where a step of the above failed.
public func runOnce(
    as program: Program, in path: CString, sealing: Sealing?, until signals: Signals,
    task: (SealedOutput.Pointer?) throws(Failure) -> Int32
) throws(Failure) -> Int32 {
    var terminal = termios()
    if sealing != nil && tcgetattr(1, &terminal) == 0 {
        return program.refuse("--seal", "standard output is a terminal, which changes what is written: use no tty")
    }
    // In a function of its own: or else closing it is in the program at each place where that may fail.
    var state = try StateDirectory(path)
    return try runOnce(as: program, in: &state, at: path, sealing, until: signals, task)
}

private func runOnce(
    as program: Program, in state: inout StateDirectory, at path: CString, _ sealing: Sealing?, until signals: Signals,
    _ task: (SealedOutput.Pointer?) throws(Failure) -> Int32
) throws(Failure) -> Int32 {
    var progress = try state.begin()
    if progress == .interrupted && state.isSealedAsDone {
        // But for the last step, it was.
        try state.recordSuccess()
        progress = .done
    }
    switch progress {
    case .notStarted:
        let status = try runTask(as: program, in: state, sealing, until: signals, task)
        guard status == 0 else { return status }
        closeStreams()
        try state.markReady()
    case .done, .interrupted:
        if progress == .done { try state.markReady() }
        let again = try again(from: state, sealing, until: signals)
        again?.pointee.endResult()
        if progress == .interrupted {
            program.report(path, "the task was started before and did not end in success; it is not run again")
        }
        again?.pointee.tellSeal(of: state)
        if let again { SealedOutput.end(again) }
    case .inUse:
        program.report(path, "another container uses this directory, and each needs its own; the task is not run")
    }
    try leaveChildrenToTheKernel()
    try signals.waitForStop()
    return 0
}

/// Runs the task, and tells how it ended.
@inline(never)  // or else what it needs stays on the stack while nothing happens
private func runTask(
    as program: Program, in state: borrowing StateDirectory, _ sealing: Sealing?, until signals: Signals,
    _ task: (SealedOutput.Pointer?) throws(Failure) -> Int32
) throws(Failure) -> Int32 {
    var sealed: SealedOutput.Pointer?
    if let sealing {
        let result = KeptResult(in: try state.createResult(), maximum: sealing.maximum)
        sealed = try SealedOutput.make(result, of: sealing.pod, until: signals)
        joinStreams()
    }
    var status: Int32 = 1
    var failure: Failure?
    do { status = try task(sealed) } catch { failure = error }
    sealed?.pointee.endResult()
    if let failure { program.report(failure) }
    // The task may have removed the record, and must not run again, however it ended.
    do { _ = try state.recordStart() } catch { program.report(error) }
    try sealed?.pointee.seal(status, in: state)
    if status == 0 {
        if sealed == nil { try closeStandardOutput() }
        // The last that can be told. Where what follows fails, the next start tells it, and is done all the same.
        try state.recordSuccess()
    }
    if let sealed {
        try state.sync()
        sealed.pointee.tellSeal(of: state)
        SealedOutput.end(sealed)
    }
    return status
}

/// What an earlier process kept, to be written to the log, which is a new one; nil where there is nothing.
@inline(never)
private func again(
    from state: borrowing StateDirectory, _ sealing: Sealing?, until signals: Signals
) throws(Failure) -> SealedOutput.Pointer? {
    guard let sealing, let file = try? state.openResult() else { return nil }
    let size = Int(lseek(file, 0, SEEK_END))
    let record = state.record
    let result = KeptResult(
        in: file, maximum: 0, kept: record.isSealed ? record.kept : size,
        written: record.isSealed ? record.written : size)
    joinStreams()
    return try SealedOutput.make(result, of: sealing.pod, until: signals)
}

/// What goes to standard error comes in order with what goes to standard output.
private func joinStreams() {
    dup2(1, 2)
}

/// - Throws: `Failure` where what was written before did not arrive.
private func closeStandardOutput() throws(Failure) {
    let output = Descriptor.standardOutput()
    try endLastLine(of: output)
    try output.close()
}

/// Nothing can be lost there, also where they were closed before. A terminal's text is not complete as long as
/// anybody can read from it.
private func closeStreams() {
    for number: Int32 in 0...2 { close(number) }
}

/// From now on the kernel reaps, see NOTES of wait(2), so that nobody needs to wake up for it.
///
/// - Throws: `Failure` as sigaction(2) fails.
private func leaveChildrenToTheKernel() throws(Failure) {
    _ = try systemCall("sigaction") { clinux_set_ignored(SIGCHLD) }
    while waitpid(-1, nil, WNOHANG) > 0 {}
}
