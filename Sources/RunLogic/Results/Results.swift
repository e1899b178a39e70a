/// What the nodes' tasks wrote: which logs are asked for and when, and what they prove.
///
/// A pod's result is wanted, asked for, and settled; the run is told what an answer proves, and decides what that makes
/// of the node.
struct Results: Sendable {
    var wants: [String: Want] = [:]  // by the pod's UID
    private var settled: [String: Result] = [:]  // by the pod's UID
    /// Whose result the node's file holds, or last held, by node.
    private var holders: [String: String] = [:]
    private var requests = Requests()
    /// Pods that are to be looked at once more, in the order in which it is time for that.
    var looks: ArraySlice<String> = []
    private var lastLook: Seconds = -.infinity
    private let isSealed: Bool
    let limits: Limits

    init(isSealed: Bool, _ limits: Limits) {
        self.isSealed = isSealed
        self.limits = limits
    }

    // MARK: Questions

    /// Nothing is underway, and nothing is to come.
    var areSettled: Bool { wants.isEmpty && requests.areDone }

    func isWanted(_ uid: String) -> Bool { wants[uid] != nil }

    /// When a pod's result was wanted first; nil where it is not wanted any more.
    func wantedSince(_ uid: String) -> Seconds? { wants[uid]?.since }

    /// What became of a pod's result; nil where nobody wanted it, or where it has not come yet.
    func result(of pod: PodID) -> Result? {
        guard let result = settled[pod.uid], !result.isHere || holders[pod.node] == pod.uid else { return nil }
        return result
    }

    // MARK: What is wanted

    /// A pod's result is wanted; nothing changes where it is already, or is settled.
    ///
    /// - Parameter time: when it may be asked for at the earliest.
    mutating func want(_ pod: PodID, _ log: LogSource, for aim: Want.Aim, from time: Seconds, at now: Seconds) {
        guard wants[pod.uid] == nil, settled[pod.uid] == nil else { return }
        wants[pod.uid] = Want(pod: pod, log: log, aim: aim, since: now)
        ask(pod.uid, from: time)
    }

    /// The log is another one than was thought, and may be asked for at once.
    mutating func move(_ uid: String, to log: LogSource, at now: Seconds) {
        guard case .wanted = wants[uid]?.step, wants[uid]?.log != log else { return }
        wants[uid]?.log = log
        ask(uid, from: now)
    }

    /// The task has failed all the same: what it wrote is wanted, and proves nothing any more. A log that came before
    /// it had ended is not all of it.
    mutating func expectFailure(_ uid: String) {
        guard wants[uid]?.aim == .proof else { return }
        if isSealed { wants[uid]?.aim = .failure } else { wants[uid] = nil }
    }

    /// The end is decided: what is still wanted is asked for at once.
    mutating func hurry(at now: Seconds) {
        requests.hurry(at: now) { wants[$0.uid]?.aim == .proof }
    }

    mutating func lose(_ pod: PodID, _ why: String) {
        // The log of a task that has not ended is here, and is kept, though the node could not be asked for more.
        if settled[pod.uid]?.isHere == true { wants[pod.uid] = nil } else { settle(pod, .lost(Reason(nil, why).text)) }
    }

    mutating func ask(_ uid: String, from time: Seconds) {
        guard let pod = wants[uid]?.pod else { return }
        wants[uid]?.step = .wanted
        requests.add(pod, from: time)
    }

    mutating func settle(_ pod: PodID, _ result: Result) {
        wants[pod.uid] = nil
        settled[pod.uid] = result
        if result.isHere { holders[pod.node] = pod.uid }
    }

    // MARK: What is asked for

    /// What is to be done now, see `Requests.next`.
    mutating func next(
        at now: Seconds, pause: Seconds, _ mark: (String) -> Mark?
    ) -> (fetch: [LogRequest], collect: [LogRequest], look: [PodID]) {
        var asked: [Want.Way: [LogRequest]] = [:]
        let next = requests.next(at: now, pause: pause) { [wants] pod in wants[pod.uid]?.step == .wanted }
        for (pod, number) in next {
            guard let want = wants[pod.uid] else { continue }
            let mark = mark(pod.uid)
            let request = LogRequest(
                node: pod.node, pod: pod.name, podUID: pod.uid, source: want.log, number: number,
                startedAt: want.log.previous ? nil : mark?.startedAt, isPart: want.aim == .part)
            wants[pod.uid]?.step = .underway(request, mark)
            asked[want.way, default: []].append(request)
        }
        return (asked[.log] ?? [], asked[.node] ?? [], now >= lastLook + pause ? dueLooks(at: now) : [])
    }

    private mutating func dueLooks(at now: Seconds) -> [PodID] {
        var pods: [PodID] = []
        while let uid = looks.first {
            if let want = wants[uid], case .shown(let mark, let time) = want.step {
                guard time <= now else { break }
                wants[uid]?.step = .looking(mark)
                pods.append(want.pod)
            }
            _ = looks.popFirst()
        }
        if !pods.isEmpty { lastLook = now }
        return pods
    }

