/// How long the pods that a run deleted are waited for: as long as they go, and for a while in which none does.
public struct Departure: Sendable {
    public enum Next: Equatable, Sendable {
        case gone
        /// Look again after so long.
        case look(after: Seconds)
        /// Look again when they are gone, and after so long at the latest.
        case watch(atMost: Seconds)
        /// Ask whether the nodes of those that are left are ready, and look again at once if one of them is.
        case askAboutNodes
        case giveUp
    }

    private let limits: Limits
    private var left: Set<String>?
    private var lastChange: Seconds = 0
    private var heard: Seconds = 0
    private var asked: Seconds = 0
    private var pause: Seconds = 0.2

    public init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// - Parameters:
    ///   - names: of the pods that are left, or of the first of many; nil where the cluster does not say.
    ///   - time: in seconds since they were deleted.
    public mutating func look(_ names: Set<String>?, at time: Seconds) -> Next {
        if let names {
            if names.isEmpty { return .gone }
            heard = time
            if names != left { (left, lastChange, asked) = (names, time, time) }
        }
        // Should a controller that lags behind make them anew, they would go for ever.
        if time >= lastChange + limits.departure || time >= limits.removalAtMost { return .giveUp }
        if time >= heard + limits.removal { return .giveUp }
        if names != nil, time >= asked + limits.ask {
            asked = time
            return .askAboutNodes
        }
        // Of a few it is told when they go: to look again and again costs a process each time.
        if let names, names.count <= 20 {
            return .watch(atMost: min(asked + limits.ask, lastChange + limits.departure) - time)
        }
        // A long list is no small answer.
        pause = left?.count ?? 0 > 100 ? 1 : min(pause * 1.2, 1)
        return .look(after: pause)
    }
}
