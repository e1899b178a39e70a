/// One pod's turn, from the patch that lets it start to its end.
///
/// It goes: `released` (PATCH sent; the watch may show the gate for a while), over. When its time is up it goes on:
/// `dismissed` (its log is fetched), `deleted` (DELETE sent), over, or `stuck`.
struct Turn: Sendable {
    enum Stage: Sendable {
        case released
        case dismissed(since: Seconds)
        case deleted(since: Seconds)
        case stuck
    }

    /// What takes too long.
    enum Overdue: Sendable {
        /// A node has had its time.
        case node(String)
        /// Nothing of a pod has started.
        case start(PodID, why: String?)
        /// A pod that was deleted is still there while its node is not ready: nobody is there to stop it.
        case unreachable(PodID)
        /// A pod that was deleted does not go; it may be at work for all that anybody knows.
        case stuck(PodID, why: String)
    }

    enum Request: Sendable { case release, delete }

    let pod: PodID
    let since: Seconds
    private(set) var stage = Stage.released
    /// One of its containers has started.
    var hasStarted = false
    /// The pod was seen without the gate, or the cluster said that it is taken away.
    var isFree = false
    /// Since when nobody knows what the last request about it did, and why.
    var unclear: (since: Seconds, why: String)?
    /// Why it can't be deleted.
    var refusal: String?

    init(_ pod: PodID, since: Seconds) {
        self.pod = pod
        self.since = since
    }

    var isStuck: Bool { if case .stuck = stage { true } else { false } }

    mutating func dismiss(at now: Seconds) {
        if case .released = stage { stage = .dismissed(since: now) }
    }

    /// What of it takes too long.
    ///
    /// - Parameter grace: the seconds that the pod has to end in.
    mutating func overdue(_ clock: Clock, _ limits: Limits, grace: Seconds, notReady: Set<String>) -> Overdue? {
        switch stage {
        case .released where !hasStarted && clock.hasLasted(since, limits.start):
            return .start(pod, why: unclear?.why)
        case .deleted(let since) where clock.hasLasted(since, limits.leave) && notReady.contains(pod.node):
            return .unreachable(pod)
        case .deleted(let since) where clock.hasLasted(since, limits.leave + limits.linger + grace):
            stage = .stuck
            let why = refusal.map { "its pod can't be deleted: \($0)" } ?? "its pod was deleted and does not go"
            return .stuck(pod, why: why)
        default: return nil
        }
    }

    /// The request that is to be made for it now. One of which nobody knows what it did is made again: to do it twice
    /// does no harm.
    ///
    /// - Parameters:
    ///   - hasResult: whether nothing more of the pod is waited for: its log goes with it.
    ///   - mayStart: whether pods are let start at all.
    mutating func request(_ clock: Clock, _ limits: Limits, hasResult: Bool, mayStart: Bool) -> Request? {
        if case .dismissed(let since) = stage, hasResult || clock.hasLasted(since, limits.result) {
            stage = .deleted(since: clock.now)
            unclear = nil
            return .delete
        }
        guard let (since, why) = unclear, clock.hasLasted(since, limits.unclear) else { return nil }
        switch stage {
        case .deleted, .stuck:
            unclear = (.infinity, why)
            return .delete
        case .released where !isFree && mayStart:
            unclear = (.infinity, why)
            return .release
        case .released, .dismissed: return nil
        }
    }
}
