/// What a quantity says, as a number; nil where a text is none.
/// (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/)
public func quantity(_ text: String) -> Double? {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    guard let number = Double(digits) else { return nil }
    let units: [String: Double] = [
        "": 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
        "Ki": 1024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776,
    ]
    return units[String(text.dropFirst(digits.count))].map { number * $0 }
}
