import FoundationEssentials
import RunLogic
import System

/// The end of a run: its results, what became of the nodes, and nothing left in the cluster.
struct Ending: Sendable {
    let request: Request
    let cluster: Cluster
    let created: Created
    let store: ResultStore
    let output: Output
    let terminal: Terminal
    let signals: Signals
    let directory: WorkDirectory
    let start: ContinuousClock.Instant
    /// The run that somebody else started, and ends, where this program only looks at it.
    var looksAt: RunThere?
    /// The run that is brought up to date; nil where there was none.
    var earlier: EarlierRun?

    /// - Returns: the exit status.
    func finish(_ outcome: Outcome) async -> Int32 {
        let verdict = outcome.verdict
        store.keepOnly(outcome.logs)
        if let earlier {
            store.forget(outcome.nodes.filter { !$0.hasOutput && !earlier.stands(after: $0) }.map(\.node))
        }
        let document = document(outcome)
        let isWritten = request.outputDirectory == nil || write(document)
        // What was said before the results comes before them, where both go the same way.
        terminal.flush(patience: .milliseconds(100))

        // Who reads the results may take his time: that keeps nothing from being deleted.
        terminal.lend()
        async let removed = remove(outcome)
        let others = outcome.nodes.map(\.node) + request.changes.nodes.excluded
        let kept = request.baseline == nil ? [] : earlier?.kept(besides: others) ?? []
        let (failure, changed) = await output.finish(document, outcome, and: kept)
        terminal.takeBack()
        if let failure {
            terminal.sayFailure("the results could not be written to standard output: \(failure.reason)")
        }
        let rest = await removed
        await cluster.disconnect()

        // The last, so that they are on the screen.
        outcome.remarks.forEach { terminal.sayFailure($0) }
        if failure == nil, let baseline = request.baseline { tell(changed, since: baseline) }
        if let earlier, let lack = earlier.lack { terminal.sayFailure("\(earlier.directory): \(lack)") }
        recap(outcome, of: document.run.wanted, isWritten)
        if let looksAt, !outcome.isGone { tellHowToGoOn(looksAt, verdict) }
        guard verdict.exitStatus == 0 else { return verdict.exitStatus }
        return failure != nil || !isWritten || changed > 0 || earlier?.lack != nil ? 1 : rest == .objects ? 3 : 0
    }

    private func tell(_ changed: Int, since baseline: String) {
        let nodes = changed == 0 ? "no node has" : changed == 1 ? "1 node has" : "\(changed) nodes have"
        let line = "\(nodes) another result than in \(baseline)"
        changed == 0 ? terminal.mention(line) : terminal.say(line)
    }

    private func tellHowToGoOn(_ there: RunThere, _ verdict: Verdict) {
        let left = created.daemonSets.count > 1 ? "were left as they are" : "was left as it is"
        terminal.say("\(created.text) \(left)")
        if verdict.isStopped { terminal.say("to follow it again:\n\(cluster.attachCommand)") }
        // Nobody else removes what was detached, before its deadline.
        let when = there.notes?.isDetached == true ? "" : ", if its client is gone"
        terminal.say("to remove it\(when):\n\(cluster.deleteCommand)")
    }

    private func remove(_ outcome: Outcome) async -> Removal.Rest {
        guard looksAt == nil else { return .nothing }
        // A run that is deleted when it is done tells as much by that, and who stopped it waits for nobody.
        let isOfUse = outcome.verdict != .done && !outcome.verdict.isStopped
        if request.keep || isOfUse { await cluster.note(outcome.note, on: created.daemonSets[0].uid) }
        guard !request.keep else {
            signals.end(removing: directory)
            terminal.say("kept \(created.text); to remove it:\n\(cluster.deleteCommand)")
            return .nothing
        }
        // The garbage collector ends what belongs to the Job.
        if !request.waits, created.hasJob, await cluster.deleteJob() == nil {
            signals.end(removing: directory)
            return .nothing
        }
        let rest = await Removal(
            cluster: cluster, created: created, leavesPodsToCollector: outcome.wasCutOff, terminal: terminal
        ).remove()
        // From now on there is nothing that a signal could leave behind.
        signals.end(removing: directory)
        return rest
    }

    private func document(_ outcome: Outcome) -> Summary {
        let seconds = start.duration(to: .now)
        // Of those that the user named the controller may count some.
        let named = Set(request.changes.nodes.named)
        let others = outcome.nodes.count { $0.state == .unmet && !named.contains($0.node) }
        // Those that are named one by one are all that are meant.
        let isCounted = outcome.areCounted || !named.isEmpty && request.changes.nodes.found.isEmpty
        return Summary(
            run: Summary.Run(
                name: cluster.identity.name, namespace: cluster.namespace,
                started: Date(timeIntervalSinceNow: -(seconds / .seconds(1))).ISO8601Format(),
                seconds: Int(seconds.components.seconds), verdict: outcome.verdict.name,
                wanted: isCounted ? max(outcome.note.total + others, outcome.nodes.count) : 0),
            nodes: outcome.nodes)
    }

    /// - Returns: whether it could be written.
    private func write(_ document: Summary) -> Bool {
        do throws(SystemError) {
            try document.write(to: store.directory + "/summary.json", after: earlier)
            return true
        } catch {
            terminal.sayFailure("the summary can't be written: \(error)")
            return false
        }
    }

    /// What became of the nodes, in one line.
    private func recap(_ outcome: Outcome, of wanted: Int, _ isWritten: Bool) {
        let verdict = outcome.verdict
        guard !outcome.nodes.isEmpty else { return }
        let seconds = start.duration(to: .now).components.seconds
        // Who only looks does not know when the last node ended.
        let time = looksAt != nil ? "\(age(Seconds(seconds))) after it began" : "in \(seconds) s"
        let line = outcome.recap(time)
        verdict == .done ? terminal.mention(line) : terminal.say(line)
        // Where somebody else's run goes on, its nodes may yet be done.
        if looksAt != nil, verdict.isStopped { return }
        let again = outcome.notDone(goesOn: looksAt != nil || request.keep)
        guard !again.isEmpty else { return }
        guard wanted > 0 else {
            return terminal.say("it is not known how many nodes are meant: run it on all of them again")
        }
        let nameless = wanted - outcome.nodes.count
        guard nameless <= 0 else {
            return terminal.say("\(nameless) of \(wanted) nodes are not known by name: run it on all of them again")
        }
        let names = again.joined(separator: ",")
        guard let typed = request.again else { return terminal.say("to run it there again: --nodes \(names)") }
        // What was kept goes on: not all that is not done may be run again.
        let folder = request.keep || !isWritten ? nil : request.outputDirectory
        let choice = folder.map { ["--retry", $0] } ?? ["--nodes", names]
        guard folder != nil || names.utf8.count < 4000 else {
            return terminal.say("to run it again where it is not done, give --output-dir, then --retry: \(list(again))")
        }
        // Two runs of a manifest of the user's own would have one name.
        let isFree = !request.keep || request.source.isBuiltIn
        let when = isFree ? "" : ", when what is kept has ended and is removed"
        terminal.say("to run it again where it is not done\(when):", toType: typed(choice))
    }
}
