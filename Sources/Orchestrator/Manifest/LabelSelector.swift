/// A selector of nodes by their labels, in kubectl's grammar
/// (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors).
public struct LabelSelector: Equatable, Sendable {
    /// One requirement, with the operators of a node affinity: In, NotIn, Exists, DoesNotExist.
    public struct Requirement: Equatable, Sendable {
        public let key: String
        public let `operator`: String
        public let values: [String]
    }

    public let requirements: [Requirement]
    /// As it was given.
    let text: String

    /// - Parameter text: such as `disk=ssd,zone in (a,b),!spot`.
    /// - Throws: `Refusal.usage` with the part that is none.
    public init(_ text: String) throws(Refusal) {
        var requirements: [Requirement] = []
        for part in LabelSelector.parts(text) { requirements.append(try LabelSelector.requirement(part)) }
        (self.requirements, self.text) = (requirements, text)
    }

    /// Splits at commas that are not in brackets.
    private static func parts(_ text: String) -> [Substring] {
        var parts: [Substring] = []
        var depth = 0
        var start = text.startIndex
        for index in text.indices {
            switch text[index] {
            case "(": depth += 1
            case ")": depth -= 1
            case "," where depth == 0:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return parts + [text[start...]]
    }

    private static func requirement(_ part: Substring) throws(Refusal) -> Requirement {
        let text = trimmed(part)
        let wrong = Refusal.usage("--selector: not a requirement of labels such as disk=ssd: '\(text)'")
        func checked(_ key: some StringProtocol, _ op: String, _ values: [String] = []) throws(Refusal) -> Requirement {
            let key = trimmed(Substring(key))
            guard isKey(key), values.allSatisfy(isValue) else { throw wrong }
            return Requirement(key: key, operator: op, values: values)
        }
        if let open = text.firstIndex(of: "("), text.last == ")" {
            let words = text[..<open].split(whereSeparator: \.isWhitespace)
            let list = text[text.index(after: open)...].dropLast()
            let values = list.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
            guard words.count == 2, ["in", "notin"].contains(words[1]) else { throw wrong }
            return try checked(words[0], words[1] == "in" ? "In" : "NotIn", values)
        }
        for (sign, op) in [("!=", "NotIn"), ("==", "In"), ("=", "In")] {
            if let range = text.firstRange(of: sign) {
                return try checked(text[..<range.lowerBound], op, [trimmed(text[range.upperBound...])])
            }
        }
        if text.hasPrefix("!") { return try checked(text.dropFirst(), "DoesNotExist") }
        return try checked(text, "Exists")
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    private static func isKey(_ key: String) -> Bool {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && parts.allSatisfy { !$0.isEmpty && isValue(String($0)) }
    }

    /// Letters, digits, `-`, `_`, `.`, beginning and ending with a letter or a digit; or nothing.
    private static func isValue(_ value: String) -> Bool {
        func isPlain(_ character: Character) -> Bool {
            character.isASCII && (character.isLetter || character.isNumber)
        }
        guard let first = value.first, let last = value.last else { return true }
        return isPlain(first) && isPlain(last) && value.allSatisfy { isPlain($0) || "-_.".contains($0) }
    }
}
