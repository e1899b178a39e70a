import RunOnce

/// The options that say how the command is to run.
struct Options {
    /// The file that the command has as its standard input; nil where it has this program's.
    var input: CString?
    /// The process whose host the command runs on, as a decimal number; nil where it runs in the container.
    var hostProcess: CString?

    /// Takes an option that is one of these.
    ///
    /// - Parameters:
    ///   - option: as the user wrote it.
    ///   - rest: what follows it, of which its value is taken.
    mutating func take(_ option: CString, _ rest: inout Arguments) -> Invocation.OwnOption {
        if option == "--host" {
            hostProcess = hostProcess ?? "1"
        } else if option == "--host-process" || option.dropping(prefix: "--host-process=") != nil {
            guard let number = value(option, "--host-process=", &rest), isProcess(number) else {
                return .invalid(reason: "needs the number of a process")
            }
            hostProcess = number
        } else if option == "--stdin" || option.dropping(prefix: "--stdin=") != nil {
            guard let file = value(option, "--stdin=", &rest) else { return .invalid(reason: "needs a file") }
            input = file
        } else {
            return .unknown
        }
        return .taken
    }

    private func value(_ option: CString, _ prefix: CString, _ rest: inout Arguments) -> CString? {
        if let value = option.dropping(prefix: prefix) { return value }
        defer { rest.removeFirst() }
        return rest.first
    }

    /// Whether it is a decimal number: the name of a process's directory in /proc.
    private func isProcess(_ text: CString) -> Bool {
        guard text.count > 0 else { return false }
        for index in 0..<text.count where !(48...57).contains(text.start[index]) { return false }
        return true
    }
}
