import CLinux
import RunOnce

private let program: CString = "cat-etc-hosts"

/// The C entry point. SwiftPM has the linker call a module's `MODULE_main` as `main`; Embedded Swift has no
/// `CommandLine` to take the arguments from.
@c(cat_etc_hosts_main)
public func main(
    _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    do {
        return try run(Arguments(arguments + 1), until: Signals.blockStops())
    } catch {
        report(program, error.path, error.reason)
        return 1
    }
}

private func run(_ arguments: Arguments, until signals: Signals) throws(Failure) -> Int32 {
    switch Options(arguments) {
    case .help:
        try Descriptor.standardOutput.write(usage)
        return 0
    case .version:
        try Descriptor.standardOutput.write("cat-etc-hosts ")
        try Descriptor.standardOutput.write(version)
        try Descriptor.standardOutput.write("\n")
        return 0
    case .ready(let stateDirectory):
        return (try? StateDirectory(stateDirectory))?.isReady == true ? 0 : 1
    case .invalid(let argument, let reason):
        report(program, argument, reason)
        return 2
    case .run(let stateDirectory, var operands):
        let file = operands.first ?? "/node/etc/hosts"
        operands.removeFirst()
        if let extra = operands.first {
            report(program, extra, "one FILE is enough (see --help)")
            return 2
        }
        return try runOnce(as: program, in: stateDirectory, until: signals) { () throws(Failure) in
            try signals.endingTheProcess { () throws(Failure) in
                let source = try Descriptor.open(file, O_RDONLY)
                try copy(from: source, to: .standardOutput)
                try source.close()
            }
            return 0
        }
    }
}
