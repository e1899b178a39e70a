import RunLogic

/// Deletes what a run created, and waits until it is gone.
struct Removal: Sendable {
    let cluster: Cluster
    let created: Created
    /// After an outage a controller may not know yet that the DaemonSet is gone, and would make pods anew that somebody
    /// deletes: they are left to the garbage collector, which knows.
    let leavesPodsToCollector: Bool
    let terminal: Terminal
    let start = ContinuousClock.now

    /// What is left, as far as the cluster says.
    enum Rest {
        case nothing
        /// Pods, whose nodes may be dead.
        case pods
        /// Something that could not be deleted.
        case objects
    }

    func remove() async -> Rest {
        // First: as long as it is there, so is the DaemonSet that tells of it. The Job takes it along where this fails.
        var rest = await deleteParcels() ? Rest.nothing : .objects
        // The one that has the run's name goes last: as long as it is there, `delete` finds all of the run.
        var areDeleted = true
        for daemonSet in created.daemonSets.reversed() where areDeleted {
            areDeleted = await delete(daemonSet)
        }
        if areDeleted {
            if !leavesPodsToCollector { await deletePods() }
            if await !waitForPods(), rest == .nothing { rest = .pods }
        } else {
            rest = .objects
        }
        // The last: should anything before it have failed, the Job still ends the rest.
        if created.hasJob, let why = await cluster.deleteJob(until: deadline) {
            terminal.say("can't delete the run's Job: \(why); \(hint)")
            return .objects
        }
        return rest
    }

    private func deleteParcels() async -> Bool {
        let left = await cluster.delete(cluster.parcels, until: deadline)
        guard !created.hasJob else { return true }
        for (parcel, why) in left { terminal.say("can't delete the run's \(parcel.kind): \(why); \(hint)") }
        return left.isEmpty
    }

    private func delete(_ daemonSet: Run.Plan.DaemonSet) async -> Bool {
        let path = "\(cluster.daemonSets)/\(daemonSet.name)"
        let options: JSON = [
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
            "preconditions": ["uid": .string(daemonSet.uid)],
        ]
        var isTold = false
        while true {
            let why: String
            switch await cluster.api.ask("DELETE", path, body: options, limit: limits.briefRequest) {
            case .success: return true
            case .failure(.refused(let status)) where status.code == 404 || status.code == 409: return true
            case .failure(.refused(let status)):
                tellFailure(daemonSet.name, status.message ?? "the cluster refused")
                return false
            case .failure(.outage(let reason)): why = reason
            }
            if ContinuousClock.now >= deadline {
                tellFailure(daemonSet.name, why)
                return false
            }
            if !isTold, leavesPodsToCollector {
                terminal.say(
                    """
                    the cluster does not answer: to delete daemonset/\(daemonSet.name) is tried for \
                    \(Int(limits.removal)) s; Ctrl-C ends that
                    """)
                isTold = true
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func tellFailure(_ name: String, _ why: String) {
        terminal.say("can't delete daemonset/\(name): \(why); \(hint)")
    }

    private var limits: Limits { cluster.api.limits }

    private var deadline: ContinuousClock.Instant { start + .seconds(limits.removal) }

    private var seconds: Seconds { start.duration(to: .now) / .seconds(1) }

    private var hint: String { "to remove it:\n\(cluster.removalCommand)" }

    /// One request for all. Who may not make it leaves them to the garbage collector, which takes longer.
    private func deletePods() async {
        _ = await cluster.api.ask("DELETE", cluster.ownPods, limit: limits.briefRequest)
    }

    private func waitForPods() async -> Bool {
        defer { terminal.hideProgress() }
        var departure = Departure(limits)
        while true {
            var left: PodsLeft?
            var why = ""
            do throws(API.Failure) {
                left = try await cluster.podsLeft()
            } catch {
                switch error {
                case .refused(let status): return tellUnknown(status.message ?? "the cluster refused")
                case .outage(let reason): why = reason
                }
            }
            show(left)
            switch departure.look(left.map { Set($0.pods.map(\.name)) }, at: seconds) {
            case .gone: return true
            case .look(let pause): try? await Task.sleep(for: .seconds(pause))
            case .watch(let limit): if let left { await watch(left, atMost: limit) }
            case .askAboutNodes:
                if let left, await areOnDeadNodes(left) { return tellLeft(left) }
            case .giveUp:
                if let left { return tellLeft(left) } else { return tellUnknown(why) }
            }
        }
    }

    /// Until they are gone, or so many seconds are over.
    private func watch(_ left: PodsLeft, atMost limit: Seconds) async {
        await withTaskGroup { group in
            group.addTask {
                while (try? await Task.sleep(for: .seconds(1))) != nil { show(left) }
            }
            group.addTask { await cluster.watch(left, atMost: limit) }
            _ = await group.next()
            group.cancelAll()
        }
    }

    private func show(_ left: PodsLeft?) {
        guard let count = left?.pods.count, count > 0 else { return }
        let pods = count == 1 ? "1 pod" : count < 500 ? "\(count) pods" : "pods"
        terminal.wait("deleting \(pods)", seconds, "Ctrl-C leaves \(count == 1 ? "it" : "them")")
    }

    private func areOnDeadNodes(_ left: PodsLeft) async -> Bool {
        guard let dead = try? await cluster.nodesNotReady() else { return false }
        return left.pods.allSatisfy { dead.contains($0.node) }
    }

    private func tellUnknown(_ why: String) -> Bool {
        terminal.say("its pods may still be there: \(why); \(hint)")
        return false
    }

    private func tellLeft(_ left: PodsLeft) -> Bool {
        terminal.say(
            """
            deleted, but pods are still there on \(list(Set(left.pods.map(\.node)))); to remove them:
            \(cluster.removalCommand) --force --grace-period=0
            """)
        return false
    }
}
