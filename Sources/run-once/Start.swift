import CLinux
import RunOnce

/// Starts a program in a process group of its own, with the signal mask and the ignored signals that this
/// program was given.
///
/// - Parameters:
///   - words: the program, looked up as execvp(3) does, and its arguments.
///   - signals: what to give the program its mask back from.
/// - Returns: the process id, once the program runs.
/// - Throws: `Failure` as execvp(3) fails in the new process, or fork(2) or pipe(2) in this one.
func startProcess(_ words: Arguments, _ signals: Signals) throws(Failure) -> pid_t {
    // Where SIGCHLD is ignored, the kernel throws the program's status away.
    let ignoresChildren = clinux_is_ignored(SIGCHLD) != 0
    _ = try systemCall("sigaction", "SIGCHLD") { clinux_set_default(SIGCHLD) }
    let news = try Descriptor.pipe()
    let process = try systemCall("fork", "process") { clinux_fork() }
    if process == 0 {
        let failure = become(words, signals, ignoringChildren: ignoresChildren)
        withUnsafeBytes(of: failure.code) { try? news.writing.write($0) }
        _exit(126)
    }
    try news.writing.close()
    var code: Int32 = 0
    let count = try withUnsafeMutableBytes(of: &code) { bytes throws(Failure) in try news.reading.read(into: bytes) }
    try news.reading.close()
    if count == 0 { return process }
    throw Failure("execvp", words.first ?? "", code: code)
}

/// In the new process: becomes the program, or tells why that can't be.
private func become(_ words: Arguments, _ signals: Signals, ignoringChildren: Bool) -> Failure {
    do {
        _ = try systemCall("setpgid", "process") { setpgid(0, 0) }
        if ignoringChildren { _ = try systemCall("sigaction", "SIGCHLD") { clinux_set_ignored(SIGCHLD) } }
        try signals.restore()
        _ = try systemCall("execvp", "command") { execvp(words.vector[0]!, words.vector) }
    } catch {
        return error
    }
    return Failure("execvp", "command", code: ENOEXEC)
}
