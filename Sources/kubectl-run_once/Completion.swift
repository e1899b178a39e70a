import EmbeddedAgents
import Orchestrator

/// What may stand for the last word of a command line that somebody is typing: the answer to `__complete WORD...`,
/// which `kubectl_complete-run_once` asks.
struct Completion: Sendable {
    /// What is known here: a word, and where there is one a tab and its description.
    private var candidates: [String] = []
    /// Who knows more.
    private var source = Source.nobody
    private var directive = Directive.nothing.rawValue
    /// What has been typed of it.
    private let typed: String
    /// kubectl's options in the words before.
    private let options: [String]
    private let operands: [String]

    private enum Source { case nobody, kubectlsOptions, kubectlsValues(Flag), runs, nodes, labels }

    /// What the shell is to do besides. (ShellCompDirective, https://cobra.dev)
    private enum Directive: Int { case files = 0, nothing = 4, folders = 16 }

    /// The options that kubectl knows more of.
    private static let kubectls = Command.kubectls + Command.own.filter { $0.name == "namespace" }

    /// - Parameter line: the words after run-once; the last is to be completed.
    init(_ line: [String]) {
        let word = line.last ?? ""
        // The parser tells what the word is. It gets in its place one that no command line can hold, after the option's
        // name where that is in the same word.
        let name = word.hasPrefix("-") ? word.firstIndex(of: "=").map { String(word[...$0]) } ?? "" : ""
        let blank = "\0"
        typed = String(word.dropFirst(name.count))
        let flags = (Command.own + Command.kubectls + Subcommand.own).map { flag in
            flag.values.isEmpty ? flag : Flag(flag.name, flag.short, takesValue: false, or: flag.values + [blank])
        }
        let words = try? Words(line.dropLast() + [name + blank], flags)
        let given = words?.options.filter { $0.value != blank } ?? []
        options = given.filter { Completion.kubectls.contains($0.flag) }.map { "--\($0.flag.name)=\($0.value)" }
        operands = words?.operands.filter { $0 != blank } ?? []
        // An option that is not there, or a word that is no value: what follows can't be told.
        guard let words else { return }

        let subcommand = operands.first.flatMap { Subcommand(rawValue: $0) }
        if words.command != nil {
            directive = Directive.files.rawValue
        } else if let option = words.options.last, option.value == blank {
            addValues(of: option.flag)
        } else if word.hasPrefix("-") {
            addOptions(of: subcommand)
        } else if let subcommand {
            if subcommand == .help, operands.count == 1 { candidates = Help.subjects }
            if subcommand == .delete || (subcommand == .attach && operands.count == 1) { source = .runs }
        } else if operands.isEmpty {
            let own = given.map(\.flag).filter { !Completion.kubectls.contains($0) }
            candidates = Subcommand.allCases.filter { own.allSatisfy($0.takes) }.map(\.rawValue)
        }
    }

    private mutating func addValues(of flag: Flag) {
        switch flag.name {
        case "output" where operands.first == "list": candidates = ["json"]
        case "output": candidates = OutputFormat.allCases.map(\.rawValue)
        case "color": candidates = Color.allCases.map(\.rawValue)
        case "dry-run": candidates = DryRun.allCases.map(\.rawValue)
        case "nodes", "exclude": source = .nodes
        case "selector": source = .labels
        case "arch": candidates = EmbeddedAgents.architectures
        case "filename": directive = Directive.files.rawValue
        case "output-dir", "retry", "baseline": directive = Directive.folders.rawValue
        default: if Completion.kubectls.contains(flag) { source = .kubectlsValues(flag) }
        }
    }

    private mutating func addOptions(of subcommand: Subcommand?) {
        let flags = subcommand.map { (Command.own + Subcommand.own).filter($0.takes) } ?? Command.own
        for flag in flags where !Completion.kubectls.contains(flag) {
            let description = Help.description(of: flag)
            candidates += flag.forms.map { "\($0)\t\(description)" }
        }
        source = .kubectlsOptions
    }

    /// The lines of the answer: what may stand there, one a line, and `:N`, what the shell is to do besides.
    func answer() async -> [String] {
        var (candidates, directive) = (candidates, directive)
        let kubectl = Kubectl(options: options)
        switch source {
        case .nobody: break
        case .runs: candidates += await kubectl.runs().filter { !operands.contains($0) }
        case .nodes: candidates += afterComma(await kubectl.nodes())
        case .labels: candidates += afterComma(await kubectl.nodeLabels())
        case .kubectlsValues(let flag):
            let values = await kubectl.values(of: flag.name, beginning: typed)
            candidates += values.words
            directive = values.directive ?? directive
        case .kubectlsOptions:
            // It may have options that are not known here.
            let known = Completion.kubectls.flatMap(\.forms)
            candidates += await kubectl.options(beginning: typed).words.filter { word in
                known.contains { $0 == word.prefix { $0 != "\t" } }
            }
        }
        return candidates.filter { $0.hasPrefix(typed) } + [":\(directive)"]
    }

    /// The last one of a list with commas between, behind those that stand there already.
    private func afterComma(_ words: [String]) -> [String] {
        let given = typed.split(separator: ",", omittingEmptySubsequences: false).dropLast()
        return words.filter { word in !given.contains { $0 == word } }.map { word in
            (given.map(String.init) + [word]).joined(separator: ",")
        }
    }
}
