import RunLogic
import Testing

/// A run told as a story: what happens and when, with a clock that ticks every second in between.
///
/// Logs come as soon as they are asked for, where the story does not say otherwise.
struct Story {
    var run: Run
    private(set) var now: Seconds = 0
    private(set) var actions: [(time: Seconds, action: Action)] = []
    /// What becomes of the logs of these nodes, other than that they come.
    var outcomes: [String: Fetched.Outcome] = [:]
    /// The pods that have not started, as told last, by their UID.
    private var pending: [String: Pod] = [:]
    /// Pods that have not started, and of which nothing was told.
    var unfollowed: [Pod] = []
    /// Whether the list of the pods that have not started comes by itself.
    var listComes = true
    /// Whether requests for logs end by themselves.
    var logsCome = true

    static let daemonSetUID = "uid-of-the-daemonset"

    init(
        timeout: Seconds = 300, failFast: Bool = false, keepsEveryLog: Bool = false, agentImage: String? = nil,
        task: TaskContainer = TaskContainer(name: "task"), name: String = "task"
    ) {
        var plan = Run.Plan(
            task: task, timeout: timeout, daemonSetName: name, daemonSetUID: Story.daemonSetUID)
        plan.failFast = failFast
        plan.keepsEveryLog = keepsEveryLog
        plan.agent = agentImage.map { ("install-run-once", $0) }
        plan.selection = "look at the selector"
        run = Run(plan)
    }

    /// The story of who looks at a run that somebody else started at noon, from so many seconds later on.
    init(lookingFrom since: Seconds, timeout: Seconds = 300, keepsEveryLog: Bool = false, pace: Pace? = nil) {
        var plan = Run.Plan(
            task: TaskContainer(name: "task"), timeout: timeout, daemonSetName: "task",
            daemonSetUID: Story.daemonSetUID)
        plan.keepsEveryLog = keepsEveryLog
        plan.pace = pace
        plan.failFast = true
        plan.onlyLook(began: Timestamp(noon)!, since: since)
        run = Run(plan)
        now = since
    }

    /// A story that begins with so many nodes wanted.
    init(wanting count: Int, timeout: Seconds = 300, failFast: Bool = false, keepsEveryLog: Bool = false) {
        self.init(timeout: timeout, failFast: failFast, keepsEveryLog: keepsEveryLog)
        at(0, .wants(count))
    }

    /// Lets the time pass, and then these events happen.
    mutating func at(_ time: Seconds, _ events: Event...) {
        while now.rounded(.down) + 1 <= time {
            now = now.rounded(.down) + 1
            happen(.clock)
        }
        now = max(now, time)
        events.forEach { happen($0) }
    }

    /// The requests for logs that are underway end like this.
    mutating func answer(_ outcome: Fetched.Outcome = .complete) {
        let requests = fetches.last ?? []
        happen(.fetched(requests.map { Fetched($0, outcome) }))
        happen(.fetchEnded(requests))
    }

    private mutating func happen(_ event: Event) {
        note(event)
        let wanted = run.handle(event, at: now)
        actions += wanted.map { (now, $0) }
        for case .fetch(let requests) in wanted where logsCome {
            happen(.fetched(requests.map { Fetched($0, outcomes[$0.node] ?? .complete) }))
        }
        for case .askForPending in wanted where listComes { happen(.pendingListed(Array(pending.values) + unfollowed)) }
    }

    private mutating func note(_ event: Event) {
        switch event {
        case .pod(let pod): pending[pod.metadata.uid] = pod.status.phase == "Pending" ? pod : nil
        case .podRemoved(let pod): pending[pod.metadata.uid] = nil
        case .pendingListed(let pods?): pending = pending.filter { pods.contains($0.value) }
        default: break
        }
    }

    // MARK: What came of it

    var told: [String] {
        actions.compactMap(\.action.told)
    }

    /// The nodes whose results were announced, in order.
    var announced: [String] {
        actions.flatMap { if case .results(let nodes) = $0.action { nodes } else { [String]() } }
    }

    /// How often this was wanted.
    func count(of action: Action) -> Int { actions.count { $0.action == action } }

    /// When something was told that contains this; nil where it was not told.
    func told(_ text: String) -> Seconds? {
        actions.first { $0.action.told?.contains(text) == true }?.time
    }

    var progress: [(time: Seconds, text: String)] {
        actions.compactMap { if case .progress(let progress) = $0.action { ($0.time, "\(progress)") } else { nil } }
    }

    var fetches: [[LogRequest]] {
        actions.compactMap { if case .fetch(let requests) = $0.action { requests } else { nil } }
    }

    /// The requests for the log of a node, in order.
    func requests(for node: String) -> [LogRequest] { fetches.joined().filter { $0.node == node } }

    /// When this was asked for.
    func times(of action: Action) -> [Seconds] { actions.filter { $0.action == action }.map(\.time) }

    var verdict: Verdict? {
        if case .end(let verdict)? = actions.last?.action { verdict } else { nil }
    }

    /// When it ended.
    var end: Seconds? { verdict == nil ? nil : actions.last?.time }

    func state(of node: String) -> NodeState? { run.summary.first { $0.node == node }?.state }
    func reason(of node: String) -> String? { run.summary.first { $0.node == node }?.reason }
    var results: [String] { run.summary.filter { $0.state == .done }.map(\.node) }
}

extension Action {
    var told: String? {
        switch self {
        case .tell(let text), .tellFailure(let text): text
        default: nil
        }
    }
}

extension Event {
    /// The controller wants so many nodes, and has made a pod on each.
    static func wants(_ count: Int) -> Event { .daemonSet(DaemonSetStatus(isObserved: true, wanted: count)) }

    /// The controller wants so many nodes, and has made a pod on some of them.
    static func wants(_ count: Int, has scheduled: Int) -> Event {
        .daemonSet(DaemonSetStatus(isObserved: true, wanted: count, scheduled: scheduled))
    }

    static let notObserved = Event.daemonSet(DaemonSetStatus(isObserved: false, wanted: 0))

    static func warning(about uid: String, _ reason: String, _ message: String) -> Event {
        .warnings([Warning(uid: uid, reason: reason, message: message)])
    }
}
