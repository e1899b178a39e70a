/// Time since the run began, or a length of time.
public typealias Seconds = Double

/// The run's time, and how much of it counts.
///
/// Time that nobody had does not: where this program itself stood still, since its machine slept or somebody stopped it
/// (Ctrl-Z), the nodes' time stands still with it. And while the cluster can't be reached nothing is given up.
struct Clock: Sendable {
    /// The run's time, without the jumps.
    private(set) var now: Seconds = 0
    /// Nothing was seen since the clock jumped: what is known is old, and is not judged by.
    private(set) var staleSince: Seconds?
    private var askedAgain: Seconds = 0
    private(set) var isInReach = true
    private var inReachSince: Seconds = -.infinity
    /// There was an outage, and not all pods were looked at since.
    private var missesNews = false
    private var last: Seconds?
    private var jumps: Seconds = 0

    /// Takes in what time it is.
    ///
    /// - Parameters:
    ///   - time: since the run began; events come at least once a second.
    ///   - jump: the least number of seconds without an event that is a jump.
    /// - Returns: whether it jumped.
    mutating func move(to time: Seconds, jump: Seconds) -> Bool {
        let gap = time - (last ?? time)
        last = max(last ?? time, time)
        let jumped = gap >= jump
        if jumped {
            jumps += gap
            staleSince = staleSince ?? now
            askedAgain = now
        }
        now = max(now, time - jumps)
        return jumped
    }

    var isStale: Bool { staleSince != nil }

    /// Whether it is time to look at all pods again, since nobody answered.
    mutating func asksAgain(after pause: Seconds) -> Bool {
        guard now >= askedAgain + pause else { return false }
        askedAgain = now
        return true
    }

    /// All time that has passed, on anybody's clock.
    var all: Seconds { now + jumps }

    /// All pods were looked at.
    mutating func refresh() { (staleSince, missesNews) = (nil, false) }

    mutating func lose() { (isInReach, missesNews) = (false, true) }

    mutating func reach() {
        guard !isInReach else { return }
        isInReach = true
        inReachSince = now
    }

    /// Whether what is known can be acted on. Where only the news of the DaemonSet were lost, no list of the pods comes.
    ///
    /// - Parameter patience: how long after an outage that list is waited for.
    func isUpToDate(patience: Seconds) -> Bool {
        isInReach && !isStale && (!missesNews || hasLasted(inReachSince, patience))
    }

    /// Whether something has stood for so long, with the cluster in reach. After an outage it counts anew.
    func hasLasted(_ since: Seconds, _ length: Seconds) -> Bool {
        isInReach && now >= max(since, inReachSince) + length
    }
}
