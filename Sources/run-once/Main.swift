import RunOnce

let program = Program("run-once", usage: usage)

/// The C entry point. SwiftPM has the linker call a module's `MODULE_main` as `main`; Embedded Swift has no
/// `CommandLine` to take the arguments from.
@c(run_once_main)
public func main(
    _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    var options = Options()
    return program.main(
        Arguments(arguments + 1), install: installProgram, option: { options.take($0, &$1) }
    ) { words, stateDirectory, sealing, signals throws(Failure) in
        guard words.first != nil else { return program.refuse("COMMAND", "is missing (see --help)") }
        return try runOnce(as: program, in: stateDirectory, sealing: sealing, until: signals) {
            sealed throws(Failure) in
            var command = Command(words, options, signals, sealed)
            return try command.run()
        }
    }
}
