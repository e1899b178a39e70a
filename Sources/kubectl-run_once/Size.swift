import Orchestrator

/// A number of bytes as Kubernetes writes it: `64Mi`, `1Gi`, `500k`, or a plain number.
///
/// - Parameter option: whose value it is.
/// - Throws: `Refusal.usage` where it is none, or not from 1 byte to 1 TiB.
func bytes(_ text: String, of option: String) throws(Refusal) -> Int {
    let most = 1 << 40
    guard let number = quantity(text).flatMap({ Int(exactly: $0) }), (1...most).contains(number) else {
        throw .usage("--\(option): from 1 to 1024Gi, such as 64Mi, 1Gi, 500k, and not '\(text)'")
    }
    return number
}
