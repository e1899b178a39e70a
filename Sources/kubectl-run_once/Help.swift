import Orchestrator
import System

/// What --help and `help` print, and what completion says of an option: all of it is taken from Usage.swift.
enum Help {
    /// Where the text of an option begins.
    private static let column = 26

    private static var topics: [(name: String, text: String)] {
        options.split(separator: "\n\n").map { part in
            (String(part.prefix { $0 != ")" }.split(separator: " ").last ?? ""), String(part))
        }
    }

    /// What can be asked about.
    static var subjects: [String] { topics.map(\.name) + Subcommand.allCases.map(\.rawValue) }

    /// - Parameter words: what is asked about: nothing, a topic, or a subcommand.
    /// - Throws: `Refusal.usage` where nothing is known of it.
    static func text(about words: [String]) throws(Refusal) -> String {
        guard let word = words.first else { return "\(overview)\n\n\(options)" }
        if let topic = topics.first(where: { $0.name == word }) { return topic.text }
        if let subcommand = Subcommand(rawValue: word) { return subcommand == .help ? overview : text(of: subcommand) }
        throw .usage("no help on '\(word)': there is help on \(subjects.dropLast().joined(separator: ", "))")
    }

    private static func text(of subcommand: Subcommand) -> String {
        let forms = overview.split(separator: "\n").filter { $0.hasPrefix("  kubectl run-once ") }
        let usage = forms.first { $0.contains(" \(subcommand.rawValue) ") } ?? ""
        let flags = (Command.own + Subcommand.own).filter(subcommand.takes)
        // The formats of results are none of a list.
        let options = flags.filter { subcommand != .list || $0.name != "output" }.flatMap(lines)
        return """
            Usage:
            \(usage)

            Options, besides kubectl's global ones:
            \(options.joined(separator: "\n"))
            """
    }

    /// What --help says of an option, in one line; nothing where that does not list it.
    static func description(of flag: Flag) -> String {
        let lines = lines(of: flag).map { $0.drop { $0 == " " } }
        guard let entry = lines.first else { return "" }
        // Two spaces or more are before the text.
        let first = entry.firstRange(of: "  ").map { entry[$0.upperBound...].drop { $0 == " " } }
        return ([first].compactMap(\.self) + lines.dropFirst()).joined(separator: " ")
    }

    /// The lines of --help that an option has.
    private static func lines(of flag: Flag) -> [Substring] {
        let listed = flag.forms.reversed().joined(separator: ", ")
        let lines = options.split(separator: "\n", omittingEmptySubsequences: false)
        let start = lines.firstIndex { line in
            let entry = line.prefix(column).drop { $0 == " " }
            return entry == listed || entry.hasPrefix(listed + " ")
        }
        guard let start else { return [] }
        return [lines[start]]
            + lines[(start + 1)...].prefix { !$0.isEmpty && $0.prefix(column).allSatisfy { $0 == " " } }
    }
}
