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
    /// - Throws: `WrongUsage` where the command line makes no sense.
    public init(
        _ arguments: Arguments, canInstall: Bool,
        own: (_ option: CString, _ rest: inout Arguments) -> OwnOption = { _, _ in .unknown }
    ) throws(WrongUsage) {
        var rest = arguments
        var stateDirectory: CString = "/run/run-once"
        var pod: CString?
        var maximum: Int?
        var limit: Int?
        var offset: Int?
        var mode = Mode.run
        var ownOption: CString?
        while let option = rest.first, let letters = option.dropping(prefix: "-"), letters.start.pointee != 0 {
            rest.removeFirst()
            if option == "--" { break }
            if option == "--help" { self = .help; return }
            if option == "--version" { self = .version; return }
            if option == "--ready" {
                try mode.become(.ready, by: option)
            } else if option == "--result" {
                try mode.become(.result, by: option)
            } else if canInstall && option == "--install" {
                try mode.become(.install, by: option)
            } else if option.isOption("--state-dir") {
                stateDirectory = try rest.value(of: option, orSay: "needs a directory")
            } else if option.isOption("--seal") {
                let uid = try rest.value(of: option, orSay: Self.noUID)
                guard Seal.isUID(uid.bytes) else { throw WrongUsage(option, Self.noUID) }
                pod = uid
                ownOption = option
            } else if option.isOption("--max-result") {
                maximum = try rest.number(of: option, orSay: Self.noNumber)
                ownOption = option
            } else if option.isOption("--from") {
                offset = try rest.number(of: option, orSay: Self.noNumber)
            } else if option.isOption("--wait") {
                limit = try rest.number(of: option, orSay: Self.noNumber)
            } else {
                switch own(option, &rest) {
                case .unknown: throw WrongUsage(option, "unknown option (see --help)")
                case .invalid(let reason): throw WrongUsage(option, reason)
                case .taken: ownOption = option
                }
            }
        }
        if let ownOption, mode != .run { throw WrongUsage(ownOption, "goes with what is to run (see --help)") }
        if limit != nil && mode != .ready { throw WrongUsage("--wait", "needs --ready") }
        if offset != nil && mode != .result { throw WrongUsage("--from", "needs --result") }
        switch mode {
        case .run:
            if maximum != nil && pod == nil { throw WrongUsage("--max-result", "needs --seal") }
            let sealing = pod.map { Sealing(pod: $0, maximum: maximum ?? Sealing.defaultMaximum) }
            self = .run(stateDirectory: stateDirectory, sealing: sealing, operands: rest)
            return
        case .ready: self = .ready(stateDirectory: stateDirectory, limit: limit ?? 0)
        case .result: self = .result(stateDirectory: stateDirectory, offset: offset ?? 0)
        case .install: self = .install(directory: try rest.value(of: "--install", orSay: "needs a directory"))
        }
        if let extra = rest.first { throw WrongUsage(extra, "one argument too many") }
    }

    private static var noUID: CString { "needs the UID of the pod" }
    private static var noNumber: CString { "needs a number" }
}

/// A command line that makes no sense: the argument that is wrong, and how.
public struct WrongUsage: Error {
    let argument: CString
    let reason: CString

    public init(_ argument: CString, _ reason: CString) {
        self.argument = argument
        self.reason = reason
    }
}

/// What a program is to do, as one option says.
private enum Mode {
    case run
    case ready
    case result
    case install

    mutating func become(_ mode: Mode, by option: CString) throws(WrongUsage) {
        guard self == .run || self == mode else {
            throw WrongUsage(option, "can't be combined (see --help)")
        }
        self = mode
    }
}

extension Arguments {
    fileprivate mutating func value(of option: CString, orSay reason: CString) throws(WrongUsage) -> CString {
        guard let value = value(of: option) else { throw WrongUsage(option, reason) }
        return value
    }

    fileprivate mutating func number(of option: CString, orSay reason: CString) throws(WrongUsage) -> Int {
        guard let number = value(of: option)?.decimal else { throw WrongUsage(option, reason) }
        return number
    }
}
