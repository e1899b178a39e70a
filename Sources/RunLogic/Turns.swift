/// Whose turn it is in a run with a pace, and who waits for it.
///
/// A turn is a pod's, not a node's: it begins before the pod is let start, and is over when the cluster says that the
/// task has ended or that the pod is gone. So never more are at work than may be.
struct Turns: Sendable {
    struct Turn: Sendable {
        let pod: PodID
        let since: Seconds
        /// The pod was seen without the gate, or the cluster said that it is taken away.
        var isReleased = false
        /// One of its containers has started.
        var hasStarted = false
        /// It is being deleted, or was, as far as who only looks has seen.
        var isLeaving = false
        /// It was deleted, and does not go.
        var isStuck = false
        /// Why it is not known whether the gate is taken away.
        var trouble: String?
        /// Why it can't be deleted.
        var refusal: String?
    }

    /// What waits, and since when.
    struct Since: Sendable {
        let id: String
        let time: Seconds
    }

    /// A node in the line, with the pod that it waits for.
    struct Place: Sendable {
        let node: String
        let podUID: String
    }

    /// The turns that are not over, by the pod's UID.
    var underway: [String: Turn] = [:]
    /// All pods that have had a turn: none has two.
    var had: Set<String> = []
    /// Since when the time of a node runs: since its first turn, or since its first one after it was renewed.
    var began: [String: Seconds] = [:]
    /// Nodes that lost their pod at work, or are gone: their time runs anew from their next turn on.
    var renewed: Set<String> = []
    /// Why a pod is deleted, by its UID; its node has failed when it is gone.
    var farewells: [String: Reason] = [:]
    /// Nodes that could not be reached in their turn, and whose turn is over.
    var givenUp: Set<String> = []
    var stuck = 0
    /// Why pods can't be deleted, each once.
    var trouble: Set<String> = []
    var hasTimedOut = false
    /// No further node is started.
    var areOver = false
    /// There was an outage, and the pods were not listed since.
    var missesNews = false
    /// The longest time that the run was ever meant to take.
    var deadline: Seconds = 0

    /// Nodes that lost their pod in their turn, those that had none yet, and those that are not ready.
    var again = Line<Place>()
    var line = Line<Place>()
    var last = Line<Place>()
    /// When it was asked first which nodes are not ready, and whether that is known.
    var asked: Seconds?
    var knowsNodes = false
    /// Since when a node can be started.
    var gathering: Seconds?

    // What time decides, each in the order in which its time comes.

    /// Pods in their turn, of which no container may have started.
    var starting = Line<Since>()
    /// Nodes since their time runs.
    var atWork = Line<Since>()
    /// Pods to delete, once their log is here.
    var dismissed = Line<Since>()
    /// Pods that were deleted.
    var leaving = Line<Since>()
    /// Pods that were deleted a while ago.
    var lingering = Line<Since>()
    /// Pods to patch or to delete again.
    var unclear = Line<Since>()
}
