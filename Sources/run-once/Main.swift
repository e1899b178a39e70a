import RunOnce

let program: CString = "run-once"

/// The C entry point. SwiftPM has the linker call a module's `MODULE_main` as `main`; Embedded Swift has no
/// `CommandLine` to take the arguments from.
@c(run_once_main)
public func main(
    _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    do {
        return try run(Arguments(arguments + 1), until: Signals.blockAll())
    } catch {
        report(program, error.path, error.reason)
        return 1
    }
}

private func run(_ arguments: Arguments, until signals: Signals) throws(Failure) -> Int32 {
    var arguments = arguments
    if let first = arguments.first, first == "--install" {
        arguments.removeFirst()
        return try install(arguments)
    }
    switch Options(arguments) {
    case .help:
        try Descriptor.standardOutput.write(usage)
        return 0
    case .version:
        try Descriptor.standardOutput.write(program)
        try Descriptor.standardOutput.write(" ")
        try Descriptor.standardOutput.write(version)
        try Descriptor.standardOutput.write("\n")
        return 0
    case .ready(let stateDirectory):
        return (try? StateDirectory(stateDirectory))?.isReady == true ? 0 : 1
    case .invalid(let argument, let reason):
        report(program, argument, reason)
        return 2
    case .run(let stateDirectory, let command):
        guard command.first != nil else {
            report(program, "COMMAND", "is missing (see --help)")
            return 2
        }
        return try runOnce(as: program, in: stateDirectory, until: signals) { () throws(Failure) in
            try Command(command, signals).run()
        }
    }
}

private func install(_ arguments: Arguments) throws(Failure) -> Int32 {
    var rest = arguments
    guard let directory = rest.first else {
        report(program, "--install", "needs a directory")
        return 2
    }
    rest.removeFirst()
    if let extra = rest.first {
        report(program, extra, "--install takes one directory (see --help)")
        return 2
    }
    try installProgram(in: directory)
    return 0
}
