/// What the one who gives a run's nodes their turns has decided, and nobody can see later: he notes it on the run, for
/// those who only look at it.
public struct Note: Equatable, Sendable {
    /// More names than these are not noted.
    public static let mostNames = 100

    /// How the run ended, by the verdict's word; nil while it goes on.
    public var verdict: String?
    /// More nodes have failed than may: no further one is started.
    public var isBudgetSpent = false
    public var done = 0
    public var failed = 0
    public var notReached = 0
    public var total = 0
    /// Nodes that were given up, and why.
    public var givenUp: [String: String] = [:]

    public init() {}

    mutating func count(_ progress: Progress) {
        (done, failed, notReached, total) = (progress.done, progress.failed, progress.notReached, progress.total)
    }

    /// Whether both tell of the same decisions.
    func decides(like other: Note) -> Bool {
        (verdict, isBudgetSpent) == (other.verdict, other.isBudgetSpent) && givenUp == other.givenUp
    }
}
