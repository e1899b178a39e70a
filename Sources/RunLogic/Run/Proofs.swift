/// Which results are wanted, and what they prove.
extension Run {
    /// What a pod shows may make its result one that is wanted, or move it to another log.
    mutating func wantResult(of pod: TrackedPod) {
        let current = LogSource(restarts: pod.ends)
        switch pod.phase {
        case .ready:
            guard let log = plan.isSealed ? current : pod.log else { return loseLog(of: pod) }
            // Without a seal it is read when it has been ready for a while: a kubelet that was restarted calls each
            // running container ready for a moment.
            let pause = plan.isSealed || plan.task.isInitContainer ? 0 : plan.limits.secondLook
            results.want(pod.id, log, for: .proof, from: now + pause, at: now)
        case .killed: results.want(pod.id, current, for: .proof, from: now, at: now)
        case .failed where pod.hadStarted && plan.keepsEveryLog: wantFailure(of: pod, current)
        default: break
        }
    }

    /// The container of a failed task is restarted a moment later, and its log is the one before from then on. With a
    /// seal each log has it.
    private mutating func wantFailure(of pod: TrackedPod, _ current: LogSource) {
        if plan.isSealed {
            results.want(pod.id, current, for: .failure, from: now, at: now)
        } else if let log = pod.log {
            results.move(pod.id.uid, to: log, at: now)
            results.want(pod.id, log, for: .failure, from: now, at: now)
        } else if pod.ends > 1 {
            loseLog(of: pod)
        } else {
            results.want(pod.id, current, for: .failure, from: now + plan.limits.restart, at: now)
        }
    }

    /// Kubernetes keeps the log of one container before, and the task's was an earlier one.
    private mutating func loseLog(of pod: TrackedPod) {
        guard results.result(of: pod.id) == nil, !results.isWanted(pod.id.uid) else { return }
        results.lose(pod.id, Results.tooManyRestarts)
        conclude(pod.id, .settled)
    }

    /// The task has not ended: what it wrote until now.
    mutating func wantPart(of pod: TrackedPod) {
        results.want(pod.id, LogSource(restarts: pod.ends), for: .part, from: now, at: now)
    }

    /// Asks for what is due. Many at once cost less; when nothing else is waited for there is nothing to gather.
    mutating func askForResults() {
        guard outcome == nil else { return }
        let pause = isAtWork && closing == nil ? pauseBetweenRequests : 0
        let roster = roster
        let (fetch, collect, look) = results.next(at: now, pause: pause) { roster.pod($0)?.mark }
        if !fetch.isEmpty { actions.append(.fetch(fetch)) }
        if !collect.isEmpty { actions.append(.collect(collect)) }
        if !look.isEmpty { actions.append(.look(look)) }
    }

    /// How long finished nodes are gathered before their results are asked for: the longer the more nodes there are,
    /// 8 s at most; half a second with turns, since a node holds its place until its result is here.
    private var pauseBetweenRequests: Seconds { turns == nil ? max(1, min(8, Seconds(allNodes) / 125)) : 0.5 }

    mutating func take(_ answers: [Fetched]) {
        for answer in answers {
            let pod = answer.request.podUID
            let finding = results.take(
                whileItMayBeOver(answer), from: roster.pod(pod), at: now, isLast: closing != nil,
                mayCome: mayCome(answer.request))
            mayHaveEnded.insert(answer.request.node)
            if let tracked = roster.pod(pod) { conclude(tracked.id, finding) }
        }
    }

    /// For who only looks: that the run has ended, and took its pods along, may be on its way.
    private func whileItMayBeOver(_ answer: Fetched) -> Fetched {
        guard plan.onlyLooks, isGoneSince == nil, case .lost(let why) = answer.outcome,
            let since = results.wantedSince(answer.request.podUID), now < since + plan.limits.lastNews
        else { return answer }
        return Fetched(answer.request, .failed(why))
    }

    /// Whether a result that is wanted may still come: for half a minute after all other nodes have ended, or a whole
    /// one where it is to prove how its task ended. While its node is not ready, and nobody knows that, it is waited for.
    private func mayCome(_ request: LogRequest) -> Bool {
        guard let since = results.wantedSince(request.podUID) else { return false }
        let node = roster.nodes[request.node]
        if roster.notReady.contains(request.node), node?.isFinal == false { return true }
        guard let others = turns == nil ? patience.othersEnded : 0 else { return true }
        // A cluster takes most of a minute to notice that a node is down.
        let limit = plan.limits.result + (node?.isProving == true ? plan.limits.unreachable : 0)
        return !clock.hasLasted(max(since, others), limit)
    }

    /// What a finding makes of a pod.
    mutating func conclude(_ pod: PodID, _ finding: Finding?) {
        guard let finding, let tracked = roster.pod(pod.uid) else { return }
        switch (finding, tracked.phase) {
        case (.seal(let proof), _) where proof.exitStatus == 0: finish(pod)
        case (.seal(let proof), .killed(let code, let reason)) where code == proof.exitStatus:
            finish(pod, as: .failed(exitCode: code, reason))
        case (.seal(let proof), _): finish(pod, as: .failed(exitCode: proof.exitStatus, Reason(nil)))
        // Without a seal there is no better proof; and where its result is lost it is no success.
        case (.settled, .ready): finish(pod)
        case (.settled, .killed(let code, let reason)), (.noSeal, .killed(let code, let reason)):
            guard finding == .settled || tracked.isRunning else { return }
            finish(pod, as: .failed(exitCode: code, interrupted(code, reason)))
        case (.noSeal, .ready):
            take(roster.change(pod.uid) { $0.remark = Reason("it is ready, but the seal of its result did not come") })
        default: break
        }
    }

    private func interrupted(_ code: Int, _ reason: Reason) -> Reason {
        let saysNothing = code == 0 || reason.isEmpty || reason.text.hasPrefix("Unknown")
        return saysNothing ? Reason("it was interrupted, and its result has no seal") : reason
    }

    /// Its task has ended, though the pod stays.
    private mutating func finish(_ pod: PodID, as phase: TrackedPod.Phase = .done) {
        take(roster.change(pod.uid) { [now] in $0.end(as: phase, at: now) })
        turns?.finish(pod.uid)
    }

    mutating func fail(_ uid: String, _ exitCode: Int?, _ reason: Reason) {
        take(roster.change(uid) { [now] in $0.end(as: .failed(exitCode: exitCode, reason), at: now) })
    }
}
