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
            guard Subcommand(rawValue: operand) == nil else { return }
            let (options, command) = (arguments[..<index], Array(arguments[index...]))
            if names { throw .usage("a COMMAND goes after --:\n\(corrected(options, command))") }
            let isCommand = command.count > 1 && !command.contains("--") && words.value("filename") == nil
            guard isCommand, Subcommand.meant(by: operand) == nil else { return }
            let meant = corrected(options + ["--image", "IMAGE"], command)
            throw .usage("a COMMAND needs an --image to run in, or --host, and goes after --:\n\(meant)")
        }
    }

    private static func corrected(_ options: ArraySlice<String>, _ command: [String]) -> String {
        // A password is not to be seen once more.
        let secrets = Kubectl.secrets.map { "--\($0)" }
        var (shown, isValue): ([String], Bool) = ([], false)
        for word in options {
            if !isValue && !secrets.contains(where: word.hasPrefix) { shown.append(word) }
            isValue = !isValue && secrets.contains(word)
        }
        return "kubectl run-once " + (shown + ["--"] + command).map(shellWord).joined(separator: " ")
    }
}
