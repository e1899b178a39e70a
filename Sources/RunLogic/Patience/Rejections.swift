/// Why the cluster rejects pods, each cause once.
struct Rejections: Sendable {
    private let names: [String]
    private var causes: [String] = []
    private var told = 0

    /// - Parameter names: of the DaemonSets, with which the names of their pods begin.
    init(of names: [String]) { self.names = names }

    /// Whether there is one that does not pass by itself: a quota or a policy, and not a webhook that is away.
    var isAnyForGood: Bool { !causes.allSatisfy(Rejections.mayPass) }

    /// The cluster names no cause, or may not be asked for one.
    var areNone: Bool { causes.isEmpty }

    private static func mayPass(_ cause: String) -> Bool {
        ["failed calling webhook", "connection refused", "Internal error occurred", "context deadline exceeded"]
            .contains { cause.contains($0) }
    }

    /// What to do where pods violate the level of the namespace.
    static let podSecurityAdvice = "run it in a namespace at the Pod Security level privileged, with -n"

    mutating func note(_ message: String) {
        let cause = Reason(nil, names.reduce(message) { withoutPodNames($0, of: $1) }).text
        if !causes.contains(cause) { causes.append(cause) }
    }

    /// Those that were not told yet.
    mutating func newOnes() -> [String] {
        defer { told = causes.count }
        return causes.dropFirst(told).map { cause in
            let line = "the cluster rejects pods: \(cause)"
            if Rejections.mayPass(cause) { return "\(line); it tries again" }
            return cause.contains("violates PodSecurity") ? "\(Rejections.podSecurityAdvice): \(line)" : line
        }
    }

    /// The same words for all pods: what differs is the name that the API server made up, of the DaemonSet's name and
    /// five letters or digits (k8s.io/apiserver/pkg/storage/names, k8s.io/apimachinery/pkg/util/rand).
    private func withoutPodNames(_ message: String, of name: String) -> String {
        let combined = "(combined from similar events): "
        let prefix = (name + "-").prefix(58)
        var text = message.hasPrefix(combined) ? message.dropFirst(combined.count) : message[...]
        var result = ""
        while let start = text.firstRange(of: prefix) {
            let end = text[start.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "-" }
            let isMadeUp = end.count == 5 && end.allSatisfy("bcdfghjklmnpqrstvwxz2456789".contains)
            result += text[..<start.lowerBound] + (isMadeUp ? "POD" : prefix + end)
            text = text[end.endIndex...]
        }
        return (result + text).replacing(" \"POD\"", with: "")
    }
}
