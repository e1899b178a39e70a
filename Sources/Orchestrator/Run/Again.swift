/// What the user typed, to be typed again for the nodes that are not done.
public struct Again: Sendable {
    /// The options, but for those that say on which nodes it runs, and where results go.
    public var options: [String]
    /// The word that is neither an option nor in the COMMAND, such as `hosts`.
    public var operands: [String]
    public var command: [String]?
    /// The file that was read on standard input.
    public var input: String?

    public init(options: [String], operands: [String] = [], command: [String]?) {
        (self.options, self.operands, self.command) = (options, operands, command)
    }

    /// The whole command, as a shell takes it.
    ///
    /// - Parameter choice: the option that says on which nodes, and its value.
    func line(_ choice: [String]) -> String {
        let words = ["kubectl", "run-once"] + operands + choice + options + (command.map { ["--"] + $0 } ?? [])
        return (words.map(shellWord) + (input.map { ["<", shellWord($0)] } ?? [])).joined(separator: " ")
    }
}
