/// When headers and failures are coloured.
public enum Color: String, CaseIterable, Sendable {
    /// On a terminal, where NO_COLOR is not set (https://no-color.org).
    case auto
    case always
    case never

    /// Whether what is written to a stream is to have it.
    ///
    /// - Parameter environment: may hold NO_COLOR, and the terminal's kind as TERM.
    func isWanted(isTerminal: Bool, _ environment: [String: String]) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto:
            isTerminal && environment["NO_COLOR"]?.isEmpty ?? true
                && !["", "dumb"].contains(environment["TERM"] ?? "")
        }
    }

    // ECMA-48, Select Graphic Rendition.
    static func bold(_ text: String) -> String { "\u{1b}[1m\(text)\u{1b}[0m" }
    static func red(_ text: String) -> String { "\u{1b}[31m\(text)\u{1b}[0m" }
}
