/// How many nodes are wanted: a sum over the run's DaemonSets.
struct Wanted: Sendable {
    private let daemonSets: Int
    private var statuses: [String: DaemonSetStatus] = [:]  // by the DaemonSet's UID

    init(_ daemonSets: [Run.Plan.DaemonSet]) { self.daemonSets = daemonSets.count }

    /// Whether the controller has seen all of them as they are now.
    var isObserved: Bool { statuses.count == daemonSets && statuses.values.allSatisfy(\.isObserved) }
    var nodes: Int { statuses.values.reduce(0) { $0 + $1.wanted } }
    /// Whether one of them wants no node, though it was made since there are some: a controller may say so for a while.
    var isAnyEmpty: Bool { statuses.values.contains { $0.wanted == 0 } }
    var scheduled: Int { statuses.values.reduce(0) { $0 + $1.scheduled } }

    /// What the DaemonSet asks for was changed since it was seen last.
    ///
    /// - Parameter generation: of what was created; nil where that was not seen.
    func isChanged(_ uid: String, by status: DaemonSetStatus, created generation: Int?) -> Bool {
        guard let before = statuses[uid]?.generation ?? generation else { return false }
        return status.generation > before
    }

    /// - Returns: whether it says something new.
    mutating func see(_ uid: String, _ status: DaemonSetStatus) -> Bool {
        guard statuses[uid] != status else { return false }
        statuses[uid] = status
        return true
    }
}
