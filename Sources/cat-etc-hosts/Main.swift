import CLinux
import RunOnce

/// The C entry point. SwiftPM has the linker call a module's `MODULE_main` as `main`; Embedded Swift has no
/// `CommandLine` to take the arguments from.
@c(cat_etc_hosts_main)
public func main(
    _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    let program = Program("cat-etc-hosts", usage: usage)
    return program.main(Arguments(arguments + 1)) { operands, stateDirectory, sealing, signals throws(Failure) in
        var operands = operands
        let file = operands.first ?? "/node/etc/hosts"
        operands.removeFirst()
        if let extra = operands.first { return program.refuse(extra, "one argument too many") }
        return try runOnce(as: program, in: stateDirectory, sealing: sealing, until: signals) {
            sealed throws(Failure) in
            try signals.endingTheProcess { () throws(Failure) in
                let source = try Descriptor.open(file, O_RDONLY)
                if let sealed {
                    while try sealed.pointee.take(from: source) {}
                } else {
                    let output = Descriptor.standardOutput()
                    try copy(from: source, to: output)
                    _ = output.keepOpen()
                }
                try source.close()
            }
            return 0
        }
    }
}
