/// Why a node is not done: Kubernetes' word for it, and what the task or Kubernetes said.
public struct Reason: Equatable, Hashable, Sendable {
    public let text: String

    /// - Parameters:
    ///   - word: Kubernetes' word, such as `OOMKilled`; `Error` and `Completed` say nothing and are left out.
    ///   - words: what was said, in as many lines as it has.
    public init(_ word: String?, _ words: String? = nil) {
        let parts = [word, words.map(Reason.readable)].compactMap { $0 }
        text = parts.filter { !$0.isEmpty && $0 != "Error" && $0 != "Completed" }.joined(separator: ": ")
    }

    public var isEmpty: Bool { text.isEmpty }

    /// Text without what could play tricks on a terminal, without newlines at its end, and with the lines after
    /// the first one indented, so that they are told from the next message.
    private static func readable(_ words: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in words.unicodeScalars where scalar == "\n" || scalar == "\t" || !scalar.isControl {
            scalars.append(scalar)
        }
        while let last = scalars.last, last == "\n" || last == " " { scalars.removeLast() }
        return String(scalars).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
    }
}

extension Unicode.Scalar {
    /// The control characters of C0, DEL and C1, among them the escape of terminals.
    fileprivate var isControl: Bool {
        value < 0x20 || (0x7f...0x9f).contains(value)
    }
}
