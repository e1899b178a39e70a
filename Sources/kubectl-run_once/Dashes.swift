import Orchestrator

/// Tells a COMMAND that stands without `--`, or in one word: the line is told as it was meant.
///
/// - Throws: `Refusal.usage` with the corrected line.
func checkDashes(_ arguments: [String]) throws(Refusal) {
    for (index, word) in arguments.enumerated() {
        // Up to an option whose value comes, or that is none, it is no command line.
        guard let words = try? Words(Array(arguments[...index]), Command.flags) else { continue }
        let names = words.value("image") != nil || words.isSet("host")
        if word == "--" {
            let command = Array(arguments[(index + 1)...])
            guard names, command.count == 1, command[0].contains(" ") else { return }
            let meant = commandLine(words.typed() + ["--", "sh", "-c"] + command)
            throw .usage("no program is called '\(command[0])':\n\(meant)")
        }
        guard let operand = words.operands.first else { continue }
        guard Subcommand(rawValue: operand) == nil else { return }
        let command = Array(arguments[index...])
        if names { throw .usage("a COMMAND goes after --:\n\(commandLine(words.typed() + ["--"] + command))") }
        let isCommand = command.count > 1 && !command.contains("--") && words.value("filename") == nil
        guard isCommand, Subcommand.meant(by: operand) == nil else { return }
        let meant = commandLine(words.typed() + ["--image", "IMAGE", "--"] + command)
        throw .usage("a COMMAND needs an --image to run in, or --host, and goes after --:\n\(meant)")
    }
}
