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
    ///   - run: runs the task with its operands, see `runOnce`, and returns the exit status.
    /// - Returns: the exit status for the process: 1 where something failed, 2 for wrong usage.
    public func main(
        _ arguments: Arguments, install: ((CString) throws(Failure) -> Void)? = nil,
        option: (CString, inout Arguments) -> Invocation.OwnOption = { _, _ in .unknown },
        run: (_ operands: Arguments, _ stateDirectory: CString, Sealing?, Signals) throws(Failure) -> Int32
    ) -> Int32 {
        do throws(Failure) {
            let signals = try Signals.blockAll()
            let invocation: Invocation
            do throws(WrongUsage) {
                invocation = try Invocation(arguments, canInstall: install != nil, own: option)
            } catch {
                return refuse(error.argument, error.reason)
            }
            switch invocation {
            case .help:
                try Descriptor.standardOutput().write(usage)
            case .version:
                let output = Descriptor.standardOutput()
                let line: InlineArray<4, CString> = [name, " ", CString(stringLiteral: programVersion), "\n"]
                for index in line.indices { try output.write(line[index]) }
            case .ready(let path, let limit):
                guard let state = try? StateDirectory(path) else { return 1 }
                let isReady = limit == 0 ? state.isReady : state.waitUntilReady(UInt32(clamping: limit), signals)
                return isReady ? 0 : 1
            case .result(let path, let offset):
                return try writeResult(of: path, from: offset)
            case .install(let directory):
                try install?(directory)
            case .run(let directory, let sealing, let operands):
                return try run(operands, directory, sealing, signals)
            }
            return 0
        } catch {
            report(error)
            return 1
        }
    }

    /// Writes what is kept, and then the seal, where the task has ended.
    ///
    /// - Returns: the exit status.
    private func writeResult(of path: CString, from offset: Int) throws(Failure) -> Int32 {
        let state = try StateDirectory(path)
        let output = Descriptor.standardOutput()
        guard try state.writeResult(to: output, from: offset) else {
            report(path, "no result is there as its seal says")
            return 1
        }
        try output.close()
        return 0
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

    @inline(never)  // or else it is in the program many times
    func report(_ failure: Failure) {
        report(failure.subject, reason(failure.code))
    }
}
