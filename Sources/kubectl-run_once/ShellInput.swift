/// The name of a program, without the path to it.
func programName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

let shells: Set = ["sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"]

/// The shell of a command that would read what it does from standard input; nil where the command is none such.
///
/// A COMMAND has no standard input on the nodes: such a shell does nothing, and succeeds.
/// (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/sh.html)
func shellThatReadsStandardInput(_ command: [String]) -> String? {
    var words = command[...]
    guard var shell = words.popFirst().map(programName) else { return nil }
    if shell == "busybox", let applet = words.popFirst() { shell = applet }
    guard shells.contains(shell) else { return nil }
    while let word = words.first, word.hasPrefix("-") || word.hasPrefix("+") {
        words = words.dropFirst()
        if word == "--" || word == "-" { break }
        if word.hasPrefix("--") {
            if ["--version", "--help"].contains(word) { return nil }
            if ["--rcfile", "--init-file"].contains(word) { words = words.dropFirst() }
            continue
        }
        if word.contains("c") { return nil }
        if word.contains("s") { return shell }
        // `-o NAME` sets an option by its name.
        if word.last == "o" || word.last == "O" { words = words.dropFirst() }
    }
    return words.isEmpty ? shell : nil  // else it begins with a script's name
}
