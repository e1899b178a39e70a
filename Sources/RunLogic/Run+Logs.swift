/// The logs that are wanted, and where they are.
struct LogQueue {
    /// Nodes whose log is to be fetched.
    var waiting: [String] = []
    /// The earliest time at which one of them may be.
    var earliest: Seconds = .infinity
    /// Which logs are being fetched, by node.
    var underway: [String: LogSource] = [:]
    var lastStart: Seconds = -.infinity
    /// The nodes that are done with their result here.
    var results: [String] = []

    var isEmpty: Bool { waiting.isEmpty && underway.isEmpty }
}

/// Which logs are fetched, and when.
extension Run {
    static let tooManyRestarts = "its container was restarted more than once, and Kubernetes keeps one log before"

    mutating func wantLog(of name: String, _ source: LogSource, from time: Seconds? = nil) {
        let from = time ?? now
        logs.waiting.append(name)
        nodes[name]!.log = .wanted(source, from: from)
        nodes[name]!.logWanted = nodes[name]!.logWanted ?? now
        logs.earliest = min(logs.earliest, from)
    }

    /// The container of a failed task is restarted a moment later, and its log is the one before from then on.
    mutating func wantLogOfFailure(of name: String, _ standing: Standing) {
        guard plan.keepsEveryLog, case .failed(_, _, let source) = standing else { return }
        let node = nodes[name]!
        switch node.log {
        case .none:
            if let source { return wantLog(of: name, source) }
            if node.ends > 1 { return loseLog(of: name, Run.tooManyRestarts) }
            wantLog(of: name, LogSource(restarts: node.ends), from: now + plan.limits.restart)
        case .wanted(let assumed, _):
            if let source, source != assumed { wantLog(of: name, source) }
        case .underway, .here, .lost: break
        }
    }

    /// When no node is waited for any more: the log of each node that started is wanted, as far as it goes.
    mutating func wantPartialLogs() {
        for (name, node) in nodes where node.state == .waiting && node.hadStarted {
            wantLog(of: name, LogSource(restarts: node.ends))
        }
    }

    /// Many at once cost less; when nothing else is waited for there is nothing to gather.
    mutating func fetchLogs() {
        let pause = max(1, min(8, Seconds(max(nodes.count, daemonSet.wanted)) / 125))
        let due = isAtWork && closing == nil ? max(logs.earliest, logs.lastStart + pause) : logs.earliest
        guard logs.underway.isEmpty, now >= due else { return }
        var requests: [LogRequest] = []
        var left: [String] = []
        logs.earliest = .infinity
        for name in logs.waiting {
            guard let node = nodes[name], case .wanted(let source, let from) = node.log else { continue }
            if from <= now && requests.count < 1000 {
                requests.append(LogRequest(node: name, pod: node.pod, podUID: node.podUID, source: source))
                nodes[name]!.log = .underway
                logs.underway[name] = source
            } else {
                left.append(name)
                logs.earliest = min(logs.earliest, from)
            }
        }
        logs.waiting = left
        guard !requests.isEmpty else { return }
        logs.lastStart = now
        actions.append(.fetch(requests))
    }

    mutating func take(_ batch: [Fetched]) {
        let before = logs.results.count
        for fetched in batch {
            let name = fetched.request.node
            guard let node = nodes[name], let source = logs.underway.removeValue(forKey: name) else { continue }
            switch fetched.outcome {
            case .complete: check(name, node, source)
            // For who only looks: that the run has ended, and its pods with it, may be on its way.
            case .lost where mayHaveEnded(since: node.logWanted ?? now):
                wantLog(of: name, source, from: now + plan.limits.resultPause)
            case .lost(let why): loseLog(of: name, why)
            case .failed(let why): tryAgain(name, node, source, why)
            }
        }
        for (name, source) in logs.underway { tryAgain(name, nodes[name]!, source, "no answer came") }
        logs.underway = [:]
        let arrived = logs.results[before...].sorted()
        if !arrived.isEmpty { actions.append(.results(arrived)) }
    }

    /// It is what it should be if the container was not restarted meanwhile.
    private mutating func check(_ name: String, _ node: Node, _ source: LogSource) {
        if node.ends <= source.restarts {
            nodes[name]!.log = .here
            if node.state == .done { logs.results.append(name) }
        } else if node.ends == 1 {
            wantLog(of: name, LogSource(previous: true, restarts: 1))
        } else {
            loseLog(of: name, Run.tooManyRestarts)
        }
    }

    private mutating func tryAgain(_ name: String, _ node: Node, _ source: LogSource, _ why: String) {
        let since = max(node.logWanted ?? now, patience.othersEnded ?? now)
        guard hasLasted(since, plan.limits.result) else {
            return wantLog(of: name, source, from: now + plan.limits.resultPause)
        }
        loseLog(of: name, why)
    }

    mutating func loseLog(of name: String, _ why: String) {
        nodes[name]!.log = .lost(Reason(nil, why).text)
    }
}
