import Version

/// A run-once program, and what all of them do alike: read the command line, answer the questions in it, and
/// tell why something failed.
public struct Program: Sendable {
    /// The name that starts each line on standard error.
    public let name: CString
    private let usage: CString

    /// - Parameters:
    ///   - name: the program's name.
    ///   - usage: what `--help` prints.
    public init(_ name: CString, usage: CString) {
        self.name = name
        self.usage = usage
    }

    /// Does what the command line asks for.
    ///
    /// - Parameters:
    ///   - arguments: the command line without the program's name.
    ///   - install: copies the program into a directory; nil where there is no option `--install`.
    ///   - option: takes the program's own options, see `Invocation`.
    ///   - run: runs the task with its operands and its state directory, see `runOnce`, and returns the exit status.
    /// - Returns: the exit status for the process: 1 where something failed, 2 for wrong usage.
    public func main(
        _ arguments: Arguments, install: ((CString) throws(Failure) -> Void)? = nil,
        option: (CString, inout Arguments) -> Invocation.OwnOption = { _, _ in .unknown },
        run: (_ operands: Arguments, _ stateDirectory: CString, Signals) throws(Failure) -> Int32
    ) -> Int32 {
        do {
            let signals = try Signals.blockAll()
            switch Invocation(arguments, canInstall: install != nil, own: option) {
            case .help:
                try Descriptor.standardOutput().write(usage)
            case .version:
                let output = Descriptor.standardOutput()
                try output.write(name)
                try output.write(" ")
                try output.write(CString(stringLiteral: programVersion))
                try output.write("\n")
            case .ready(let directory):
                let isReady = try? StateDirectory(directory).isReady
                return isReady == true ? 0 : 1
            case .install(let directory):
                try install?(directory)
            case .run(let directory, let operands):
                return try run(operands, directory, signals)
            case .invalid(let argument, let reason):
                return refuse(argument, reason)
            }
            return 0
        } catch {
            report(error)
            return 1
        }
    }

    /// Says what is wrong with the command line.
    ///
    /// - Returns: the exit status for that.
    public func refuse(_ argument: CString, _ reason: CString) -> Int32 {
        report(argument, reason)
        return 2
    }

    func report(_ subject: CString, _ reason: CString) {
        RunOnce.report(name, subject, reason)
    }

    func report(_ failure: Failure) {
        report(failure.subject, failure.reason)
    }
}
