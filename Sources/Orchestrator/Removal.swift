import RunLogic

/// Deletes what a run created, and waits for up to a minute until it is gone.
struct Removal: Sendable {
    let cluster: Cluster
    let created: Created
    /// After an outage a controller may not know yet that the DaemonSet is gone, and would make pods anew that somebody
    /// deletes: they are left to the garbage collector, which knows.
    let leavesPodsToCollector: Bool
    let say: @Sendable (String) -> Void

    private static let limit = Duration.seconds(60)

    func remove() async {
        let start = ContinuousClock.now
        if await deleteDaemonSet(since: start) {
            if !leavesPodsToCollector { await deletePods() }
            await waitForPods(since: start)
        }
        // The last: should anything before it have failed, the Job still ends the rest.
        if created.hasJob, let why = await cluster.deleteJob() {
            say("can't delete the run's Job: \(why); \(hint)")
        }
    }

    private func deleteDaemonSet(since start: ContinuousClock.Instant) async -> Bool {
        let path = "\(cluster.daemonSets)/\(created.name)"
        let options: JSON = [
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
            "preconditions": ["uid": .string(created.uid)],
        ]
        while true {
            let why: String
            switch await cluster.api.ask("DELETE", path, body: options, limit: 10) {
            case .answer: return true
            case .refused(let status) where status.code == 404 || status.code == 409: return true
            case .refused(let status):
                tellFailure(status.message ?? "the cluster refused")
                return false
            case .outage(let reason): why = reason
            }
            if start.duration(to: .now) >= Removal.limit {
                tellFailure(why)
                return false
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func tellFailure(_ why: String) {
        say("can't delete daemonset/\(created.name): \(why); \(hint)")
    }

    private var hint: String { "to remove it: \(cluster.deleteCommand)" }

    /// One request for all. Who may not make it leaves them to the garbage collector, which takes longer.
    private func deletePods() async {
        _ = await cluster.api.ask("DELETE", cluster.ownPods)
    }

    private func waitForPods(since start: ContinuousClock.Instant) async {
        var pause = 0.2
        while true {
            let elapsed = start.duration(to: .now)
            do throws(API.Failure) {
                let left = try await cluster.podsLeft()
                if left.isEmpty { return }
                if elapsed > Removal.limit { return tellLeft(left) }
                if elapsed > .seconds(10), await onlyDeadNodes(left) { return tellLeft(left) }
                pause = left.count > 100 ? 1 : min(pause * 1.2, 0.5)
            } catch {
                let (why, isFinal) = switch error {
                case .refused(let status): (status.message ?? "the cluster refused", true)
                case .outage(let reason): (reason, elapsed > Removal.limit)
                }
                if isFinal { return say("its pods may still be there: \(why); \(hint)") }
            }
            try? await Task.sleep(for: .seconds(pause))
        }
    }

    private func onlyDeadNodes(_ left: [(pod: String, node: String)]) async -> Bool {
        guard let dead = try? await cluster.nodesNotReady() else { return false }
        return left.allSatisfy { dead.contains($0.node) }
    }

    private func tellLeft(_ left: [(pod: String, node: String)]) {
        let names = left.sorted { $0.pod < $1.pod }.map { "\($0.pod) on \($0.node.isEmpty ? "no node" : $0.node)" }
        say("""
            deleted, but still there: \(names.joined(separator: ", ")); to remove them: \
            \(cluster.deleteCommand) --force --grace-period=0
            """)
    }
}
