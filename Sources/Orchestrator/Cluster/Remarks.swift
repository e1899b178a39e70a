/// What the user should know of the answer to what is created.
struct Remarks: Equatable, Sendable {
    /// Each once.
    private(set) var lines: [String] = []
    /// The cluster warns that the namespace's Pod Security level does not allow such pods.
    /// (https://kubernetes.io/docs/concepts/security/pod-security-admission/)
    private(set) var violatesPodSecurity = false

    init() {}

    /// - Throws: `Refusal.cluster` where what it made is of no use.
    init(_ alterations: [Alteration], warnings: [String] = []) throws(Refusal) {
        if let probe = alterations.first(where: \.isProbe) {
            throw .cluster("the cluster drops \(probe.path): nobody could tell when the task is done")
        }
        if let gate = alterations.first(where: \.isOfGates) {
            throw .cluster("the cluster changes \(gate.path): all nodes would start at once")
        }
        violatesPodSecurity = warnings.contains { $0.contains("violate PodSecurity") }
        lines = warnings.map { "the cluster warns: \($0)" } + alterations.filter(\.isOfMoment).map(\.text)
    }

    /// Takes in more.
    ///
    /// - Returns: the lines that are new.
    @discardableResult mutating func take(_ more: Remarks) -> [String] {
        let new = more.lines.filter { !lines.contains($0) }
        lines += new
        violatesPodSecurity = violatesPodSecurity || more.violatesPodSecurity
        return new
    }
}
