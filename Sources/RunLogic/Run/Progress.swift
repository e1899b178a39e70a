/// How far a run is.
public struct Progress: Equatable, Sendable, CustomStringConvertible {
    public var total = 0
    public var done = 0
    public var failed = 0
    public var running = 0
    /// They have a turn, or need none, and their tasks have not started.
    public var starting = 0
    /// They are not ready, and waited for.
    public var notReady = 0
    /// They were given up in their turn.
    public var notReached = 0
    /// They wait for their turn.
    public var queued = 0
    /// The last few nodes, and what each waits for, such as `node-3 (pulling image busybox:stable)`.
    public var last = ""
    /// The end is decided.
    public var isClosing = false

    /// It says what is not zero.
    public var description: String {
        if isClosing { return "waiting for the last results" }
        if total == 0 { return "waiting for the first pod" }
        let rest = [
            (failed, "failed"), (notReached, "not reached"), (running, "running"), (starting, "starting"),
            (notReady, "not ready"), (queued, "queued"),
        ].filter { $0.0 > 0 }.map { "\($0) \($1)" }
        let counts = (["\(done) of \(total) \(total == 1 ? "node" : "nodes") done"] + rest).joined(separator: ", ")
        return last.isEmpty ? counts : "\(counts): \(last)"
    }
}

extension Run {
    /// How far it is.
    var progress: Progress {
        var progress = Progress()
        progress.isClosing = closing != nil
        (progress.total, progress.done, progress.failed) = (allNodes, count(.done), count(.failed))
        progress.running = roster.nodes.values.count { $0.hasStarted && $0.state == .waiting }
        progress.notReached = turns?.givenUp.count ?? 0
        progress.notReady = max(0, count(.unreachable) - progress.notReached)
        let rest =
            progress.total - progress.done - progress.failed - progress.running - progress.notReached
            - progress.notReady
        progress.starting = plan.pace == nil ? rest : max(0, count(.waiting) - progress.running)
        progress.queued = rest - progress.starting
        let open = progress.running + progress.starting + progress.notReady
        if now >= plan.limits.waitShown, (1...Run.mostShown).contains(open) { progress.last = whatIsWaitedFor }
        return progress
    }

    /// Of so many nodes it is shown what each waits for.
    private static let mostShown = 3

    private var whatIsWaitedFor: String {
        var nodes: [String: [String]] = [:]
        let givenUp = turns?.givenUp ?? []
        for (name, node) in roster.nodes where !node.isFinal && node.state != .queued && !givenUp.contains(name) {
            // One that is long was told by itself.
            let reason = node.reason.map { $0.text.count > 60 ? String($0.text.prefix { $0 != ":" }) : $0.text } ?? ""
            nodes[node.state == .unreachable ? "" : reason, default: []].append(name)
        }
        return nodes.sorted { $0.value.min() ?? "" < $1.value.min() ?? "" }.map { reason, names in
            reason.isEmpty ? list(names) : "\(list(names)) (\(reason))"
        }.joined(separator: ", ")
    }
}
