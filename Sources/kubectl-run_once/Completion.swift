import EmbeddedAgents
import Orchestrator

/// What may stand for the last word of a command line that somebody is typing: the answer to `__complete WORD...`,
/// which `kubectl_complete-run_once` asks.
struct Completion: Sendable {
    /// What the shell is to do besides. (ShellCompDirective, https://cobra.dev)
    private static let (files, nothing, folders) = (0, 4, 16)

    /// The options that kubectl knows more of.
    private static let kubectls = Command.kubectls + Command.own.filter { $0.name == "namespace" }

    /// The words after run-once; the last is to be completed.
    let line: [String]

    /// The lines of the answer: what may stand there, each with a tab and its description where there is one, and `:N`,
    /// what the shell is to do besides.
    func answer() async -> [String] {
        let word = line.last ?? ""
        // The parser tells what the word is. It gets in its place one that no command line can hold, after the option's
        // name where that is in the same word.
        let name = word.hasPrefix("-") ? word.firstIndex(of: "=").map { String(word[...$0]) } ?? "" : ""
        let blank = "\0"
        let typed = String(word.dropFirst(name.count))
        let flags = Command.flags.map { flag in
            flag.values.isEmpty ? flag : Flag(flag.name, flag.short, takesValue: false, or: flag.values + [blank])
        }
        // An option that is not there, or a word that is no value: what follows can't be told.
        guard let words = try? Words(line.dropLast() + [name + blank], flags) else { return [":\(Completion.nothing)"] }

        let given = words.options.filter { $0.value != blank }
        let own = given.map(\.flag).filter { !Completion.kubectls.contains($0) }
        let options = given.filter { Completion.kubectls.contains($0.flag) }.map { "--\($0.flag.name)=\($0.value)" }
        let kubectl = Kubectl(options: options)
        let operands = words.operands.filter { $0 != blank }
        let subcommand = operands.first.flatMap { Subcommand(rawValue: $0) }
        var found: Kubectl.Candidates = ([], nil)
        if words.command != nil {
            found.directive = Completion.files
        } else if let option = words.options.last, option.value == blank {
            found = await values(of: option.flag, beginning: typed, subcommand, kubectl)
        } else if word.hasPrefix("-") {
            found.words = await self.options(of: subcommand, beginning: typed, kubectl)
        } else if subcommand == .help, operands.count == 1 {
            found.words = Help.subjects
        } else if subcommand == .delete || subcommand == .attach && operands.count == 1 {
            found.words = await kubectl.runs().filter { !operands.contains($0) }
        } else if operands.isEmpty {
            found.words = Subcommand.allCases.filter { own.allSatisfy($0.takes) }.map(\.rawValue)
        }
        return found.words.filter { $0.hasPrefix(typed) } + [":\(found.directive ?? Completion.nothing)"]
    }

    private func values(
        of flag: Flag, beginning typed: String, _ subcommand: Subcommand?, _ kubectl: Kubectl
    ) async -> Kubectl.Candidates {
        switch flag.name {
        case "output" where subcommand == .list: (["json"], nil)
        case "output": (OutputFormat.allCases.map(\.rawValue), nil)
        case "color": (Color.allCases.map(\.rawValue), nil)
        case "dry-run": (DryRun.allCases.map(\.rawValue), nil)
        case "nodes", "exclude": (afterComma(await kubectl.nodes(), typed), nil)
        case "selector": (afterComma(await kubectl.nodeLabels(), typed), nil)
        case "arch": (EmbeddedAgents.architectures, nil)
        case "filename": ([], Completion.files)
        case "output-dir", "retry", "baseline": ([], Completion.folders)
        case _ where Completion.kubectls.contains(flag): await kubectl.values(of: flag.name, beginning: typed)
        default: ([], nil)
        }
    }

    private func options(of subcommand: Subcommand?, beginning typed: String, _ kubectl: Kubectl) async -> [String] {
        let own = subcommand.map { (Command.own + Subcommand.own).filter($0.takes) } ?? Command.own
        let described = own.filter { !Completion.kubectls.contains($0) }.flatMap { flag in
            flag.forms.map { "\($0)\t\(Help.description(of: flag))" }
        }
        // kubectl may have options that are not known here.
        let known = Completion.kubectls.flatMap(\.forms)
        return described
            + (await kubectl.options(beginning: typed).words).filter { word in
                known.contains { $0 == word.prefix { $0 != "\t" } }
            }
    }

    /// The last one of a list with commas between, behind those that stand there already.
    private func afterComma(_ words: [String], _ typed: String) -> [String] {
        let given = typed.split(separator: ",", omittingEmptySubsequences: false).dropLast()
        return words.filter { word in !given.contains { $0 == word } }.map { word in
            (given.map(String.init) + [word]).joined(separator: ",")
        }
    }
}
