/// How many nodes are wanted: a sum over the run's DaemonSets.
struct Wanted: Sendable {
    private let daemonSets: Int
    /// The generation of what was created; nil where that was not seen.
    private let created: Int?
    private var statuses: [String: DaemonSetStatus] = [:]  // by the DaemonSet's UID

    init(_ daemonSets: [Run.Plan.DaemonSet], created: Int?) {
        (self.daemonSets, self.created) = (daemonSets.count, created)
    }

    /// Whether the controller has seen all of them as they are now.
    var isObserved: Bool { statuses.count == daemonSets && statuses.values.allSatisfy(\.isObserved) }
    var nodes: Int { statuses.values.reduce(0) { $0 + $1.wanted } }
    /// Whether one of them wants no node. Each was made for nodes that are there, but a controller may say so for a
    /// while.
    var isAnyEmpty: Bool { statuses.values.contains { $0.wanted == 0 } }
    var scheduled: Int { statuses.values.reduce(0) { $0 + $1.scheduled } }

    /// - Returns: nil where it says nothing new, else whether what the DaemonSet asks for was changed meanwhile.
    mutating func see(_ uid: String, _ status: DaemonSetStatus) -> Bool? {
        let before = statuses.updateValue(status, forKey: uid)
        guard before != status else { return nil }
        return (before?.generation ?? created).map { status.generation > $0 } ?? false
    }
}
