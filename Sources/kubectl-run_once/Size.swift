import Orchestrator

/// A number of bytes as Kubernetes writes it: `64Mi`, `1Gi`, `500k`, or a plain number.
/// (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/)
///
/// - Parameter option: whose value it is.
/// - Throws: `Refusal.usage` where it is none, or not from 1 byte to 1 TiB.
func bytes(_ text: String, of option: String) throws(Refusal) -> Int {
    let units = ["Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "k": 1000, "M": 1_000_000, "G": 1_000_000_000, "": 1]
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let most = 1 << 40
    guard digits.count <= 13, let number = Int(digits), let unit = units[String(text.dropFirst(digits.count))],
        number > 0, number <= most / unit
    else { throw .usage("--\(option): from 1 to 1024Gi, such as 64Mi, 1Gi, 500k, and not '\(text)'") }
    return number * unit
}
