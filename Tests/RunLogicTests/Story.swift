@testable import RunLogic
import Testing

/// A run told as a story: what happens and when, with a clock that ticks every second in between.
///
/// Results come as soon as they are asked for, and prove what is so, where the story does not say otherwise.
struct Story {
    var run: Run
    private(set) var now: Seconds = 0
    private(set) var actions: [(time: Seconds, action: Action)] = []
    /// What becomes of the results of these nodes, other than that they come.
    var outcomes: [String: Fetched.Outcome] = [:]
    /// The pods as they were told last, by their UID.
    private var shown: [String: Pod] = [:]
    /// Pods that have not started, and of which nothing was told.
    var unfollowed: [Pod] = []
    /// Whether the list of the pods that have not started comes by itself.
    var listComes = true
    /// Whether requests for results end by themselves.
    var logsCome = true
    /// Whether pods can be looked at once more.
    var looksCome = true
    /// The nodes that are not ready, where that is known when it is asked.
    var notReady: Set<String>?

    static let daemonSetUID = "uid-of-the-daemonset"

    static func plan(timeout: Seconds = 300, task: TaskContainer = TaskContainer(name: "task"), name: String = "task")
        -> Run.Plan
    {
        var plan = Run.Plan(
            task: task, timeout: timeout, daemonSets: [Run.Plan.DaemonSet(name: name, uid: daemonSetUID)])
        plan.isSealed = true
        plan.selection = "look at the selector"
        return plan
    }

    init(_ plan: Run.Plan, at time: Seconds = 0) {
        run = Run(plan)
        now = time
    }

    /// - Parameter count: how many nodes are wanted when it begins; nil where nobody has said it by then.
    init(
        wanting count: Int? = nil, timeout: Seconds = 300, failFast: Bool = false, keepsEveryLog: Bool = false,
        agentImage: String? = nil, isSealed: Bool = true, task: TaskContainer = TaskContainer(name: "task"),
        name: String = "task"
    ) {
        var plan = Story.plan(timeout: timeout, task: task, name: name)
        plan.isSealed = isSealed
        plan.budget = failFast ? .number(0) : nil
        plan.keepsEveryLog = keepsEveryLog
        plan.agent = agentImage.map { ("install-run-once", $0) }
        self.init(plan)
        if let count { at(0, .wants(count)) }
    }

