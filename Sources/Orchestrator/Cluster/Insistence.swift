import RunLogic

/// How long it is tried to create something while the cluster says that it can't just now, as where an admission
/// webhook is away, or its API server starts: for all of a run together.
struct Insistence: Sendable {
    private let end: ContinuousClock.Instant
    private let limit: Seconds
    private let isStopped: @Sendable () -> Bool

    /// - Parameter isStopped: somebody wants the end.
    init(_ limits: Limits, isStopped: @escaping @Sendable () -> Bool = { false }) {
        limit = limits.admission
        end = .now + .seconds(limits.admission)
        self.isStopped = isStopped
    }

    /// Makes a request that creates something.
    ///
    /// - Parameters:
    ///   - what: it creates, for the user.
    ///   - isThere: whether a try before has created it after all: then it is not made again.
    /// - Returns: the last reply; an outage where it was created and no answer came.
    func ask(
        _ api: API, for what: String, _ path: String, _ body: JSON, isThere: () async -> Bool = { false }
    ) async -> API.Reply {
        var isTold = false
        while true {
            let (reply, mayPass) = await api.askWhether("POST", path, body: body)
            guard case .failure(.outage(let why)) = reply, mayPass, api.proxy.hasAnswered || why.contains("webhook"),
                ContinuousClock.now < end, !isStopped(), await !isThere()
            else { return reply }
            if !isTold {
                let words = oneLine(why, atMost: 300)
                api.proxy.tell(
                    """
                    run-once: \(what) can't be created just now, which is tried for \(Int(limit)) s: \(words)
                    """)
            }
            isTold = true
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
