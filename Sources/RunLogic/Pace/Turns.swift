/// Whose turn it is in a run with a pace, and who waits for it.
///
/// A turn is a pod's, not a node's: it begins before the pod is let start, and is over when its task has ended or the
/// pod is gone. So never more are at work than may be. One turn goes: `released` (PATCH sent; the watch may show the gate
/// for a while) → over; or, when its time is up, `released` → `dismissed` (its log is fetched) → `deleted` (DELETE sent)
/// → `lingering` (deleted a while ago) → over, or `stuck`.
struct Turns: Sendable {
    private struct Turn {
        let pod: PodID
        let since: Seconds
        var stage = Stage.released
        /// One of its containers has started.
        var hasStarted = false
        /// The pod was seen without the gate, or the cluster said that it is taken away.
        var isFree = false
        /// When the last request about it is made again, since nobody knows what it did, and why.
        var again: (at: Seconds, why: String)?
        /// Why it can't be deleted.
        var refusal: String?
    }

    private enum Stage {
        case released
        case dismissed(since: Seconds)
        case deleted(since: Seconds)
        case lingering(since: Seconds)
        case stuck
    }

    /// What takes too long.
    enum Overdue: Sendable {
        /// A node has had its time.
        case node(String)
        /// Nothing of a pod has started.
        case start(PodID, why: String?)
        /// A pod that was deleted and is still there while its node is not ready: nobody is there to stop it.
        case unreachable(PodID)
        /// A pod that was deleted does not go; it may be at work for all that anybody knows.
        case stuck(PodID, why: String)
    }

    /// What is to be done about pods.
    struct Orders: Sendable {
        var release: [PodID] = []
        var delete: [PodID] = []
        var askAboutNodes = false
    }

    /// What came of requests, where somebody should know.
    enum Trouble: Sendable {
        case release(String, code: Int)
        case delete(String, code: Int)
    }

    private let pace: Pace
    private let timeout: Seconds
    private let limits: Limits
    private var turns: [String: Turn] = [:] // by the pod's UID
    /// Since when the time of a node runs that has not ended: since its first turn.
    private var began: [String: Seconds] = [:]
    /// Nodes that have had a turn.
    private var had: Set<String> = []
    private var line = Queue()
    /// Nodes that could not be reached in their turn, and whose turn is over.
    private(set) var givenUp: Set<String> = []
    /// Nodes that are done, and went down after that: until when each holds its place.
    private var down: [String: Seconds] = [:]
    /// Until when each node that is done has its time.
    private var doneUntil: [String: Seconds] = [:]
    private var told: Set<String> = []
    /// When it was asked last which nodes are ready, and when that was known last.
    private var asked: Seconds = -.infinity
    private var answered: Seconds = -.infinity
    private var neverKnows = false
    /// Since when a node can be started.
    private var gathering: Seconds?
    /// There was an outage, and the pods were not listed since.
    private var missesNews = false
    /// No further node is started.
    private(set) var areOver = false

    init(_ pace: Pace, timeout: Seconds, _ limits: Limits) {
        self.pace = pace
        self.timeout = timeout
        self.limits = limits
    }

    // MARK: Questions

    func has(_ uid: String) -> Bool { turns[uid] != nil }
    var underway: Int { turns.count }
    /// Turns of which it is known that they have begun.
    var isAnyFree: Bool { turns.values.contains(where: \.isFree) }
    /// Nodes that are done hold places, since they are down.
    var isHeldUp: Bool { !down.isEmpty }

    /// Pods that were deleted, or can't be, and that hold their turn for good, where they hold all; and why.
    func whyAllAreStuck(of window: Int) -> String? {
        let stuck = turns.values.count { if case .stuck = $0.stage { true } else { false } }
        guard stuck > 0, stuck >= window else { return nil }
        return told.isEmpty ? "pods that were deleted do not go" : "pods can't be deleted"
    }

    // MARK: What happens

    /// A pod waits for its turn.
    mutating func queue(_ pod: PodID) {
        givenUp.remove(pod.node)
        line.append(pod, isAgain: had.contains(pod.node))
    }

