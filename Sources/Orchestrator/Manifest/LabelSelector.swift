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
        var all: Requirement?
        if let set = part.wholeMatch(of: /\s*(\S+)\s+(in|notin)\s*\(([^()]*)\)\s*/) {
            let values = set.3.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
            all = Requirement(key: String(set.1), operator: set.2 == "in" ? "In" : "NotIn", values: values)
        } else if let pair = part.wholeMatch(of: /\s*(\S+?)\s*(!=|==?)\s*(\S*)\s*/) {
            all = Requirement(key: String(pair.1), operator: pair.2 == "!=" ? "NotIn" : "In", values: [String(pair.3)])
        } else if let key = part.wholeMatch(of: /\s*(!?)\s*(\S+)\s*/) {
            all = Requirement(key: String(key.2), operator: key.1.isEmpty ? "Exists" : "DoesNotExist", values: [])
        }
        guard let all, isKey(all.key), all.values.allSatisfy(isValue) else {
            throw .usage("--selector: not a requirement of labels such as disk=ssd: '\(trimmed(part))'")
        }
        return all
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