    // MARK: What comes

    /// A request has ended.
    ///
    /// - Parameters:
    ///   - isLast: what comes without a seal is asked for at its node at most.
    ///   - mayCome: whether it may come later where it did not come.
    mutating func take(
        _ answer: Fetched, from pod: TrackedPod?, at now: Seconds, isLast: Bool, mayCome: Bool
    ) -> Finding? {
        requests.end(answer.request)
        guard let want = wants[answer.request.podUID], let pod,
            case .underway(let request, let mark) = want.step, answer.request == request
        else { return nil }
        switch answer.outcome {
        case .proved(let proof):
            settle(want.pod, proof.bytes == proof.written ? .whole(proof) : .cut(proof))
            return .seal(proof)
        case .sealed(let proof):
            if want.way == .log {
                askNode(want, at: now)
            } else {
                tryAgain(want, pod, "what came does not fit its seal", at: now, mayCome)
            }
            return wants[want.pod.uid] == nil ? .settled : .seal(proof)
        case .unsealed: return unsealed(want, pod, at: now, isLast)
        case .complete:
            wants[want.pod.uid]?.delay = answer.delay
            return complete(want, pod, mark, at: now)
        case .lost(let why): take(lost: want, pod, why, at: now, isLast, mayCome)
        case .failed(let why): tryAgain(want, pod, why, at: now, mayCome)
        }
        return wants[want.pod.uid] == nil && settled[want.pod.uid] != nil ? .settled : nil
    }

    /// Its log can't be had, or its node can't be asked.
    private mutating func take(
        lost want: Want, _ pod: TrackedPod, _ why: String, at now: Seconds, _ isLast: Bool, _ mayCome: Bool
    ) {
        let isLate = want.way == .node && (1...3).contains(want.unsealed) && want.refusals < 3
        if isSealed, want.way == .log, pod.isRunning {
            askNode(want, at: now)
        } else if isLate, want.aim == .proof, pod.isProving {
            // The log came before its seal, and the node can't be asked: the log has it a moment later.
            wants[want.pod.uid]?.way = .log
            wants[want.pod.uid]?.refusals += 1
            ask(want.pod.uid, from: now + limits.resultPause)
        } else if isSealed, !isLast, want.aim == .proof, pod.isThere, pod.isProving, !pod.isRunning {
            // Started again it writes its seal again.
            tryAgain(want, pod, why, at: now, mayCome)
        } else {
            giveUp(want, pod, why)
        }
    }

    private mutating func askNode(_ want: Want, at now: Seconds) {
        wants[want.pod.uid] = want
        wants[want.pod.uid]?.way = .node
        ask(want.pod.uid, from: now)
    }

    private mutating func tryAgain(
        _ want: Want, _ pod: TrackedPod, _ why: String, at now: Seconds, _ mayCome: Bool
    ) {
        guard mayCome else { return giveUp(want, pod, why) }
        ask(want.pod.uid, from: now + limits.resultPause)
    }

    private mutating func giveUp(_ want: Want, _ pod: TrackedPod, _ why: String) {
        if want.aim == .proof, !pod.isProving, !pod.isFinal {
            // It was ready, and is not any more: its result is wanted anew when it is.
            wants[want.pod.uid] = nil
        } else {
            lose(want.pod, why)
        }
    }

    /// Its log is late, was rotated away, or a kubelet called it ready too soon: the log is asked for, then the node.
    private mutating func unsealed(_ want: Want, _ pod: TrackedPod, at now: Seconds, _ isLast: Bool) -> Finding? {
        let tries = want.unsealed + 1
        if isSealed, want.aim == .part, want.way == .log, pod.isRunning {
            // A log holds 8 MiB of it, and less where kubelet rotated it: the node has all.
            settle(want.pod, .part)
            askNode(want, at: now)
            return .noSeal
        }
        // At the end, too, the node is asked once whether it was done.
        let isAsked = want.aim == .proof && pod.isProving && want.way == .log && pod.isRunning && tries == 1
        let isEnough = want.aim == .part || isLast && !isAsked || want.aim == .failure && tries > 2
        if isEnough {
            settle(want.pod, .part)
        } else if want.aim == .proof, !pod.isProving {
            // It was ready, and is not any more.
            wants[want.pod.uid] = nil
        } else {
            if isLast {
                // What is here is kept, should the node not answer.
                settle(want.pod, .part)
                wants[want.pod.uid] = want
            }
            wants[want.pod.uid]?.unsealed = tries
            wants[want.pod.uid]?.way = want.way == .log && pod.isRunning ? .node : .log
            let pauses: [Seconds] = [1, 2, 4, 8]
            ask(want.pod.uid, from: now + (tries <= pauses.count ? pauses[tries - 1] : limits.ask))
        }
        // The log of a container that was started again may be on its way; the node itself knows.
        return want.way == .node || tries > 2 || isEnough || isLast && pod.phase == .ready ? .noSeal : nil
    }
}
