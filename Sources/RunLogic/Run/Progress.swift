/// How far a run is.
public struct Progress: Equatable, Sendable, CustomStringConvertible {
    public let done: Int
    public let failed: Int
    public let total: Int
    /// How many are at work; nil where all are that are not done.
    public let atWork: Int?
    /// How many were given up in their turn.
    public let notReached: Int

    public init(done: Int, failed: Int, total: Int, atWork: Int? = nil, notReached: Int = 0) {
        self.done = done
        self.failed = failed
        self.total = total
        self.atWork = atWork
        self.notReached = notReached
    }

    public var description: String {
        if total == 0 { return "waiting for the first pod" }
        let ended = "nodes: \(done) of \(total) done, \(failed) failed"
        guard let atWork else { return "\(ended), \(total - done - failed) to go" }
        let lost = notReached > 0 ? ", \(notReached) not reached" : ""
        return "\(ended)\(lost), \(atWork) at work, \(total - done - failed - notReached - atWork) queued"
    }
}
