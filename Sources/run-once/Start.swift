import CLinux
import RunOnce

/// The command's first process, in a process group of its own.
struct Leader: ~Copyable {
    /// The process id, which is the group's number too.
    let process: pid_t
    private let news: Descriptor

    /// Starts a program with the signal mask and the ignored signals that this program was given.
    ///
    /// It does not wait until the program runs, as that may take any time.
    ///
    /// - Parameters:
    ///   - words: the program, and its arguments, see `execute`.
    ///   - options: how it is to run.
    ///   - signals: what to give the program its mask back from.
    ///   - terminal: what its group gets.
    ///   - output: the writing end of a pipe that is its standard output and standard error; -1 where it has this
    ///     program's.
    /// - Throws: `Failure` as pipe(2) and fork(2) fail.
    init(
        starting words: Arguments, _ options: Options, _ signals: Signals, _ terminal: Terminal?, _ output: Int32
    ) throws(Failure) {
        // Where SIGCHLD is ignored, the kernel throws the program's status away.
        let ignoresChildren = clinux_is_ignored(SIGCHLD) != 0
        _ = try systemCall("sigaction") { clinux_set_default(SIGCHLD) }
        let pipe = try Pipe()
        let process = try systemCall("fork") { clinux_fork() }
        if process == 0 {
            let why = become(words, options, signals, terminal, output, ignoringChildren: ignoresChildren)
            // Its texts are where the parent, which this process is a copy of, has them, too.
            withUnsafeBytes(of: Optional(why)) { try? pipe.writing.write($0) }
            _exit(126)
        }
        // Whichever of the two is first: from now on, the group is there. It fails where the program runs already.
        _ = setpgid(process, process)
        self.process = process
        news = pipe.reading
    }

    /// Why the process could not become the program; nil where it did. To be asked once it has ended.
    ///
    /// - Throws: `Failure` as read(2) fails.
    func reasonOfNoStart() throws(Failure) -> NoStart? {
        var why: NoStart?
        _ = try withUnsafeMutableBytes(of: &why) { bytes throws(Failure) in try news.read(into: bytes) }
        return why
    }
}

/// In the new process: becomes the program, or tells why that can't be.
private func become(
    _ words: Arguments, _ options: Options, _ signals: Signals, _ terminal: Terminal?, _ output: Int32,
    ignoringChildren: Bool
) -> NoStart {
    do {
        if output != -1 {
            _ = try systemCall("dup2") { dup2(output, 1) }
            // Opened anew, so that O_NONBLOCK on one does not hit the other. Without /proc it is the same.
            let own = clinux_openat(AT_FDCWD, "/proc/self/fd/1", O_WRONLY | O_CLOEXEC, 0)
            _ = try systemCall("dup2") { dup2(own == -1 ? 1 : own, 2) }
        }
        _ = try systemCall("setpgid") { setpgid(0, 0) }
        terminal?.take()
        if ignoringChildren { _ = try systemCall("sigaction") { clinux_set_ignored(SIGCHLD) } }
        try signals.restore()
    } catch {
        return .notExecuted(code: error.code)
    }
    if let file = options.input {
        // Not before: a file may keep this waiting, and a request to stop must end that.
        do { try Descriptor.open(file, O_RDONLY).becomeStandardInput() } catch { return .noInput(code: error.code) }
    }
    guard let process = options.hostProcess else { return .notExecuted(code: execute(words, in: .own)) }
    do { try enterHost(ofProcess: process) } catch { return error }
    return .notExecuted(code: withHostEnvironment { execute(words, in: $0) })
}
