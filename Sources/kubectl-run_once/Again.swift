import FoundationEssentials
import Orchestrator

/// Has the nodes run that are not done in the folder of an earlier run, and brings that up to date.
///
/// - Throws: `Refusal.usage` with what does not go with it.
func retry(_ words: Words, _ request: inout Request) throws(Refusal) {
    guard let directory = words.value("retry") else { return }
    for option in ["output-dir", "nodes", "selector"] where words.value(option) != nil {
        throw .usage("--retry takes the nodes from DIR, and writes there what becomes of them: leave out --\(option)")
    }
    if let baseline = words.value("baseline"), resolved(baseline) == resolved(directory) {
        throw .usage("--retry brings DIR up to date, so that nothing is left to compare with: name another --baseline")
    }
    request.outputDirectory = directory
    request.retries = true
}

private func resolved(_ path: String) -> String { URL(filePath: path).resolvingSymlinksInPath().path }

/// What the user typed, to be typed again, as a shell takes it, with other options for where it is run, and where the
/// results go.
///
/// - Parameter excluded: the nodes that --exclude names.
func typedAgain(_ words: Words, _ choice: [String], excluding excluded: [String]) -> String {
    // What was kept still has its name.
    var others = ["nodes", "selector", "output-dir", "retry"] + (words.isSet("keep") ? ["name"] : [])
    var choice = choice
    // Nodes that are chosen by name are none of these.
    if readsPipe(words, "exclude") {
        others.append("exclude")
        if words.value("retry") != nil { choice += ["--exclude", excluded.joined(separator: ",")] }
    }
    let file = words.value("filename")
    let isPiped = file.map(isPassing) ?? false
    if isPiped {
        others.append("filename")
        choice += ["-f", "-"]
    }
    let command = words.command.map { ["--"] + $0 } ?? []
    let line = commandLine(words.operands + choice + words.typed(without: others) + command)
    guard isPiped || words.isSet("stdin") || file == "-" else { return line }
    let input = isPiped ? "" : (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/0")) ?? ""
    // A shell's here-document may be a file that it has deleted: `/tmp/sh-thd.X (deleted)`.
    let isFile = input.hasPrefix("/") && !input.hasPrefix("/dev/") && !input.hasSuffix(" (deleted)")
    return "\(line) < \(isFile ? shellWord(input) : "INPUT")"
}

/// Whether a file may be a pipe, which can't be read again, such as that of `<(…)`.
private func isPassing(_ path: String) -> Bool { path.hasPrefix("/dev/") || path.hasPrefix("/proc/") }

/// The command line for what --dry-run printed, with the options that are not in the manifest.
///
/// - Parameter nodes: as they were read.
func typedForPrinted(_ words: Words, _ nodes: NodeSelection) -> String {
    var (command, others) = (["-f", "-"], Command.inManifest + ["dry-run"])
    for (option, names) in [("nodes", nodes.nodes), ("exclude", nodes.excluded)] where readsPipe(words, option) {
        others.append(option)
        command += ["--\(option)", names.joined(separator: ",")]
    }
    return commandLine(command + words.typed(without: others))
}

/// Whether names of nodes come from a pipe, as in `--exclude @/dev/stdin`.
private func readsPipe(_ words: Words, _ option: String) -> Bool {
    words.pieces(option).contains { $0.hasPrefix("@") && isPassing(String($0.dropFirst())) }
}

extension Words {
    /// The options, to be typed again. No secret goes to a screen.
    func typed(without others: [String] = []) -> [String] {
        options.filter { !(others + Kubectl.secrets).contains($0.flag.name) }.flatMap { flag, value in
            if flag.takesValue && !value.hasPrefix("-") { return ["--\(flag.name)", value] }
            return flag.takesValue || value != "true" ? ["--\(flag.name)=\(value)"] : ["--\(flag.name)"]
        }
    }
}

func commandLine(_ words: [String]) -> String {
    (["kubectl", "run-once"] + words).map(shellWord).joined(separator: " ")
}
