/// Why a node is not done: Kubernetes' word for it, and what the task or Kubernetes said.
public struct Reason: Equatable, Sendable {
    /// In as many lines as were said.
    public let text: String
    /// Kubernetes' word alone, where it says anything.
    public let word: String

    /// - Parameters:
    ///   - word: Kubernetes' word, such as `OOMKilled`; `Error` and `Completed` say nothing and are left out.
    ///   - words: what was said.
    public init(_ word: String?, _ words: String? = nil) {
        let word = word == "Error" || word == "Completed" ? "" : Reason.readable(word ?? "")
        let words = Reason.readable(words ?? "")
        self.word = word
        text = word.isEmpty || words.isEmpty ? word + words : "\(word): \(words)"
    }

    /// What is told is the same.
    public static func == (one: Reason, other: Reason) -> Bool { one.text == other.text }

    public var isEmpty: Bool { text.isEmpty }

    /// What is said of an image that is being pulled, before its name.
    static let pulling = "pulling image "
    var isPull: Bool { text.hasPrefix(Reason.pulling) }

    /// The same for all nodes: without the name and the UID of this node's pod.
    func without(pod: String, uid: String) -> Reason {
        Reason(nil, text.replacing(pod, with: "POD").replacing(uid, with: "UID"))
    }

    /// Text without what could play tricks on a terminal, and without empty lines around it.
    private static func readable(_ words: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in words.unicodeScalars
        where scalar == "\n" || scalar == "\t" || scalar.properties.generalCategory != .control {
            if scalar != "\n" || !scalars.isEmpty { scalars.append(scalar) }
        }
        while let last = scalars.last, last == "\n" || last == "\t" || last == " " { scalars.removeLast() }
        return String(scalars)
    }
}
