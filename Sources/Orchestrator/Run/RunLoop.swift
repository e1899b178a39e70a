import RunLogic
import System

/// Performs what a run decides, and brings it what comes of it.
struct RunLoop: Sendable {
    let cluster: Cluster
    let plan: Run.Plan
    /// Of its DaemonSets.
    let manifests: [JSON]
    let store: ResultStore
    let output: Output
    let terminal: Terminal
    let signals: Signals
    let start: ContinuousClock.Instant
    /// For the results that are taken from their nodes.
    let slots = Slots(32)

    /// Follows the run to its end.
    ///
    /// - Returns: what became of it.
    func follow() async -> Outcome {
        let (events, source) = AsyncStream.makeStream(of: Event.self)
        let tell: @Sendable (Event) -> Void = { source.yield($0) }
        signals.tell { tell(.signal($0)) }
        var run = Run(plan)
        return await withTaskGroup { group in
            group.addTask { await cluster.followPods(started: !plan.followsPending, tell) }
            group.addTask { await cluster.followDaemonSets(plan.daemonSets, tell) }
            group.addTask { await tick(tell) }
            group.addTask { await output.follow(cluster, container: plan.task.name, say: terminal.mention) }
            for await event in events {
                if case .clock = event { terminal.tick(now) }
                for action in run.handle(event, at: now) {
                    if case .end(let outcome) = action {
                        group.cancelAll()
                        terminal.hideProgress()
                        return outcome
                    }
                    perform(action, tell) { group.addTask(operation: $0) }
                }
            }
            // The events never end before the run does.
            return Outcome(verdict: .failed)
        }
    }

    private var now: Seconds { start.duration(to: .now) / .seconds(1) }

    private func tick(_ tell: (Event) -> Void) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(500))
            tell(.clock)
        }
    }

    private func perform(
        _ action: Action, _ tell: @escaping @Sendable (Event) -> Void,
        start: (@escaping @Sendable () async -> Void) -> Void
    ) {
        switch action {
        case .ended(let nodes): output.take(nodes)
        case .started(let pod): output.live?.add(pod)
        case .tell(let text): terminal.remark(text)
        case .mention(let text): terminal.mention(text)
        case .tellFailure(let text): terminal.sayFailure(text)
        case .progress(let progress): terminal.show(progress)
        case .fetch(let requests):
            start {
                await cluster.fetch(
                    requests, container: plan.task.name, isSealed: plan.isSealed, into: store, remark: terminal.remark
                ) { tell(.fetched($0)) }
                tell(.fetchEnded(requests))
            }
        case .collect(let requests):
            start {
                if let sealing = manifests.first.flatMap({ Sealing(of: $0, task: plan.task) }) {
                    await cluster.collect(requests, sealing, container: plan.task.name, into: store, slots: slots) {
                        tell(.fetched([$0]))
                    }
                }
                tell(.fetchEnded(requests))
            }
        case .release(let pods): start { tell(.released(await cluster.release(pods))) }
        case .delete(let pods): start { tell(.deleted(await cluster.delete(pods))) }
        case .replaceImage(let pods):
            start {
                tell(.imagesReplaced(await cluster.replaceImage(of: pods, plan.agent?.container ?? "")))
            }
        case .look(let pods):
            start { tell(.looked(await cluster.look(at: pods), at: pods)) }
        case .lookAtAll: start { tell(.lookedAtAll(try? await cluster.allPods(started: !plan.followsPending))) }
        case .note(let note): start { await cluster.note(note, on: plan.daemonSets[0].uid) }
        case .askForPending: start { tell(.pendingListed(try? await cluster.pendingPods())) }
        case .askAboutNodes: start { await askAboutNodes(tell) }
        case .countMatchingNodes: start { tell(.matchingNodes(await cluster.matchingNodes(of: manifests))) }
        case .askForWarnings:
            start { if let warnings = try? await cluster.warnings() { tell(.warnings(warnings)) } }
        case .end: break
        }
    }

    private func askAboutNodes(_ tell: (Event) -> Void) async {
        do throws(API.Failure) {
            let notReady = try await cluster.nodesNotReady()
            tell(.nodesNotReady(notReady))
            let words = await cluster.words(ofNotReady: notReady)
            if !words.isEmpty { tell(.nodesSay(words)) }
        } catch {
            // An outage is told by who follows the pods; the next time it may be over.
            if case .refused(let status) = error, status.code == 403 { tell(.nodesForbidden) }
        }
    }
}
