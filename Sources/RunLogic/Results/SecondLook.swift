/// Results without a seal: a log is what it should be where its pod is looked at once more, and is still as it was.
extension Results {
    static let tooManyRestarts = "its container was restarted more than once, and Kubernetes keeps one log before"

    /// Its log is here. When it has been ready for a while it is looked at once more.
    private mutating func lookLater(_ uid: String, _ mark: Mark?, at now: Seconds) {
        wants[uid]?.step = .shown(mark, at: now + limits.secondLook)
        looks.append(uid)
    }

    /// It is what it should be if the container was not restarted meanwhile. Logs can be ahead of what the cluster
    /// shows of their pods: so that is looked at once more.
    mutating func complete(_ want: Want, _ pod: TrackedPod, _ mark: Mark?, at now: Seconds) -> Finding? {
        guard pod.ends <= want.log.restarts else { return moved(want, pod, at: now) }
        switch want.aim {
        case .part: settle(want.pod, .part)
        case .failure, .proof: lookLater(want.pod.uid, mark, at: now)
        }
        return nil
    }

    private mutating func moved(_ want: Want, _ pod: TrackedPod, at now: Seconds) -> Finding? {
        guard pod.ends == 1 else {
            lose(want.pod, Results.tooManyRestarts)
            return .settled
        }
        wants[want.pod.uid]?.log = LogSource(previous: true, restarts: 1)
        ask(want.pod.uid, from: now)
        return nil
    }

    /// Pods were looked at once more, and what was seen is known.
    mutating func take(look uid: String, _ pod: TrackedPod?, wasSeen: Bool, at now: Seconds) -> Finding? {
        guard let want = wants[uid], let pod, case .looking(let mark) = want.step else { return nil }
        let hasFailed = want.aim == .failure
        guard hasFailed || pod.phase == .ready else {
            wants[uid] = nil
            return nil
        }
        guard pod.isThere else {
            // What is gone can't be looked at: what came may be another container's.
            if hasFailed {
                settle(want.pod, .part)
            } else {
                lose(want.pod, "its pod was deleted before it could be looked at once more")
            }
            return .settled
        }
        guard pod.ends <= want.log.restarts else { return moved(want, pod, at: now) }
        if wasSeen, hasFailed || pod.mark == mark {
            settle(want.pod, (want.delay ?? 0) < limits.rotation ? .whole(nil) : .late)
            return .settled
        }
        // Between the request for its log and now it was not ready, or it could not be seen.
        if wasSeen { ask(uid, from: now) } else { lookLater(uid, mark, at: now) }
        return nil
    }
}