    /// A pod changed.
    ///
    /// - Parameters:
    ///   - hasStarted: one of its containers has.
    ///   - isHeldBack: the gate is shown.
    ///   - isOver: its task has ended, or it is gone.
    /// - Returns: whether it has its turn. A pod that somebody else let start is at work like any other.
    mutating func see(_ pod: PodID, isHeldBack: Bool, hasStarted: Bool, isOver: Bool, at now: Seconds) -> Bool {
        if isOver {
            turns[pod.uid] = nil
            return false
        }
        if !isHeldBack, turns[pod.uid] == nil { begin(pod, at: now) }
        if !isHeldBack { turns[pod.uid]?.isFree = true }
        if hasStarted { turns[pod.uid]?.hasStarted = true }
        return turns[pod.uid] != nil
    }

    private mutating func begin(_ pod: PodID, at now: Seconds) {
        turns[pod.uid] = Turn(pod: pod, since: now)
        had.insert(pod.node)
        began[pod.node] = began[pod.node] ?? now
    }

    /// What became of a node is known for good.
    mutating func end(_ node: String, isDone: Bool) {
        if isDone, let since = began[node] { doneUntil[node] = since + timeout }
        began[node] = nil
        givenUp.remove(node)
    }

    /// It is known which nodes are not ready. One that is done and went down holds its place, so that never more nodes
    /// are down at once than may be; until its time is up.
    mutating func see(notReady: Set<String>, changed: Set<String>, queued: (String) -> PodID?, at now: Seconds) {
        answered = now
        for name in changed where !notReady.contains(name) {
            down[name] = nil
            // A node that is ready again need not be the last.
            if let pod = queued(name) { line.append(pod, isAgain: false) }
        }
        for name in notReady { if let until = doneUntil[name], until > now { down[name] = until } }
    }

    mutating func learnThatNodesAreForbidden() { neverKnows = true }

    mutating func loseSight() { missesNews = true }

    /// All pods are known again.
    mutating func seeAll() { missesNews = false }

    mutating func stop() { areOver = true }

    // MARK: What takes too long

    /// A pod is to go, so that its turn is over.
    mutating func dismiss(_ uid: String, at now: Seconds) {
        if case .released = turns[uid]?.stage { turns[uid]?.stage = .dismissed(since: now) }
    }

    /// Nobody can stop a pod: its turn is over although it is there.
    ///
    /// - Parameter isOpen: what becomes of its node is not known yet.
    mutating func giveUp(_ pod: PodID, isOpen: Bool) {
        turns[pod.uid] = nil
        if isOpen { givenUp.insert(pod.node) }
    }

    /// What time has brought. It looks at the turns that are underway, and at no other node.
    mutating func overdue(_ clock: Clock, isReady: (String) -> Bool) -> [Overdue] {
        let now = clock.now
        var overdue: [Overdue] = []
        for (name, since) in began where clock.hasLasted(since, timeout) {
            began[name] = nil
            overdue.append(.node(name))
        }
        for (uid, turn) in turns {
            switch turn.stage {
            case .released:
                if !turn.hasStarted, clock.hasLasted(turn.since, limits.start) {
                    overdue.append(.start(turn.pod, why: turn.again?.why))
                }
            case .deleted(let since) where clock.hasLasted(since, limits.leave):
                if isReady(turn.pod.node) {
                    turns[uid]?.stage = .lingering(since: now)
                } else {
                    overdue.append(.unreachable(turn.pod))
                }
            case .lingering(let since) where clock.hasLasted(since, limits.linger + pace.grace):
                if isReady(turn.pod.node) {
                    turns[uid]?.stage = .stuck
                    let why = turn.refusal.map { "its pod can't be deleted: \($0)" }
                    overdue.append(.stuck(turn.pod, why: why ?? "its pod was deleted and does not go"))
                } else {
                    overdue.append(.unreachable(turn.pod))
                }
            default: break
            }
        }
        down = down.filter { $0.value > now }
        return overdue
    }

