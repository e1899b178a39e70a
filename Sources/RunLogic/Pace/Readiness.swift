/// Which nodes are ready, as far as somebody said it lately; and which of those that are done went down after that.
///
/// A node that is done and down holds its place, so that never more nodes are down at once than may be: until it is
/// ready again, or its time is up.
struct Readiness: Sendable {
    private let limits: Limits
    private var asked: Seconds = -.infinity
    private var answered: Seconds = -.infinity
    private var isForbidden = false
    /// Until when each node that is done has its time.
    private var doneUntil: [String: Seconds] = [:]

    init(_ limits: Limits) { self.limits = limits }

    /// How many nodes hold their place since they are down.
    func held(_ notReady: Set<String>, at now: Seconds) -> Int {
        notReady.count { doneUntil[$0].map { $0 > now } ?? false }
    }

    mutating func forbid() { isForbidden = true }

    mutating func note(done node: String, until time: Seconds) { doneUntil[node] = time }

    mutating func noteAnswer(at now: Seconds) { answered = now }

    /// Whether it is known for a round that begins now. Where nobody says it, a while is enough.
    func isKnown(_ clock: Clock, since: Seconds) -> Bool {
        isForbidden || clock.now <= answered + limits.readiness || clock.hasLasted(since, limits.readinessAnswer)
    }

    /// Whether to ask for it, once a round.
    mutating func asks(_ clock: Clock, since: Seconds) -> Bool {
        guard !isKnown(clock, since: since), asked < since else { return false }
        asked = clock.now
        return true
    }
}
