/// No node is wanted, says the controller, or none of one of the DaemonSets. After an outage it may say so for a while
/// although there are some.
struct NoNode: Sendable {
    enum Belief: Sendable {
        /// Ask how many nodes have what the DaemonSets select.
        case ask
        /// It has stood for a while; it may be so.
        case doubt
        case believe
    }

    private let limits: Limits
    private var since: Seconds?
    /// How many nodes more are selected, as the list of nodes says; nil where nobody says it.
    private var matching: Int?
    private var isTold = false

    init(_ limits: Limits) { self.limits = limits }

    /// What follows from that no node is wanted, or that one is.
    mutating func follow(_ isNone: Bool, _ clock: Clock) -> Belief? {
        guard isNone else {
            (since, matching, isTold) = (nil, nil, false)
            return nil
        }
        // Of nodes that join during an outage nobody tells: it is asked anew.
        guard clock.isInReach else {
            (since, matching) = (nil, nil)
            return nil
        }
        guard let since else {
            since = clock.now
            return .ask
        }
        if clock.hasLasted(since, matching == 0 ? 0 : limits.noNode) { return .believe }
        guard !isTold, matching == nil, clock.hasLasted(since, limits.noNodeTold) else { return nil }
        isTold = true
        return .doubt
    }

    /// Whether there are nodes that the controller does not want yet.
    var knowsOfMore: Bool { matching.map { $0 > 0 } ?? false }

    /// The answer counts for the question that was asked.
    mutating func learn(matching count: Int?) { if since != nil { matching = count } }
}
