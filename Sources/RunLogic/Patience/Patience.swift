/// How long the run has waited, and for what.
struct Patience: Sendable {
    private let limits: Limits
    /// When a node came or changed, or how many are wanted.
    private(set) var lastChange: Seconds = 0
    /// Since when no node is waited for that can be reached; nil while one is.
    private(set) var othersEnded: Seconds?
    private var asked: Seconds = -.infinity
    private var isGivingUpTold = false
    /// Pods that wait for what will never come, by their UID, and since when.
    private var hopeless: [String: Seconds] = [:]

    init(_ limits: Limits) { self.limits = limits }

    mutating func noteChange(at now: Seconds) { lastChange = now }

    /// Nodes are late when nothing happens, or else when it has taken a while.
    func isLate(at now: Seconds) -> Bool { now >= lastChange + limits.late || now >= limits.lateAnyway }

    mutating func follow(othersHaveEnded: Bool, at now: Seconds) {
        othersEnded = othersHaveEnded ? othersEnded ?? now : nil
    }

    /// Whether it is still to be told that nodes are about to be given up.
    mutating func tellsGivingUp() -> Bool {
        defer { isGivingUpTold = true }
        return !isGivingUpTold
    }

    /// Whether to ask about late nodes. While nodes keep ending it can wait: thousands of nodes are no small answer.
    mutating func asksNow(at now: Seconds) -> Bool {
        guard now >= asked + (now >= lastChange + limits.late ? limits.ask : limits.askSeldom) else { return false }
        asked = now
        return true
    }

    /// A pod waits for what will never come, or no longer does.
    mutating func note(_ pod: TrackedPod, at now: Seconds) {
        if case .hopeless = pod.phase {
            hopeless[pod.id.uid] = hopeless[pod.id.uid] ?? now
        } else {
            hopeless[pod.id.uid] = nil
        }
    }

    mutating func forget(_ uid: String) { hopeless[uid] = nil }

    /// Kubernetes tries for ever what can't succeed: some seconds are enough, for who reads the status.
    mutating func withoutHope(_ clock: Clock) -> [String] {
        let uids = hopeless.filter { clock.hasLasted($0.value, limits.hopeless) }.map(\.key).sorted()
        for uid in uids { hopeless[uid] = nil }
        return uids
    }
}
