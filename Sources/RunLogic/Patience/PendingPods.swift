/// The pods that have not started.
///
/// They change several times each before they start, which makes half of what there is to follow on a large cluster,
/// and says nothing of a node that is not late. So they are asked for where nodes are late, and before a run is done.
struct PendingPods: Sendable {
    /// The list has been asked for, and has not come.
    private(set) var isUnderway = false
    /// Something has changed since it was asked for: the list may be of before that.
    private(set) var mayBeOld = false
    /// They are known, and nothing has changed since.
    private var areKnown = false
    /// When it may be asked for again.
    private var askAgain: Seconds = -.infinity
    private let areFollowed: Bool

    /// - Parameter areFollowed: what becomes of them comes by itself.
    init(areFollowed: Bool) { self.areFollowed = areFollowed }

    mutating func noteChange() { (areKnown, mayBeOld) = (false, true) }

    /// Whether to ask for them now: not again at once where the cluster did not say.
    mutating func asks(at now: Seconds) -> Bool {
        guard !areFollowed, !isUnderway, now >= askAgain else { return false }
        (isUnderway, mayBeOld) = (true, false)
        return true
    }

    mutating func take(isThere: Bool, mayBeOld: Bool, at now: Seconds) {
        isUnderway = false
        areKnown = isThere && !mayBeOld
        if !isThere { askAgain = now + 2 }
    }

    /// Whether all pods are known. A node that was lost before its pod started is one that the controller no longer
    /// counts: whether there is one is asked before anything is said of all nodes.
    var areAllKnown: Bool { areFollowed || areKnown }
}
