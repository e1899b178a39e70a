/// A run, from the moment its DaemonSets were created to its verdict: events in, actions out.
///
/// It makes no input or output and reads no clock, and it is the only place where something is decided about a node.
/// The unit is the pod: an event changes one, its node is folded anew of its pods, and what follows from that is asked
/// of the parts, which own what they know.
public struct Run: Sendable {
    let plan: Plan
    private(set) var now: Seconds = 0
    var clock = Clock()
    var roster: Roster
    var wanted: Wanted
    var results: Results
    /// Nil where all nodes are started at once, or where somebody else gives them their turns.
    var turns: Turns?
    var patience: Patience
    var noNode: NoNode
    var rejections: Rejections
    var agentImage: AgentImage?
    var pending: PendingPods
    var outage = Outage()
    var reasons = Reasons()
    /// Nodes that may have ended since the last `Action.ended`.
    var mayHaveEnded: Set<String> = []
    /// Nodes that an `Action.ended` named.
    private var toldEnds: Set<String> = []
    /// The pods whose tasks were seen to run.
    var begun: Set<String> = []
    var nodesAreForbidden = false
    var nodesWereListed = false
    /// Who comes to a run that is under way knows nothing of it before all pods that have started were listed.
    var hasSeen: Bool
    /// When the first of the DaemonSets was found to be gone.
    var isGoneSince: Seconds?
    /// What is noted on the run: by this program where the run is its own, else by whoever started it.
    var note = Note()
    /// What was noted last.
    private var noted = Note()
    private var noteSent: Seconds = -.infinity
    private var shownProgress: String?
    private var progressShown: Seconds = -.infinity
    /// The longest time that the run was ever meant to take.
    private var longest: Seconds = 0
    /// The end is decided.
    var closing: (verdict: Verdict, since: Seconds)?
    var outcome: Outcome?
    var actions: [Action] = []

    public init(_ plan: Plan) {
        self.plan = plan
        hasSeen = !plan.onlyLooks
        roster = Roster(task: plan.task, isSealed: plan.isSealed, takesTurns: plan.pace != nil)
        wanted = Wanted(plan.daemonSets, created: plan.onlyLooks ? nil : 1)
        results = Results(isSealed: plan.isSealed, plan.limits)
        turns = plan.onlyLooks ? nil : plan.pace.map { Turns($0, timeout: plan.timeout, plan.limits) }
        patience = Patience(plan.limits)
        noNode = NoNode(plan.limits)
        rejections = Rejections(of: plan.daemonSets.map(\.name))
        agentImage = plan.agent.map { AgentImage(neededBy: $0.container, plan.limits) }
        pending = PendingPods(areFollowed: plan.followsPending)
        if !plan.mayListNodes { learnThatNodesAreForbidden() }
    }

    /// Takes in what happened.
    ///
    /// - Parameter time: when, in seconds since the run began; never less than the time before.
    /// - Returns: what is to be done now, in this order. After `Action.end` nothing more comes.
    public mutating func handle(_ event: Event, at time: Seconds) -> [Action] {
        guard outcome == nil else { return [] }
        // The clock first: after a jump nothing is judged before all pods were looked at.
        if clock.move(to: time, jump: plan.limits.jump) {
            pending.noteChange()
            actions.append(.lookAtAll)
        }
        now = clock.now
        // Then what happened: what time decides is decided of what is known now.
        take(event)
        // More nodes may make the window wider, and the rounds fewer: no time is taken back.
        longest = deadline
        let isTick = if case .clock = event { true } else { false }
        if isTick { judgeTime() }
        tellEnds()
        // What failed is counted before it is decided whether another node is started.
        tellFailures()
        spendBudget(isTick: isTick)
        closeWhereComplete()
        // Closed first: then nothing is started any more, and results are not gathered but asked for at once.
        startNext(isTick: isTick)
        askForResults()
        endWhereSettled()
        showProgress()
        noteDecisions()
        defer { actions = [] }
        return actions
    }

    private mutating func take(_ event: Event) {
        switch event {
        case .pod(let pod): see(pod)
        case .podRemoved(let pod): see(pod, isRemoved: true)
        case .podsListed(let pods): see(all: pods)
        case .pendingListed(let pods): see(pending: pods)
        case .looked(let pods, let asked): take(look: pods, at: asked)
        case .lookedAtAll(let pods): take(lookAtAll: pods)
        case .daemonSet(let uid, let status): see(uid, status)
        case .daemonSetRemoved(let uid): loseDaemonSet(uid)
        case .note(let note): read(note)
        case .fetched(let answers): take(answers)
        case .fetchEnded(let requests): take(requests.map { Fetched($0, .failed("no answer came")) })
        case .released(let answers): take(released: answers)
        case .deleted(let answers): take(deleted: answers)
        case .imagesReplaced(let images): take(replaced: images)
        case .nodesNotReady(let names): see(notReady: names)
        case .nodesSay(let words): see(words: words)
        case .nodesForbidden: learnThatNodesAreForbidden()
        case .matchingNodes(let count): noNode.learn(matching: count.map { max(0, $0 - wanted.nodes) })
        case .warnings(let warnings): warnings.forEach { see($0) }
        case .outage(let why): loseSight(why)
        case .reachable: seeTheClusterAgain()
        case .forbidden(let why): refuse("the cluster refused: \(why)")
        case .signal(let number): stop(by: number)
        case .clock: break
        }
    }

