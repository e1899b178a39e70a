import RunLogic

/// The refusals of what was answered before, or follows an outage: an API server that has just started may not know
/// rights and tokens yet, and kubectl renews credentials only after one of them was refused.
struct Refusals {
    private var mayHaveStarted = false
    private var since: ContinuousClock.Instant?

    private let patience: Seconds

    /// - Parameter patience: the seconds for which it is worth to try again.
    init(patience: Seconds) {
        self.patience = patience
    }

    /// The request was answered, or nobody answers: a refusal after that may be one of a server that has just started.
    mutating func renew() {
        mayHaveStarted = true
        since = nil
    }

    /// Whether it is worth to try again.
    ///
    /// - Parameter answeredBefore: whether the cluster has answered any request of this user.
    mutating func mayPass(_ status: Status, answeredBefore: Bool) -> Bool {
        guard status.code == 401 && answeredBefore || status.code == 403 && mayHaveStarted else { return false }
        let first = since ?? .now
        since = first
        return first.duration(to: .now) < .seconds(patience)
    }
}
