/// Time since the run began, or a length of time.
public typealias Seconds = Double

/// A run, from the moment its DaemonSet was created to its verdict: events in, actions out.
///
/// It makes no input or output and reads no clock, and it is the only place where something is decided about a
/// node. The work that an event makes does not grow with the number of nodes: what is counted is kept, not recounted.
public struct Run: Sendable {
    /// What is known of a run when it begins.
    public struct Plan: Sendable {
        public var task: TaskContainer
        public var timeout: Seconds
        public var failFast = false
        /// How long it waits for what.
        public var limits = Limits()
        /// How many nodes are started at once; nil where all are.
        public var pace: Pace?
        /// Fetch the logs of failed nodes too, and of those whose time ran out.
        public var keepsEveryLog = false
        public var daemonSetName: String
        public var daemonSetUID: String
        /// Set where the run is somebody else's, and this one only looks.
        var look: Look?
        /// The container that needs the agent's image, and that image; nil where the manifest is the user's own.
        public var agent: (container: String, image: String)?
        /// What to do where no node can get that image.
        public var agentAdvice = "build it and push it to where the nodes find it, or name it with --agent-image"
        /// Where to look when no node is meant, as in "look at the node selector in FILE".
        public var selection = "look at the node selector and the affinity in the manifest"

        public init(task: TaskContainer, timeout: Seconds, daemonSetName: String, daemonSetUID: String) {
            self.task = task
            self.timeout = timeout
            self.daemonSetName = daemonSetName
            self.daemonSetUID = daemonSetUID
        }

        /// The plan of who only looks at a run: it changes nothing.
        ///
        /// - Parameters:
        ///   - began: when the run began.
        ///   - since: when the look begins, in seconds since then.
        public mutating func onlyLook(began: Timestamp, since: Seconds) {
            look = Look(began: began, since: since)
            failFast = false
        }
    }

    let plan: Plan
    var now: Seconds = 0
    var actions: [Action] = []
    var hasEnded = false

    var nodes: [String: Node] = [:]
    var nodeOfPod: [String: String] = [:] // by the pod's uid
    var counts: [NodeState: Int] = [:]
    var daemonSet = DaemonSetStatus(isObserved: false, wanted: 0)
    /// When it was found to be gone.
    var daemonSetGone: Seconds?
    /// The pods that have started were listed once.
    var isListed = false
    var notReady: Set<String> = []
    /// Pods that do not count for their node as long as another one is there, by node.
    var standby: [String: Pod] = [:]

    var logs = LogQueue()
    var reasons = Reasons()
    var outage = Outage()
    var pending = PendingPods()
    var agentImage = AgentImage()
    var patience = Patience()
    var turns = Turns()
    var shownProgress: Progress?
    var progressShown: Seconds = -.infinity
    var closing: (verdict: Verdict, since: Seconds)?

    public init(_ plan: Plan) {
        self.plan = plan
    }

    /// Takes in what happened.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - time: when, in seconds since the run began; never less than the time before.
    /// - Returns: what is to be done now, in this order. After `Action.end` nothing more comes.
    public mutating func handle(_ event: Event, at time: Seconds) -> [Action] {
        guard !hasEnded else { return [] }
        now = time
        take(event)
        decide()
        defer { actions = [] }
        return actions
    }

    private mutating func take(_ event: Event) {
        switch event {
        case .pod(let pod): see(pod)
        case .podRemoved(let pod): see(pod, isRemoved: true)
        case .podsListed(let pods): see(all: pods)
        case .pendingListed(let pods): see(pending: pods)
        case .daemonSet(let status): see(status)
        case .daemonSetRemoved: loseDaemonSet()
        case .fetched(let batch): take(batch)
        case .released(let answers): take(released: answers)
        case .deleted(let answers): take(deleted: answers)
        case .nodesNotReady(let names): see(notReady: names)
        case .nodesForbidden: learnThatNodesAreForbidden()
        case .matchingNodes(let count): learn(matching: count)
        case .warnings(let warnings): warnings.forEach { see($0) }
        case .outage(let why): see(outage: why)
        case .reachable: seeTheClusterAgain()
        case .forbidden(let why): refuse("the cluster refused: \(why)")
        case .signal(let number): end(.stopped(number))
        case .clock: feelTime()
        }
    }

