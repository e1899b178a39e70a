/// What a command line asks for: the part that all run-once programs have in common.
public enum Options {
    case help
    case version
    /// Tell whether the task that uses this state directory has ended in success.
    case ready(stateDirectory: CString)
    /// Run the task with these operands.
    case run(stateDirectory: CString, operands: Arguments)
    /// The command line makes no sense: the argument that is wrong, and how.
    case invalid(argument: CString, reason: CString)

    /// Reads `[--state-dir DIR] [--ready] [--help] [--version] [--] [OPERAND...]`.
    ///
    /// Options end at the first operand, so that an operand may be a command with options of its own.
    ///
    /// - Parameter arguments: the command line without the program's name.
    public init(_ arguments: Arguments) {
        var rest = arguments
        var stateDirectory: CString = "/run/run-once"
        var isProbe = false
        while let argument = rest.first, let option = argument.dropping(prefix: "-"), option.count > 0 {
            rest.removeFirst()
            if argument == "--" { break }
            if argument == "--help" { self = .help; return }
            if argument == "--version" { self = .version; return }
            if argument == "--ready" {
                isProbe = true
            } else if argument == "--state-dir" {
                guard let value = rest.first else {
                    self = .invalid(argument: argument, reason: "needs a directory"); return
                }
                rest.removeFirst()
                stateDirectory = value
            } else if let value = argument.dropping(prefix: "--state-dir=") {
                stateDirectory = value
            } else {
                self = .invalid(argument: argument, reason: "unknown option (see --help)"); return
            }
        }
        guard isProbe else {
            self = .run(stateDirectory: stateDirectory, operands: rest); return
        }
        if let operand = rest.first {
            self = .invalid(argument: operand, reason: "--ready takes no operand (see --help)")
        } else {
            self = .ready(stateDirectory: stateDirectory)
        }
    }
}
