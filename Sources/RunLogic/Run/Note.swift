/// What the one who gives a run's nodes their turns has decided, and nobody can see later: he notes it on the run, for
/// those who only look at it.
public struct Note: Codable, Equatable, Sendable {
    /// More names than these are not noted.
    public static let mostNames = 100

    /// How the run ended, by the verdict's word; nil while it goes on.
    public var verdict: String?
    /// More nodes have failed than may: no further one is started.
    public var isBudgetSpent = false
    /// A node's time was up.
    public var hasTimedOut = false
    public var done = 0
    public var total = 0
    /// Nodes that failed, were not reached, or lost their pod after their task had started.
    public var lost = 0
    /// Nodes that failed though no task on them ended, and why.
    public var gaveUp: [String: String] = [:]

    /// How far the run is.
    mutating func count(done: Int, lost: Int, of total: Int) {
        (self.done, self.lost, self.total) = (done, lost, total)
    }
}
