/// How many nodes are wanted: a sum over the run's DaemonSets.
struct Wanted: Sendable {
    private var statuses: [String: DaemonSetStatus?]  // by the DaemonSet's UID, nil until its controller has said it

    init(_ daemonSets: [Run.Plan.DaemonSet]) {
        statuses = Dictionary(daemonSets.map { ($0.uid, nil) }) { first, _ in first }
    }

    /// Whether the controller has seen all of them as they are now.
    var isObserved: Bool { statuses.values.allSatisfy { $0?.isObserved == true } }
    /// How many nodes it wants.
    var nodes: Int { statuses.values.reduce(0) { $0 + ($1?.wanted ?? 0) } }
    /// How many of these have a pod, as it says.
    var scheduled: Int { statuses.values.reduce(0) { $0 + ($1?.scheduled ?? 0) } }

    /// What the DaemonSet asks for was changed since it was seen last.
    ///
    /// - Parameter generation: of what was created; nil where that was not seen.
    func isChanged(_ uid: String, by status: DaemonSetStatus, created generation: Int?) -> Bool {
        guard let before = statuses[uid].map({ $0?.generation ?? generation }) else { return false }
        return before.map { status.generation > $0 } ?? false
    }

    /// - Returns: whether it says something new; nil where the DaemonSet is not the run's.
    mutating func see(_ uid: String, _ status: DaemonSetStatus) -> Bool? {
        guard let before = statuses[uid] else { return nil }
        statuses[uid] = .some(status)
        return before != status
    }
}
