import RunLogic

/// What a run creates, in this order: its Job, what it takes to the nodes, its DaemonSets.
extension Orchestrator {
    /// - Throws: `Refusal` where one of them can't be created; then nothing is left.
    func create(
        _ daemonSets: [JSON], _ notes: RunNotes, _ provisions: Provisions, in cluster: Cluster, deadline: Seconds,
        mayCreateJob: Bool, _ remarks: Remarks
    ) async throws(Refusal) -> Created {
        let insistence = Insistence(program.limits) { [signals = program.signals] in signals.kept != nil }
        var remarks = remarks
        var job: DaemonSet.Metadata?
        var taken: Set<Parcel> = []
        var created: [Run.Plan.DaemonSet] = []
        do throws(Refusal) {
            if mayCreateJob { try await createJob(&job, in: cluster, deadline: deadline, insistence) }
            var notes = notes
            notes.deadline = job?.creationTimestamp.flatMap { Timestamp($0) }.map {
                Timestamp(seconds: $0.seconds + Int(deadline))
            }
            for (parcel, object, need) in provisions.objects(of: cluster.identity, owner: job?.uid) {
                try await cluster.create(parcel, object, need: need, insistence)
                taken.insert(parcel)
            }
            for daemonSet in daemonSets.map(notes.noted) {
                let made = try await cluster.createDaemonSet(
                    daemonSet, owner: job?.uid, source: request.source.name, insistence)
                let metadata = made.daemonSet.metadata
                created.append(Run.Plan.DaemonSet(name: metadata.name, uid: metadata.uid))
                let more = try Remarks(made.alterations, warnings: made.warnings)
                remarks.take(more).forEach { program.terminal.say($0) }
            }
            return Created(
                daemonSets: created, hasJob: job != nil, violatesPodSecurity: remarks.violatesPodSecurity)
        } catch {
            await undo(created, taken, in: cluster, hasJob: job != nil)
            if let signal = program.signals.kept { throw .stopped(signal, error.message) }
            throw error
        }
    }

    /// Deletes what was created before something else was refused.
    private func undo(
        _ created: [Run.Plan.DaemonSet], _ taken: Set<Parcel>, in cluster: Cluster, hasJob: Bool
    ) async {
        var left: [String] = []
        for daemonSet in created {
            program.terminal.say("tasks may have begun on the nodes of daemonset/\(daemonSet.name), which is deleted")
            let why = await cluster.delete("\(cluster.daemonSets)/\(daemonSet.name)")
            if let why { left.append("daemonset/\(daemonSet.name): \(why)") }
        }
        left += await cluster.delete(taken).map { "the run's \($0.parcel.kind): \($0.why)" }
        let job = request.keep ? nil : await cluster.deleteJob()
        // A Job that is deleted takes along what could not be deleted itself.
        if hasJob, job == nil { return }
        if hasJob, let job { left.append("the run's Job: \(job)") }
        for what in left { program.terminal.say("can't delete \(what); to remove it:\n\(cluster.removalCommand)") }
    }

    /// A run goes on without its Job, where somebody is there to end it.
    private func createJob(
        _ job: inout DaemonSet.Metadata?, in cluster: Cluster, deadline: Seconds, _ insistence: Insistence
    ) async throws(Refusal) {
        guard !request.keep else { return }
        let need, why: String
        do throws(Refusal) {
            let made = try await cluster.createJob(deadline: deadline, insistence)
            job = made.job
            guard let flaw = made.flaw else { return }
            (need, why) = ("a Job that ends the run in time, which this cluster's does not", flaw)
        } catch {
            (need, why) = ("a Job, which ends the run in time; the cluster did not take it", error.message)
        }
        guard !request.detach else { throw .cluster("--detach needs \(need): \(why)") }
        program.terminal.say("should this machine fail, the cluster will not end the run by itself: \(why)")
    }
}

/// What the run created.
struct Created: Sendable {
    /// The first has the run's name; there are others where its nodes are of several architectures.
    let daemonSets: [Run.Plan.DaemonSet]
    /// The run has a Job that ends it should this program not be there to do it.
    let hasJob: Bool
    /// The cluster warned that its pods violate the namespace's Pod Security level.
    var violatesPodSecurity = false

    /// For messages.
    var text: String { daemonSets.map { "daemonset/\($0.name)" }.joined(separator: " and ") }
}
