import Seal

/// What a command line asks for: the part that all run-once programs have in common.
public enum Invocation {
    case help
    case version
    /// Tell whether the task that uses this state directory has ended in success, and wait for it so many seconds.
    case ready(stateDirectory: CString, limit: Int)
    /// Write what is kept of the task's result, from this byte on.
    case result(stateDirectory: CString, offset: Int)
    /// Copy the program into this directory.
    case install(directory: CString)
    /// Run the task with these operands, and seal its result where that is asked for.
    case run(stateDirectory: CString, sealing: Sealing?, operands: Arguments)
    /// The command line makes no sense: the argument that is wrong, and how.
    case invalid(argument: CString, reason: CString)

    /// What a program makes of an option that not all have in common.
    public enum OwnOption {
        /// It has no such option.
        case unknown
        case taken
        case invalid(reason: CString)
    }

    /// Reads `[--state-dir DIR] [--seal UID] [--max-result BYTES] [--ready] [--wait SECONDS] [--result] [--from OFFSET]
    /// [--install] [--help] [--version] [--] [OPERAND...]`.
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
        var pod: CString?
        var maximum: Int?
        var limit: Int?
        var offset: Int?
        var mode: CString?
        var ownOption: CString?
        while let option = rest.first, let letters = option.dropping(prefix: "-"), letters.count > 0 {
            rest.removeFirst()
            if option == "--" { break }
            if option == "--help" { self = .help; return }
            if option == "--version" { self = .version; return }
            if option == "--ready" || option == "--result" || canInstall && option == "--install" {
                if let mode, !(mode == option) {
                    self = .invalid(argument: option, reason: mode == "--ready" ? "can't be combined with --ready"
                        : mode == "--result" ? "can't be combined with --result" : "can't be combined with --install")
                    return
                }
                mode = option
            } else if option.isOption("--state-dir") {
                guard let value = rest.value(of: option) else {
                    self = .invalid(argument: option, reason: "needs a directory"); return
                }
                stateDirectory = value
            } else if option.isOption("--seal") {
                pod = rest.value(of: option)
                guard let pod, Seal.isUID(pod.bytes) else {
                    self = .invalid(argument: option, reason: "needs the UID of the pod"); return
                }
                ownOption = option
            } else if option.isOption("--max-result") {
                maximum = rest.value(of: option)?.decimal
                if maximum == nil { self = .invalid(argument: option, reason: "needs a number of bytes"); return }
                ownOption = option
            } else if option.isOption("--from") {
                offset = rest.value(of: option)?.decimal
                if offset == nil { self = .invalid(argument: option, reason: "needs a number of bytes"); return }
            } else if option.isOption("--wait") {
                limit = rest.value(of: option)?.decimal
                if limit == nil { self = .invalid(argument: option, reason: "needs a number of seconds"); return }
            } else {
                switch own(option, &rest) {
                case .unknown: self = .invalid(argument: option, reason: "unknown option (see --help)"); return
                case .invalid(let reason): self = .invalid(argument: option, reason: reason); return
                case .taken: ownOption = option
                }
            }
        }
        if let ownOption, mode != nil {
            self = .invalid(argument: ownOption, reason: "goes with what is to run (see --help)")
        } else if limit != nil && !(mode == "--ready") {
            self = .invalid(argument: "--wait", reason: "goes with --ready (see --help)")
        } else if offset != nil && !(mode == "--result") {
            self = .invalid(argument: "--from", reason: "goes with --result (see --help)")
        } else if maximum != nil && pod == nil {
            self = .invalid(argument: "--max-result", reason: "goes with --seal (see --help)")
        } else if mode == "--install" {
            guard let directory = rest.first else {
                self = .invalid(argument: "--install", reason: "needs a directory"); return
            }
            rest.removeFirst()
            self = .install(directory: directory)
            if let extra = rest.first {
                self = .invalid(argument: extra, reason: "--install takes one directory (see --help)")
            }
        } else if let mode {
            self = mode == "--ready" ? .ready(stateDirectory: stateDirectory, limit: limit ?? 0)
                : .result(stateDirectory: stateDirectory, offset: offset ?? 0)
            if let extra = rest.first {
                self = .invalid(argument: extra, reason: mode == "--ready"
                    ? "--ready takes no operand (see --help)" : "--result takes no operand (see --help)")
            }
        } else {
            let sealing = pod.map { Sealing(pod: $0, maximum: maximum ?? Sealing.defaultMaximum) }
            self = .run(stateDirectory: stateDirectory, sealing: sealing, operands: rest)
        }
    }
}

extension CString? {
    fileprivate static func == (left: CString?, right: CString) -> Bool {
        left.map { $0 == right } ?? false
    }
}
