/// What a node is.
public enum NodeState: String, Sendable, CaseIterable {
    /// It waits for its turn.
    case queued
    /// Its task has not ended, or it is not known how.
    case waiting
    /// It is not ready, and its task has not ended.
    case unreachable
    /// Its pod was deleted before its task was done.
    case gone
    case done
    case failed
    /// It is done, but its result is lost.
    case unfetched
    /// It was named, and has no pod.
    case unmet
}

/// A node: what its pods make of it.
struct Node: Sendable {
    /// Its pods by their UID, the first that was seen first.
    var pods: [String] = []
    /// The pod that counts.
    private(set) var pod = ""
    private(set) var state = NodeState.waiting
    /// Why it is not done, as its pod says; while the node is not ready, that is why.
    private(set) var reason: Reason?
    /// The task in the pod that counts has started.
    private(set) var hasStarted = false
    /// Its task has ended, and what came of it is not proved yet.
    private(set) var isProving = false
    /// A pod was deleted after its task had started, and another one takes its place.
    private(set) var runsAgain = false
    /// The cluster has a pod there.
    private(set) var isPresent = false
    /// It is in trouble, such as short of disk, and turns its pods down: the next one is not waited for as another
    /// node's.
    private(set) var turnsDown = false

    var isFinal: Bool { state == .done || state == .failed }

    /// Makes a node of its pods, which are in the order in which they were first seen.
    ///
    /// - Parameters:
    ///   - words: what it says of why it is not ready.
    ///   - takesTurns: new pods are held back; then no node whose task has started is let start again.
    mutating func fold(_ all: [TrackedPod], isReady: Bool, words: String?, takesTurns: Bool) {
        isPresent = all.contains { $0.isThere && $0.phase != .gone }
        turnsDown =
            all.lastIndex(where: \.isTurnedDown).map { !all[$0...].contains(where: \.isAdmitted) } ?? false
            && !all.contains(where: \.hadStarted)
        // What ended first counts for good.
        if isFinal { return }
        let hadStarted = all.contains { $0.hadStarted && !$0.isLive && !$0.isFinal }
        let live = all.filter { $0.isLive && !(takesTurns && hadStarted && $0.phase == .queued) }
        let final = all.first { $0.isFinal }
        let highest = live.map(rank).max()
        // Of several one that started counts, or else the one that came first.
        let best = live.first { rank($0) == highest }
        guard let one = final ?? best ?? all.last(where: { $0.hadStarted }) ?? all.last else { return }
        pod = one.id.uid
        hasStarted = one.hadStarted
        isProving = one.isProving
        runsAgain = hadStarted && best != nil && final == nil
        reason = one.whyNot
        switch one.phase {
        case .done: state = .done
        case .failed: state = .failed
        case .queued: state = .queued
        case .gone: state = .gone
        case .rejected where !one.isThere: state = turnsDown ? .waiting : .gone
        default:
            // A node that is not ready can't be waiting.
            state = isReady ? .waiting : .unreachable
            if !isReady { reason = Reason("the node is not ready", words) }
        }
        // A pod that has just come in the place of one that was turned down says nothing yet.
        if turnsDown, state == .waiting, let last = all.last(where: \.isTurnedDown) { reason = last.whyNot }
    }

    private func rank(_ pod: TrackedPod) -> Int {
        if pod.hadStarted { return 3 }
        switch pod.phase {
        case .rejected: return 0
        case .queued: return 1
        default: return 2
        }
    }
}
