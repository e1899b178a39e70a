import Orchestrator

/// What the first word can be, where there is no COMMAND.
enum Subcommand: String, CaseIterable {
    case hosts, list, attach, delete, help

    /// Options that only subcommands take.
    static let own = [Flag("all-namespaces", "A", takesValue: false)]

    /// The names of the options that only it takes.
    private var options: [String] {
        switch self {
        case .hosts:
            Command.own.map(\.name).filter {
                !["image", "host", "stdin", "filename", "container"].contains($0)
                    && !PodFlags.flags.map(\.name).contains($0)
            }
        case .attach: ["output-dir"] + Presentation.flags.map(\.name)
        case .list: ["all-namespaces", "output"]
        case .delete, .help: []
        }
    }

    /// How its --help begins.
    var usage: String {
        let (words, what) =
            switch self {
            case .hosts: ("[OPTIONS]", "Print every node's /etc/hosts. Nodes that have the same are shown together.")
            case .list: ("[-A] [-o json]", "List the runs that are there, in a table, or for programs with -o json.")
            case .attach: ("NAME [OPTIONS]", "Follow a run, print its results, and leave it as it is.")
            case .delete: ("NAME...", "Delete all of a run, and wait until it is gone.")
            case .help: ("[TOPIC]", "Explain all options, those of a topic, or a subcommand.")
            }
        return "\(what)\n\nUsage:\n  kubectl run-once \(rawValue) \(words)"
    }

    /// Whether an option goes with it, besides kubectl's global options.
    func takes(_ flag: Flag) -> Bool { (options + ["namespace", "help", "version"]).contains(flag.name) }

    /// The subcommand that a command line names; nil where it asks for a run.
    ///
    /// - Parameter everywhere: the options that go with all of them.
    /// - Throws: `Refusal.usage` where it names something else, or has options that do not go with it.
    init?(of words: Words, everywhere: [Flag]) throws(Refusal) {
        guard let word = words.operands.first else {
            if let option = words.options.first(where: { Subcommand.own.contains($0.flag) }) {
                throw .usage("\(option.flag.spelling) goes with list: kubectl run-once list")
            }
            return nil
        }
        guard let subcommand = Subcommand(rawValue: word) else {
            let meant = Subcommand.meant(by: word)
            let hint = meant.map { "did you mean \($0 == .hosts && words.command != nil ? "--host" : $0.rawValue)? " }
            let all = Subcommand.allCases.map(\.rawValue).joined(separator: ", ")
            throw .usage(
                "unexpected argument '\(word)': \(hint ?? "it is none of \(all); ")a COMMAND goes after -- (see --help)"
            )
        }
        self = subcommand
        for (flag, _) in words.options where !everywhere.contains(flag) && !takes(flag) {
            throw .usage("\(flag.spelling) does not go with \(word) (see --help)")
        }
        if words.command != nil { throw .usage("\(word) takes no COMMAND (see --help)") }
    }

    /// The one that a misspelt word means; nil where that is much like none of them.
    static func meant(by word: String) -> Subcommand? {
        closest(to: word, among: allCases.map(\.rawValue)).flatMap(Subcommand.init)
    }

    /// - Throws: `Refusal.usage` where names are missing, or too many.
    func command(_ words: Words, _ place: Place, _ environment: [String: String]) throws(Refusal) -> Command {
        let names = Array(words.operands.dropFirst())
        switch self {
        case .hosts:
            guard names.isEmpty else { throw .usage("hosts takes no NAME: --nodes A,B chooses nodes") }
            return .run(try Command.request(words, environment))
        case .help:
            return .help(try Help.text(about: names))
        case .attach:
            guard names.count == 1 else {
                throw .usage("attach takes the NAME of one run, which kubectl run-once list shows")
            }
            var request = Request()
            request.place = place
            request.outputDirectory = words.value("output-dir")
            try Presentation.apply(words, to: &request)
            return .attach(name: try checked(names[0]), request)
        case .list:
            guard names.isEmpty else { throw .usage("list takes no NAME: kubectl run-once list") }
            guard ["json", nil].contains(words.value("output")) else {
                throw .usage("list prints a table, or JSON with -o json")
            }
            return .list(
                place, inAllNamespaces: words.isSet("all-namespaces"), asJSON: words.value("output") != nil)
        case .delete:
            guard !names.isEmpty else {
                throw .usage("delete takes the NAME of a run, which kubectl run-once list shows")
            }
            return .delete(names: unique(try names.map(checked)), place)
        }
    }

    /// A name becomes part of a path. (RFC 1123)
    private func checked(_ name: String) throws(Refusal) -> String {
        // What kubectl prints and takes.
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let bare = parts.count == 2 && ["daemonset", "daemonset.apps"].contains(parts[0]) ? String(parts[1]) : name
        let isPlain = bare.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-.".contains($0) }
        guard (1...253).contains(bare.count), isPlain, bare.first != ".", bare.first != "-" else {
            throw .usage("\(rawValue): not the name of a run: '\(name)'")
        }
        return bare
    }
}

/// The word that was meant by one that is none; nil where none of them is much like it.
func closest(to word: String, among words: [String]) -> String? {
    let best = words.min { distance($0, word) < distance($1, word) }
    return best.flatMap { distance($0, word) <= min(2, (word.count - 1) / 2) ? $0 : nil }
}

/// How many letters must be put in, left out or changed to make one word of the other.
func distance(_ one: String, _ other: String) -> Int {
    var row = Array(0...other.count)
    for (index, letter) in one.enumerated() {
        var before = row[0]
        row[0] = index + 1
        for (column, another) in other.enumerated() {
            let changed = before + (letter == another ? 0 : 1)
            before = row[column + 1]
            row[column + 1] = min(changed, row[column] + 1, before + 1)
        }
    }
    return row[other.count]
}
