import Orchestrator

/// What a COMMAND is taken for that stands without `--`, or in one word: the line is told as it was meant.
enum Dashes {
    /// - Throws: `Refusal.usage` with the corrected line.
    static func check(_ arguments: [String]) throws(Refusal) {
        for (index, word) in arguments.enumerated() {
            // Up to an option whose value comes, or that is none, it is no command line.
            let words = try? Words(Array(arguments[...index]), Command.own + Command.kubectls + Subcommand.own)
            guard let words else { continue }
            let names = words.value("image") != nil || words.isSet("host")
            if word == "--" {
                let command = Array(arguments[(index + 1)...])
                guard names, command.count == 1, command[0].contains(" ") else { return }
                let meant = corrected(arguments[..<index], ["sh", "-c"] + command)
                throw .usage("no program is called '\(command[0])':\n\(meant)")
            }
            guard let operand = words.operands.first else { continue }
            guard names, Subcommand(rawValue: operand) == nil else { return }
            throw .usage("a COMMAND goes after --:\n\(corrected(arguments[..<index], Array(arguments[index...])))")
        }
    }

    private static func corrected(_ options: ArraySlice<String>, _ command: [String]) -> String {
        // A password is not to be seen once more.
        let secrets = ["--token", "--password"]
        let shown = options.filter { word in !secrets.contains { word.hasPrefix($0) } }
        return "kubectl run-once " + (shown + ["--"] + command).map(shellWord).joined(separator: " ")
    }
}