    /// What follows at once from what is known now.
    private mutating func decide() {
        guard !hasEnded else { return }
        tellFailures()
        endTurns()
        if closing == nil {
            if plan.failFast, plan.pace?.budget == nil, count(.failed) > 0 { close(.failed) }
            else if isComplete, knowsAllPods() { close(.done) }
        }
        startNext()
        fetchLogs()
        if let closing {
            let isSettled = logs.isEmpty && !pending.isUnderway
            let enough = plan.limits.result
            let isOver = hasLasted(closing.since, enough) || now >= max(deadline, closing.since) + enough
            if isSettled || isOver { return end(closing.verdict) }
        }
        showProgress()
    }

    /// What follows from the time that has passed.
    private mutating func feelTime() {
        guard closing == nil else { return }
        giveUpTheHopeless()
        lookForTheLate()
        keepPace()
        endWithDaemonSet()
        endWithoutTurns()
        endWithoutHope()
        if closing == nil, !hasEnded, isOutOfTime {
            tellFailure("timed out after \(Int(deadline)) s")
            close(.timedOut)
        }
    }

    // MARK: Counting

    func count(_ state: NodeState) -> Int { counts[state, default: 0] }

    /// How many nodes the controller wants that have no pod, as far as it or the pods tell.
    var missing: Int { max(0, daemonSet.wanted - min(daemonSet.scheduled, nodes.count - count(.gone))) }

    /// Pods are to come.
    var isShortOfPods: Bool { !daemonSet.isObserved || missing > 0 }

    /// Nodes are known, or known to come, whose task may still end.
    var isAtWork: Bool { count(.waiting) > 0 || !turns.areOver && (count(.queued) > 0 || isShortOfPods) }

    /// The controller has a pod on each node it wants, and all of them have ended with their logs here or lost.
    private var isComplete: Bool {
        daemonSet.wanted > 0 && !isAtWork && count(.unreachable) == 0 && logs.isEmpty
    }

    /// Whether success is success.
    var everyNodeIsDone: Bool { !nodes.isEmpty && logs.results.count == nodes.count }

    // MARK: The end

    /// No node is waited for any more; the logs that are there come within half a minute.
    mutating func close(_ verdict: Verdict) {
        guard closing == nil, !hasEnded else { return }
        let isEnd = verdict == .done || verdict == .failed
        // When more have failed than may, it does not count how they did.
        closing = (isEnd && turns.hasTimedOut && !turns.areOver ? .timedOut : verdict, now)
        nameTheUnstarted()
        if plan.keepsEveryLog { wantPartialLogs() }
        // What has not started is to be named, too.
        if !pending.areKnown { askForPending() }
    }

    /// Nothing more comes from this cluster. How the run ends may have been decided before.
    mutating func refuse(_ why: String) {
        tellFailure(why)
        end(closing?.verdict ?? .refused)
    }

    mutating func end(_ verdict: Verdict) {
        guard !hasEnded else { return }
        hasEnded = true
        tellFailures(all: true)
        tellUnfinished()
        tellMadeAnew()
        // Where something is missing a success is none.
        actions.append(.end(verdict == .done && !everyNodeIsDone ? .failed : verdict))
    }

    /// Lines after the first one are indented, so that they are told from the next message.
    mutating func tell(_ text: String) { actions.append(.tell(Run.indented(text))) }
    mutating func tellFailure(_ text: String) { actions.append(.tellFailure(Run.indented(text))) }

    private static func indented(_ text: String) -> String {
        Reason(nil, text).text.replacing("\n", with: "\n    ")
    }

    /// Once a second at most, and only when it has changed.
    private mutating func showProgress() {
        let progress = progress
        // Who comes to a run that is under way knows nothing of it before it has looked.
        guard plan.look == nil || isListed else { return }
        guard closing == nil, !isComplete, progress != shownProgress, now >= progressShown + 1 else { return }
        shownProgress = progress
        progressShown = now
        actions.append(.progress(progress))
    }
}
