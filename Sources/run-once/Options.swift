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
        } else if option.isOption("--host-process") {
            guard let number = rest.value(of: option), number.decimal != nil else {
                return .invalid(reason: "needs a number")
            }
            hostProcess = number
        } else if option.isOption("--stdin") {
            guard let file = rest.value(of: option) else { return .invalid(reason: "needs a file") }
            input = file
        } else {
            return .unknown
        }
        return .taken
    }
}
