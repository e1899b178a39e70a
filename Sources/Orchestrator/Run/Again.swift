/// What the user typed, to be typed again for the nodes that are not done.
public struct Again: Sendable {
    /// The options, but for those that say on which nodes it runs, and where results go.
    public var options: [String]
    public var command: [String]?
    /// The file that was read on standard input.
    public var input: String?

    public init(options: [String], command: [String]?) {
        (self.options, self.command) = (options, command)
    }

    /// The whole command, as a shell takes it.
    ///
    /// - Parameter choice: the option that says on which nodes, and its value.
    func line(_ choice: [String]) -> String {
        let words = ["kubectl", "run-once"] + choice + options + (command.map { ["--"] + $0 } ?? [])
        return (words.map(shellWord) + (input.map { ["<", shellWord($0)] } ?? [])).joined(separator: " ")
    }
}
