import Orchestrator

/// A command that takes its own node down.
///
/// A node that is shut down in good order ends its pods, which the cluster makes anew when it is back: without
/// scheduling gates the new pod would take it down again, without end.
/// (https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/)
enum Reboot {
    /// - Throws: `Refusal.usage` where such a command would run on nodes that are started twice.
    static func check(_ words: Words) throws(Refusal) {
        guard words.isSet("host"), words.value("parallel") == nil, let command = words.command,
            let word = Reboot.word(in: command)
        else { return }
        throw .usage(
            """
            \(word) takes the node down, its pod is made anew when it is back, and would do so again and again: \
            --parallel 1 starts no node twice (Kubernetes 1.27)
            """)
    }

    private static let programs: Set = ["reboot", "shutdown", "poweroff", "halt"]
    private static let verbs: Set = ["reboot", "poweroff", "halt", "kexec", "soft-reboot"]
    /// What a command may stand behind: `if CONDITION; then reboot; fi`.
    private static let leading: Set = ["then", "else", "do", "if", "exec", "sudo", "nohup", "!"]

    /// The word that takes the node down; nil where there is none that could be seen.
    static func word(in words: [String]) -> String? {
        let command = Array(words.drop(while: leading.contains))
        guard let first = command.first else { return nil }
        let program = programName(first)
        if programs.contains(program) {
            // Takes back what was asked for.
            return program == "shutdown" && command.contains("-c") ? nil : program
        }
        if program == "systemctl" { return command.first(where: verbs.contains).map { "systemctl \($0)" } }
        // As -c, -ec or -lc.
        let option = command.firstIndex { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.hasSuffix("c") }
        guard shells.contains(program), let option, option + 1 < command.count else { return nil }
        let commands = command[option + 1].split { ";&|\n(){}".contains($0) }
        return commands.lazy.compactMap { word(in: $0.split(whereSeparator: \.isWhitespace).map(String.init)) }.first
    }
}