    // MARK: Counting

    func count(_ state: NodeState) -> Int { roster.count(state) }

    /// How many nodes are wanted that have no pod, as far as the controller or the pods tell. A node that was done and
    /// left does not stand for one that joins. When the DaemonSet is gone its pods go, and none is to come in their
    /// place.
    var missing: Int {
        let had = roster.nodes.count - count(.gone)
        // Where a pod was turned down there is none for a moment, again and again.
        let scheduled = wanted.scheduled + roster.turningDown
        return max(0, wanted.nodes - (isGoneSince == nil ? min(scheduled, roster.present) : had))
    }

    /// Whether it is known of how many nodes percent are.
    var isCounted: Bool { wanted.isObserved && wanted.nodes > 0 }

    /// Pods are to come.
    var isShortOfPods: Bool { !wanted.isObserved || missing > 0 }

    /// Nodes that wait for their turn may yet get it.
    var startsMore: Bool { !(turns?.areOver ?? note.isBudgetSpent) }

    /// Nodes are known, or known to come, whose task may still end.
    var isAtWork: Bool {
        count(.waiting) > roster.proving + roster.turningDown || startsMore && (count(.queued) > 0 || isShortOfPods)
    }

    /// Nodes that are given up when they are the only ones left: out of reach, or in trouble.
    var troubled: Int { count(.unreachable) + roster.turningDown }

    /// Not all have ended: some are at work, in trouble, or to come.
    var isAnyOpen: Bool { isAtWork || troubled > 0 }

    /// How many nodes are meant, as far as that is known.
    var allNodes: Int { max(roster.nodes.count, wanted.nodes) }

    var window: Int { plan.pace?.window.rounded(of: wanted.nodes) ?? 0 }

    /// Nodes that failed, were not reached, or lost their pod after their task had started.
    var lost: Int { count(.failed) + (turns?.givenUp.count ?? 0) + roster.cutShort }

    var deadline: Seconds {
        guard let pace = plan.pace else { return plan.timeout }
        return min(max(longest, pace.deadline(nodes: allNodes, timeout: plan.timeout)), pace.latest)
    }

    // MARK: Saying

    /// Lines after the first one are indented, so that they are told from the next message.
    mutating func tell(_ text: String) { actions.append(.tell(indented(text))) }
    mutating func tellFailure(_ text: String) { actions.append(.tellFailure(indented(text))) }

    mutating func tellFailures(all: Bool = false) {
        reasons.newFailures(at: now, all: all).forEach { tellFailure($0) }
    }

    /// The others that are not told of here are in the outcome.
    private mutating func tellEnds() {
        defer { mayHaveEnded = [] }
        guard outcome == nil, !mayHaveEnded.isEmpty else { return }
        let ended = mayHaveEnded.sorted().compactMap { name -> NodeSummary? in
            guard let node = roster.nodes[name], node.isFinal, !results.isWanted(node.pod), !toldEnds.contains(name),
                let summary = summary(of: name), summary.state != .unfetched
            else { return nil }
            return summary
        }
        toldEnds.formUnion(ended.map(\.node))
        if !ended.isEmpty { actions.append(.ended(ended)) }
    }

    /// Once a second at most, and only when it has changed.
    private mutating func showProgress() {
        guard outcome == nil, hasSeen, closing != nil || !isComplete, now >= progressShown + 1 else { return }
        let progress = progress
        guard progress != shownProgress else { return }
        shownProgress = progress
        progressShown = now
        actions.append(.progress(progress))
    }

    /// What nobody can see later, once a second at most.
    private mutating func noteDecisions() {
        guard !plan.onlyLooks, outcome == nil, note != noted, now >= noteSent + 1 else { return }
        note.count(done: count(.done), lost: lost, of: allNodes)
        noted = note
        noteSent = now
        actions.append(.note(note))
    }
}

/// Lines after the first one are indented, without what could play tricks on a terminal.
func indented(_ text: String) -> String { Reason(nil, text).text.replacing("\n", with: "\n    ") }
