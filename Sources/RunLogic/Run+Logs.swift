/// The logs that are wanted, and where they are.
struct LogQueue {
    /// Nodes whose log is to be fetched.
    var waiting: [String] = []
    /// The earliest time at which one of them may be.
    var earliest: Seconds = .infinity
    /// How many are being fetched.
    var underway = 0
    /// Failed nodes of which it can't be told yet which log it is, and until when that is waited for.
    var unknown: [String: Seconds] = [:]
    var lastStart: Seconds = -.infinity
    /// How many nodes are done without a result.
    var lost = 0

    var isEmpty: Bool { waiting.isEmpty && underway == 0 && unknown.isEmpty }
}

/// Which logs are fetched, and when.
extension Run {
    mutating func wantLog(of name: String, _ source: LogSource, from time: Seconds? = nil) {
        let from = time ?? now
        nodes[name]!.log = .wanted(source, from: from)
        nodes[name]!.logWanted = nodes[name]!.logWanted ?? now
        logs.unknown[name] = nil
        logs.waiting.append(name)
        logs.earliest = min(logs.earliest, from)
    }

    /// The container of a failed task is restarted a moment later, and its log is the one before from then on.
    mutating func learnWhereTheLogIs(_ standing: Standing, _ name: String) {
        guard plan.keepsEveryLog, nodes[name]!.state == .failed, nodes[name]!.log == .none else { return }
        if case .failed(_, _, let source?) = standing { return wantLog(of: name, source) }
        if nodes[name]!.restarts > 1 {
            loseLog(of: name, "its container was restarted more than once")
        } else if logs.unknown[name] == nil {
            logs.unknown[name] = now + 10
        }
    }

    /// When no node is waited for any more: the log of each node that started is wanted, as far as it goes.
    mutating func wantEveryLog() {
        for (name, node) in nodes where node.log == .none && node.hadStarted {
            if node.state == .failed {
                learnWhereTheLogIs(.working, name)
            } else if node.state == .waiting {
                wantLog(of: name, LogSource(restarts: node.restarts))
            }
        }
    }

    mutating func giveUpUnknownLogs() {
        for (name, limit) in logs.unknown where now >= limit { loseLog(of: name, "its container was not restarted") }
    }

    /// Many at once cost less; when nothing else is waited for there is nothing to gather.
    mutating func fetchLogs() {
        let pause = max(1, min(5, Seconds(nodes.count) / 200))
        let due = isAtWork && closing == nil ? max(logs.earliest, logs.lastStart + pause) : logs.earliest
        guard logs.underway == 0, now >= due else { return }
        var requests: [LogRequest] = []
        var left: [String] = []
        logs.earliest = .infinity
        for name in logs.waiting {
            guard let node = nodes[name], case .wanted(let source, let from) = node.log else { continue }
            if from <= now && requests.count < 1000 {
                requests.append(LogRequest(node: name, pod: node.pod, podUID: node.podUID, source: source))
                nodes[name]!.log = .underway
            } else {
                left.append(name)
                logs.earliest = min(logs.earliest, from)
            }
        }
        logs.waiting = left
        guard !requests.isEmpty else { return }
        logs.underway = requests.count
        logs.lastStart = now
        actions.append(.fetch(requests))
    }

    mutating func take(_ batch: [Fetched]) {
        for fetched in batch {
            let name = fetched.request.node
            guard let node = nodes[name], node.log == .underway, node.podUID == fetched.request.podUID else { continue }
            logs.underway -= 1
            switch fetched.outcome {
            case .complete: check(name, node, fetched.request.source)
            case .lost(let why): loseLog(of: name, why)
            case .failed(let why): tryAgain(name, node, fetched.request.source, why)
            }
        }
        if logs.isEmpty { patience.lastChange = now }
    }

    /// It is what it should be if the container was not restarted meanwhile.
    private mutating func check(_ name: String, _ node: Node, _ source: LogSource) {
        if !node.isFinal || node.restarts == source.restarts {
            nodes[name]!.log = .here
        } else if node.restarts == source.restarts + 1 && !source.previous {
            wantLog(of: name, LogSource(previous: true, restarts: node.restarts))
        } else {
            loseLog(of: name, "its container was restarted, and Kubernetes keeps no more than one log before")
        }
    }

    private mutating func tryAgain(_ name: String, _ node: Node, _ source: LogSource, _ why: String) {
        let since = max(node.logWanted ?? now, outage.ended, patience.othersEnded ?? now)
        guard outage.isOver, now >= since + 30 else { return wantLog(of: name, source, from: now + 3) }
        loseLog(of: name, why)
    }

    private mutating func loseLog(of name: String, _ why: String) {
        logs.unknown[name] = nil
        nodes[name]!.log = .lost(why)
        if nodes[name]!.state == .done { logs.lost += 1 }
    }
}
