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
            Command.own.filter { !PodFlags.flags.contains($0) }.map(\.name).filter {
                !["image", "host", "stdin", "filename", "container"].contains($0)
            }
        case .attach: ["output-dir"] + Presentation.flags.map(\.name)
        case .list: ["all-namespaces", "output"]
        case .delete, .help: []
        }
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
        guard bare.count <= 253, bare.wholeMatch(of: /[a-z0-9][a-z0-9.-]*/) != nil else {
            throw .usage("\(rawValue): not the name of a run: '\(name)'")
        }
        return bare
    }
}

/// The word that was meant by one that is none; nil where none of them is much like it.
func closest(to word: String, among words: [String]) -> String? {
    /// How many letters must be put in, left out, changed or moved.
    func distance(_ other: String) -> Int {
        let difference = word.difference(from: other)
        return max(difference.insertions.count, difference.removals.count)
    }
    // Nobody mistypes so much, such as a whole script, and to compare it would take minutes.
    guard word.count < 50 else { return nil }
    return words.min { distance($0) < distance($1) }.flatMap { distance($0) <= min(2, (word.count - 1) / 2) ? $0 : nil }
}