    /// The story of who looks at a run that somebody else started, from so many seconds later on.
    init(lookingFrom since: Seconds, timeout: Seconds = 300, pace: Pace? = nil, budget: Share? = nil) {
        var plan = Story.plan(timeout: timeout)
        (plan.pace, plan.budget) = (pace, budget)
        plan.lookBegins = since
        self.init(plan, at: since)
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

    /// Lets the time pass in one jump: nothing is heard until then.
    mutating func jump(to time: Seconds, _ events: Event...) {
        now = time
        events.forEach { happen($0) }
    }

    /// The requests for results that are underway end like this.
    mutating func answer(_ outcome: Fetched.Outcome? = nil) {
        let requests = fetches.last ?? []
        happen(.fetched(requests.map { Fetched($0, outcome ?? truth(of: $0)) }))
        happen(.fetchEnded(requests))
    }

    private mutating func happen(_ event: Event) {
        note(event)
        let wanted = run.handle(event, at: now)
        actions += wanted.map { (now, $0) }
        for action in wanted {
            switch action {
            case .fetch(let requests) where logsCome, .collect(let requests) where logsCome:
                happen(.fetched(requests.map { Fetched($0, outcomes[$0.node] ?? truth(of: $0)) }))
                happen(.fetchEnded(requests))
            case .look(let pods) where looksCome: happen(.looked(pods.compactMap { shown[$0.uid] }, at: pods))
            case .lookAtAll where looksCome: happen(.lookedAtAll(Array(shown.values)))
            case .askForPending where listComes:
                happen(.pendingListed(shown.values.filter { $0.status.phase == "Pending" } + unfollowed))
            case .askAboutNodes: if let notReady { happen(.nodesNotReady(notReady)) }
            default: break
            }
        }
    }

    private mutating func note(_ event: Event) {
        switch event {
        case .pod(let pod): shown[pod.metadata.uid] = pod
        case .podRemoved(let pod): shown[pod.metadata.uid] = nil
        case .podsListed(let pods), .lookedAtAll(let pods?), .looked(let pods, _):
            pods.forEach { shown[$0.metadata.uid] = $0 }
        case .pendingListed(let pods?):
            shown = shown.filter { $0.value.status.phase != "Pending" || pods.contains($0.value) }
        case .nodesNotReady(let names): if notReady != nil { notReady = names }
        default: break
        }
    }

    /// What the node would answer.
    private func truth(of request: LogRequest) -> Fetched.Outcome {
        guard run.plan.isSealed else { return .complete }
        let container = shown[request.podUID]?.status(of: run.plan.task.name)
        let end = container?.lastState?.terminated ?? container?.state?.terminated
        if container?.ready == true || end?.exitCode == 0 { return .proved(proof()) }
        return end.map { .proved(proof($0.exitCode)) } ?? .unsealed
    }

    // MARK: What came of it

    var told: [String] {
        actions.compactMap(\.action.told) + (outcome?.remarks ?? [])
    }

    /// The nodes whose results were announced, in order.
    var announced: [String] {
        ended.filter { $0.state == .done }.map(\.node)
    }

    /// The nodes that were told to have ended, in order.
    var ended: [NodeSummary] {
        actions.flatMap { if case .ended(let nodes) = $0.action { nodes } else { [NodeSummary]() } }
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
        actions.compactMap {
            switch $0.action {
            case .fetch(let requests), .collect(let requests): requests
            default: nil
            }
        }
    }

    /// The requests for the log of a node, in order.
    func requests(for node: String) -> [LogRequest] { fetches.joined().filter { $0.node == node } }

    /// When this was asked for.
    func times(of action: Action) -> [Seconds] { actions.filter { $0.action == action }.map(\.time) }

    var outcome: Outcome? {
        if case .end(let outcome)? = actions.last?.action { outcome } else { nil }
    }
    /// What would be told of the run if it ended now.
    var soFar: Outcome { outcome ?? Outcome(of: run, .done) }
    var verdict: Verdict? { outcome?.verdict }

    /// When it ended.
    var end: Seconds? { verdict == nil ? nil : actions.last?.time }

    var summary: [NodeSummary] { soFar.nodes }
    func state(of node: String) -> NodeState? { summary.first { $0.node == node }?.state }
    func reason(of node: String) -> String? { summary.first { $0.node == node }?.reason }
    func exitCode(of node: String) -> Int? { summary.first { $0.node == node }?.exitCode }
    func seconds(of node: String) -> Int? { summary.first { $0.node == node }?.seconds }
    var results: [String] { summary.filter { $0.state == .done }.map(\.node) }

    /// The nodes that were started, as they were started together.
    var releases: [[String]] {
        actions.compactMap { if case .release(let pods) = $0.action { pods.map(\.node) } else { nil } }
    }
    var lastRelease: [PodID] {
        actions.compactMap { if case .release(let pods) = $0.action { pods } else { nil } }.last ?? []
    }
    var deletions: [[String]] {
        actions.compactMap { if case .delete(let pods) = $0.action { pods.map(\.node) } else { nil } }
    }
    /// The nodes whose pods were to have another image, as they were asked for together.
    var replacements: [[String]] {
        actions.compactMap { if case .replaceImage(let pods) = $0.action { pods.map(\.node) } else { nil } }
    }
    var notes: [Note] { actions.compactMap { if case .note(let note) = $0.action { note } else { nil } } }
}

/// A seal that fits.
func proof(_ exitStatus: Int = 0, _ bytes: Int = 7, of written: Int? = nil) -> Proof {
    Proof(exitStatus: exitStatus, bytes: bytes, sha256: "", written: written)
}

extension Action {
    var told: String? {
        switch self {
        case .tell(let text), .mention(let text), .tellFailure(let text): text
        default: nil
        }
    }
}

extension Event {
    /// The controller wants so many nodes, and has made a pod on each, or on so many of them.
    static func wants(_ count: Int, has scheduled: Int? = nil) -> Event {
        .daemonSet(uid: Story.daemonSetUID, DaemonSetStatus(isObserved: true, wanted: count, scheduled: scheduled))
    }

    static let notObserved = Event.daemonSet(
        uid: Story.daemonSetUID, DaemonSetStatus(isObserved: false, wanted: 0))
    static let daemonSetGone = Event.daemonSetRemoved(uid: Story.daemonSetUID)

    static func warning(about uid: String, _ reason: String, _ message: String) -> Event {
        .warnings([Warning(uid: uid, reason: reason, message: message)])
    }
}
