import CLinux
import RunOnce

/// Why a new process did not become the command.
enum NoStart: Error {
    /// Its standard input can't be opened: the error number, see errno(3).
    case noInput(code: Int32)
    /// The host can't be entered: a system call failed, for this file of the host's process in /proc.
    case notOnHost(Failure)
    /// The host's process is in this container.
    case hostIsHere
    /// It can't be executed.
    case notExecuted(code: Int32)

    /// Tells it in one line, with what to do about it where that is not clear.
    ///
    /// - Parameters:
    ///   - command: its name.
    ///   - options: how it was to run.
    /// - Returns: the exit status for the process.
    func explain(_ command: CString, _ options: Options) -> Int32 {
        switch self {
        case .noInput(let code):
            report(program.name, options.input ?? "", reason(code))
        case .notOnHost(let failure):
            let isForbidden = failure.code == EPERM || failure.code == EACCES
            let pieces: InlineArray<10, CString> = [
                program.name, ": ", failure.operation, " /proc/", options.hostProcess ?? "", "/", failure.object ?? "",
                ": ", reason(failure.code), isForbidden ? advice : "\n",
            ]
            tell(pieces.span)
        case .hostIsHere:
            report(program.name, "--host", "the host's process is in this container: the pod needs hostPID: true")
        case .notExecuted(let code):
            report(program.name, command, reason(code))
            return code == ENOENT || code == ENOTDIR ? 127 : 126
        }
        return 1
    }

    private var advice: CString {
        """
        : the host forbids it; --host takes user 0, a privileged container, hostPID: true, and a node that allows it

        """
    }
}
