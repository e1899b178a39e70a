/// What a command line asks for: the part that all run-once programs have in common.
public enum Invocation {
    case help
    case version
    /// Tell whether the task that uses this state directory has ended in success.
    case ready(stateDirectory: CString)
    /// Copy the program into this directory.
    case install(directory: CString)
    /// Run the task with these operands.
    case run(stateDirectory: CString, operands: Arguments)
    /// The command line makes no sense: the argument that is wrong, and how.
    case invalid(argument: CString, reason: CString)

    /// What a program makes of an option that not all have in common.
    public enum OwnOption {
        /// It has no such option.
        case unknown
        case taken
        case invalid(reason: CString)
    }

    /// Reads `[--state-dir DIR] [--ready] [--install] [--help] [--version] [--] [OPERAND...]`.
    ///
    /// Options end at the first operand, so that an operand may be a command with options of its own.
    ///
    /// - Parameters:
    ///   - arguments: the command line without the program's name.
    ///   - canInstall: whether there is an option `--install`.
    ///   - own: takes an option that goes with a task's operands, and its value from what follows it.
    public init(
        _ arguments: Arguments, canInstall: Bool,
        own: (_ option: CString, _ rest: inout Arguments) -> OwnOption = { _, _ in .unknown }
    ) {
        var rest = arguments
        var stateDirectory: CString = "/run/run-once"
        var mode: CString?
        var ownOption: CString?
        while let option = rest.first, let letters = option.dropping(prefix: "-"), letters.count > 0 {
            rest.removeFirst()
            if option == "--" { break }
            if option == "--help" { self = .help; return }
            if option == "--version" { self = .version; return }
            if option == "--ready" || canInstall && option == "--install" {
                if let mode, !(mode == option) {
                    self = .invalid(argument: option, reason: mode == "--ready"
                        ? "can't be combined with --ready" : "can't be combined with --install"); return
                }
                mode = option
            } else if option == "--state-dir" {
                guard let value = rest.first else {
                    self = .invalid(argument: option, reason: "needs a directory"); return
                }
                rest.removeFirst()
                stateDirectory = value
            } else if let value = option.dropping(prefix: "--state-dir=") {
                stateDirectory = value
            } else {
                switch own(option, &rest) {
                case .unknown: self = .invalid(argument: option, reason: "unknown option (see --help)"); return
                case .invalid(let reason): self = .invalid(argument: option, reason: reason); return
                case .taken: ownOption = option
                }
            }
        }
        guard let mode else {
            self = .run(stateDirectory: stateDirectory, operands: rest); return
        }
        if let ownOption {
            self = .invalid(argument: ownOption, reason: "goes with what is to run (see --help)"); return
        }
        if mode == "--ready" {
            self = .ready(stateDirectory: stateDirectory)
        } else if let directory = rest.first {
            self = .install(directory: directory)
            rest.removeFirst()
        } else {
            self = .invalid(argument: mode, reason: "needs a directory"); return
        }
        if let extra = rest.first {
            self = .invalid(argument: extra, reason: mode == "--ready"
                ? "--ready takes no operand (see --help)" : "--install takes one directory (see --help)")
        }
    }
}
