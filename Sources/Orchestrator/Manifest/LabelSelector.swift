/// A selector of nodes by their labels, in kubectl's grammar
/// (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors).
public struct LabelSelector: Equatable, Sendable {
    /// As a node affinity has them, with its operators In, NotIn, Exists and DoesNotExist.
    let requirements: [JSON]
    /// As it was given.
    let text: String

    /// - Parameter text: such as `disk=ssd,zone in (a,b),!spot`.
    /// - Throws: `Refusal.usage` with the part that is none.
    public init(_ text: String) throws(Refusal) {
        var requirements: [JSON] = []
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

    private static func requirement(_ part: Substring) throws(Refusal) -> JSON {
        var found: (key: String, word: String, values: [String])?
        if let set = part.wholeMatch(of: /\s*(\S+)\s+(in|notin)\s*\(([^()]*)\)\s*/) {
            let values = set.3.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
            found = (String(set.1), set.2 == "in" ? "In" : "NotIn", values)
        } else if let pair = part.wholeMatch(of: /\s*(\S+?)\s*(!=|==?)\s*(\S*)\s*/) {
            found = (String(pair.1), pair.2 == "!=" ? "NotIn" : "In", [String(pair.3)])
        } else if let key = part.wholeMatch(of: /\s*(!?)\s*(\S+)\s*/) {
            found = (String(key.2), key.1.isEmpty ? "Exists" : "DoesNotExist", [])
        }
        guard let (key, word, values) = found, isKey(key), values.allSatisfy(isValue) else {
            throw .usage("--selector: not a requirement of labels such as disk=ssd: '\(trimmed(part))'")
        }
        var requirement: JSON = ["key": .string(key), "operator": .string(word)]
        if !values.isEmpty { requirement["values"] = .array(values.map { .string($0) }) }
        return requirement
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
        value.wholeMatch(of: /([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?/) != nil
    }
}
