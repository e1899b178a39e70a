/// Whose turn it is in a run with a pace, and who waits for it.
///
/// A turn is a pod's, not a node's: it begins before the pod is let start, and is over when its task has ended or the
/// pod is gone. So never more are at work than may be.
struct Turns: Sendable {
    /// What is to be done about pods.
    struct Orders: Sendable {
        var release: [PodID] = []
        var delete: [PodID] = []
        var askAboutNodes = false
    }

    /// Why the cluster said no to a request, where somebody should know, and with which HTTP status.
    typealias Refusal = (why: String, code: Int)

    private let pace: Pace
    private let timeout: Seconds
    private let limits: Limits
    private var turns: [String: Turn] = [:]  // by the pod's UID
    /// Since when the time of a node runs that has not ended: since its first turn.
    private var began: [String: Seconds] = [:]
    /// Nodes that have had a turn.
    private var had: Set<String> = []
    private var line = Queue()
    /// Nodes that could not be reached in their turn, and whose turn is over.
    private(set) var givenUp: Set<String> = []
    private var readiness: Readiness
    /// Why pods can't be deleted, each once.
    private var told: Set<String> = []
    /// Since when a node can be started.
    private var gathering: Seconds?
    /// No further node is started.
    private(set) var areOver = false

    init(_ pace: Pace, timeout: Seconds, _ limits: Limits) {
        self.pace = pace
        self.timeout = timeout
        self.limits = limits
        readiness = Readiness(limits)
    }

    // MARK: Questions

    func has(_ uid: String) -> Bool { turns[uid] != nil }
    /// Whether any pod is known to have been let start.
    var isAnyFree: Bool { turns.values.contains(where: \.isFree) }

    /// Why pods that were deleted, or can't be, hold all turns for good; nil where they do not. Only time makes it so.
    func whyAllAreStuck(of window: Int) -> String? {
        let stuck = turns.values.count(where: \.isStuck)
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
    /// - Returns: whether it has its turn. A pod that somebody else let start is at work like any other.
    mutating func see(_ pod: PodID, isHeldBack: Bool, hasStarted: Bool, at now: Seconds) -> Bool {
        if !isHeldBack, turns[pod.uid] == nil { begin(pod, at: now) }
        if !isHeldBack { turns[pod.uid]?.isFree = true }
        if hasStarted { turns[pod.uid]?.hasStarted = true }
        return turns[pod.uid] != nil
    }

    /// A pod's task has ended, or it is gone.
    mutating func finish(_ uid: String) { turns[uid] = nil }

    private mutating func begin(_ pod: PodID, at now: Seconds) {
        turns[pod.uid] = Turn(pod, since: now)
        had.insert(pod.node)
        began[pod.node] = began[pod.node] ?? now
    }

    /// What became of a node is known for good.
    mutating func end(_ node: String, isDone: Bool) {
        if isDone, let since = began[node] { readiness.note(done: node, until: since + timeout) }
        began[node] = nil
        givenUp.remove(node)
    }

    mutating func learnWhichAreReady(at now: Seconds) { readiness.noteAnswer(at: now) }

    mutating func learnThatNodesAreForbidden() { readiness.forbid() }

    mutating func stop() { areOver = true }

    // MARK: What takes too long

    mutating func dismiss(_ uid: String, at now: Seconds) {
        turns[uid]?.dismiss(at: now)
    }

    /// Nobody can stop a pod: its turn is over although it is there.
    ///
    /// - Parameter isOpen: what becomes of its node is not known yet.
    mutating func giveUp(_ pod: PodID, isOpen: Bool) {
        turns[pod.uid] = nil
        if isOpen { givenUp.insert(pod.node) }
    }

    /// What time has brought, each once: nodes whose time is up, and turns that take too long.
    mutating func overdue(_ clock: Clock, notReady: Set<String>) -> [Turn.Overdue] {
        let nodes = began.filter { clock.hasLasted($0.value, timeout) }.keys.sorted()
        for name in nodes { began[name] = nil }
        let pods = turns.keys.compactMap { uid in
            turns[uid]?.overdue(clock, limits, grace: pace.grace, notReady: notReady)
        }
        return nodes.map { .node($0) } + pods
    }

    // MARK: What is to be done

    /// What is to be done now.
    ///
    /// - Parameters:
    ///   - isTick: time has passed: requests are made again, and what was dismissed is deleted.
    ///   - isQueued: whether this pod is one that its node waits for with its turn to come.
    ///   - hasResult: see `Turn.request`.
    mutating func next(
        _ clock: Clock, isTick: Bool, window: Int, notReady: Set<String>, isQueued: (PodID) -> Bool,
        hasResult: (PodID) -> Bool
    ) -> Orders {
        var orders = Orders()
        // What happened in an outage counts before anything is started.
        guard clock.isUpToDate(patience: limits.news) else {
            gathering = nil
            return orders
        }
        for uid in isTick ? turns.keys.sorted() : [] {
            guard let pod = turns[uid]?.pod else { continue }
            switch turns[uid]?.request(clock, limits, hasResult: hasResult(pod), mayStart: !areOver) {
            case .delete?: orders.delete.append(pod)
            case .release?: orders.release.append(pod)
            case nil: break
            }
        }
        let window = window - readiness.held(notReady, at: clock.now)
        guard !areOver, turns.count < window, line.hasAny(isQueued) else {
            gathering = nil
            return orders
        }
        let since = gathering ?? clock.now
        gathering = since
        // Before each round: a node that is not ready comes last, and one that is done may have gone down.
        orders.askAboutNodes = readiness.asks(clock, since: since)
        guard readiness.isKnown(clock, since: since), clock.now >= since + limits.gather else { return orders }
        gathering = nil
        while turns.count < window, let pod = line.next(isQueued, { !notReady.contains($0) }) {
            begin(pod, at: clock.now)
            orders.release.append(pod)
        }
        return orders
    }

    // MARK: What came of it

    /// A patch of which nothing is known may have been made: the pod counts as started, and it is patched again.
    mutating func take(released answers: [PodAnswer], at now: Seconds) -> Refusal? {
        var refusal: Refusal?
        for answer in answers {
            let uid = answer.pod.uid
            switch answer.outcome {
            case .taken: turns[uid]?.isFree = true
            case .refused(404, _): turns[uid] = nil
            case .refused(409, let why), .unclear(let why): turns[uid]?.unclear = (now, why)
            case .refused(let code, let why):
                if turns[uid] != nil, refusal == nil { refusal = (why, code) }
            }
        }
        return refusal
    }

    mutating func take(deleted answers: [PodAnswer], at now: Seconds) -> [Refusal] {
        var refusals: [Refusal] = []
        for answer in answers where turns[answer.pod.uid] != nil {
            switch answer.outcome {
            case .taken: turns[answer.pod.uid]?.refusal = nil
            // Another pod of that name is none of ours.
            case .refused(404, _), .refused(409, _): turns[answer.pod.uid] = nil
            case .refused(let code, let why):
                turns[answer.pod.uid]?.refusal = why
                // It may pass: an API server that starts refuses for a moment.
                turns[answer.pod.uid]?.unclear = (now + limits.ask, why)
                if told.insert(why).inserted { refusals.append((why, code)) }
            case .unclear(let why): turns[answer.pod.uid]?.unclear = (now, why)
            }
        }
        return refusals
    }
}