    // MARK: What is to be done

    /// What is to be done now.
    ///
    /// - Parameters:
    ///   - window: how many nodes may be at work.
    ///   - isQueued: whether this pod is one that its node waits for with its turn to come.
    ///   - hasResult: whether nothing more of it is waited for: its log goes with a pod.
    mutating func next(
        _ clock: Clock, window: Int, isQueued: (PodID) -> Bool, isReady: (String) -> Bool, hasResult: (PodID) -> Bool
    ) -> Orders {
        var orders = Orders()
        // What happened in an outage counts before anything is started. Where only the news of the DaemonSet were lost,
        // no list of the pods comes.
        guard clock.isInReach, !clock.isStale, !missesNews || clock.hasLasted(clock.inReachSince, limits.news) else {
            gathering = nil
            return orders
        }
        deleteAndRepeat(&orders, clock, hasResult)
        guard !areOver, turns.count + down.count < window, line.hasAny(isQueued) else {
            gathering = nil
            return orders
        }
        let since = gathering ?? clock.now
        gathering = since
        // Before each round: a node that is not ready comes last, and one that is done may have gone down.
        let knows = neverKnows || clock.now <= answered + limits.readiness
        if !knows, asked < since {
            asked = clock.now
            orders.askAboutNodes = true
        }
        guard knows || clock.hasLasted(since, limits.readinessAnswer), clock.now >= since + limits.gather else {
            return orders
        }
        gathering = nil
        while turns.count + down.count < window, let pod = line.next(isQueued, isReady) {
            begin(pod, at: clock.now)
            orders.release.append(pod)
        }
        return orders
    }

    /// To do a request twice does no harm. When the turns are over no pod is let start any more: one that was not is
    /// dismissed after its minute.
    private mutating func deleteAndRepeat(_ orders: inout Orders, _ clock: Clock, _ hasResult: (PodID) -> Bool) {
        for (uid, turn) in turns {
            if case .dismissed(let since) = turn.stage, hasResult(turn.pod) || clock.hasLasted(since, limits.result) {
                turns[uid]?.stage = .deleted(since: clock.now)
                turns[uid]?.again = nil
                orders.delete.append(turn.pod)
            } else if let again = turn.again, clock.hasLasted(again.at, limits.unclear) {
                switch turn.stage {
                case .deleted, .lingering, .stuck: orders.delete.append(turn.pod)
                case .released where !turn.isFree && !areOver: orders.release.append(turn.pod)
                case .released, .dismissed: continue
                }
                turns[uid]?.again?.at = .infinity
            }
        }
        orders.delete.sort { $0.node < $1.node }
        orders.release.sort { $0.node < $1.node }
    }

    // MARK: What came of it

    /// A patch of which nothing is known may have been made: the pod counts as started, and it is patched again.
    mutating func take(released answers: [PodAnswer], at now: Seconds) -> Trouble? {
        var trouble: Trouble?
        for answer in answers {
            let uid = answer.pod.uid
            switch answer.outcome {
            case .taken: turns[uid]?.isFree = true
            case .refused(404, _): turns[uid] = nil
            case .refused(409, let why), .unclear(let why): turns[uid]?.again = (now, why)
            case .refused(let code, let why):
                if turns[uid] != nil, trouble == nil { trouble = .release(why, code: code) }
            }
        }
        return trouble
    }

    mutating func take(deleted answers: [PodAnswer], at now: Seconds) -> [Trouble] {
        var troubles: [Trouble] = []
        for answer in answers where turns[answer.pod.uid] != nil {
            switch answer.outcome {
            case .taken: break
            // Another pod of that name is none of ours.
            case .refused(404, _), .refused(409, _): turns[answer.pod.uid] = nil
            case .refused(let code, let why):
                turns[answer.pod.uid]?.refusal = why
                if told.insert(why).inserted { troubles.append(.delete(why, code: code)) }
            case .unclear(let why): turns[answer.pod.uid]?.again = (now, why)
            }
        }
        return troubles
    }
}
