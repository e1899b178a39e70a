import Orchestrator

/// An option, as kubectl spells it.
struct Flag: Equatable {
    let name: String
    let short: Character?
    let takesValue: Bool
    /// What it may be besides true and false, where it takes no value.
    let values: [String]

    init(_ name: String, _ short: Character? = nil, takesValue: Bool = true, or values: [String] = []) {
        self.name = name
        self.short = short
        self.takesValue = takesValue
        self.values = values
    }

    /// The ways to write it.
    var forms: [String] { ["--\(name)"] + (short.map { ["-\($0)"] } ?? []) }

    /// For messages: how the user would write it.
    var spelling: String { forms.reversed().joined(separator: "/") }
}

/// A command line taken apart: options with their values, words that are none, and the words after `--`.
struct Words {
    private(set) var options: [(flag: Flag, value: String)] = []
    /// The words that are no options.
    private(set) var operands: [String] = []
    /// The words after `--`; nil where there is none.
    private(set) var command: [String]?

    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - flags: all that are known.
    /// - Throws: `Refusal.usage` with what is wrong.
    init(_ arguments: [String], _ flags: [Flag]) throws(Refusal) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--" {
                command = Array(rest)
                return
            } else if word.hasPrefix("--") {
                try takeLong(word.dropFirst(2), &rest, flags)
            } else if word.hasPrefix("-"), word != "-" {
                try takeShort(word.dropFirst(), &rest, flags)
            } else {
                operands.append(word)
            }
        }
    }

    private mutating func takeLong(
        _ word: Substring, _ rest: inout ArraySlice<String>, _ flags: [Flag]
    ) throws(Refusal) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let flag = flags.first(where: { $0.name == parts[0] }) else {
            if parts[0] == "all", operands.first == "delete" {
                throw .usage("delete takes names, and not --all: kubectl run-once list shows them")
            }
            let meant = closest(to: String(parts[0]), among: flags.map(\.name))
            let hint = meant.map { "did you mean --\($0)? " } ?? ""
            throw .usage("unknown option --\(parts[0]) (\(hint)see --help)")
        }
        try take(flag, parts.count == 2 ? String(parts[1]) : nil, &rest)
    }

    /// `-f FILE`, `-fFILE`, `-f=FILE`, and several without values in one word.
    private mutating func takeShort(
        _ word: Substring, _ rest: inout ArraySlice<String>, _ flags: [Flag]
    ) throws(Refusal) {
        // A reflex, of kubectl exec.
        if ["it", "ti"].contains(word) {
            throw .usage("-\(word): -t is --timeout, and there is no terminal: -i alone passes standard input on")
        }
        var word = word
        while let letter = word.popFirst() {
            guard let flag = flags.first(where: { $0.short == letter }) else {
                throw .usage("unknown option -\(letter) (see --help)")
            }
            let hasValue = word.first == "=" || (flag.takesValue && !word.isEmpty)
            let value = hasValue ? String(word.first == "=" ? word.dropFirst() : word) : nil
            try take(flag, value, &rest)
            if hasValue { return }
        }
    }

    private mutating func take(
        _ flag: Flag, _ given: String?, _ rest: inout ArraySlice<String>
    ) throws(Refusal) {
        if flag.takesValue {
            // The -- before a COMMAND is no value, nor is the next option.
            let next = rest.first?.hasPrefix("--") == true ? nil : rest.first
            if given == nil, next != nil { rest.removeFirst() }
            guard let value = given ?? next, !value.isEmpty else {
                throw .usage("\(flag.spelling) needs a value (see --help)")
            }
            options.append((flag, value))
        } else {
            let value = given ?? "true"
            if flag.values.contains(value) { return options.append((flag, value)) }
            let words = ["true", "false", "1", "0", "t", "f", "T", "F", "TRUE", "FALSE", "True", "False"]
            guard words.contains(value) else {
                let all = (flag.values + ["true"]).joined(separator: ", ")
                throw .usage("\(flag.spelling) is \(all) or false, not '\(value)' (see --help)")
            }
            options.append((flag, "1tT".contains(value.prefix(1)) ? "true" : "false"))
        }
    }

    /// The last value of an option.
    func value(_ name: String) -> String? { options.last { $0.flag.name == name }?.value }

    /// All values of an option that may be given several times.
    func values(_ name: String) -> [String] { options.filter { $0.flag.name == name }.map(\.value) }

    /// What is between commas; an option that is given several times adds up.
    func pieces(_ name: String) -> [String] {
        values(name).flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map(String.init)
    }

    /// Whether a boolean option is set.
    func isSet(_ name: String) -> Bool { value(name) == "true" }
}
