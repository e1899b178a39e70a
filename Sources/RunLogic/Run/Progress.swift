extension Run {
    /// How far it is, in one line.
    var progress: String {
        if closing != nil { return "waiting for the last results" }
        if allNodes == 0 { return "waiting for the first pod" }
        let (done, failed) = (count(.done), count(.failed))
        // Those that were given up in their turn may look as if they went on until their pods are gone.
        let givenUp = turns?.givenUp ?? []
        var (running, starting, notReady) = (0, 0, 0)
        for (name, node) in roster.nodes where !givenUp.contains(name) {
            switch node.state {
            case .waiting: node.hasStarted ? (running += 1) : (starting += 1)
            case .unreachable: notReady += 1
            default: break
            }
        }
        let rest = allNodes - done - failed - running - givenUp.count - notReady
        // All have a turn where none needs one, also those without a pod.
        if plan.pace == nil { starting = rest }
        let line = howMany(
            done, of: allNodes,
            [
                (failed, "failed"), (givenUp.count, "not reached"), (running, "running"), (starting, "starting"),
                (notReady, "not ready"), (rest - starting, "queued"),
            ])
        // Of a few it is shown what each waits for.
        let areFew = (1...3).contains(running + starting + notReady)
        let last = areFew && now >= plan.limits.waitShown ? whatIsWaitedFor : ""
        return last.isEmpty ? line : "\(line): \(last)"
    }

    /// The last few nodes, and what each waits for, such as `node-3 (pulling image busybox:stable)`.
    private var whatIsWaitedFor: String {
        let givenUp = turns?.givenUp ?? []
        let open = roster.nodes.filter { !$1.isFinal && $1.state != .queued && !givenUp.contains($0) }
        let groups = Dictionary(grouping: inOrder(open.keys)) { name in
            guard let node = open[name], let text = node.reason?.text, node.state != .unreachable else { return "" }
            // One that is long was told by itself.
            return text.count > 60 ? String(text.prefix { $0 != ":" }) : text
        }
        return groups.sorted { $0.value[0] < $1.value[0] }.map { reason, names in
            reason.isEmpty ? list(names) : "\(list(names)) (\(reason))"
        }.joined(separator: ", ")
    }
}

func numberOfNodes(_ count: Int) -> String { count == 1 ? "1 node" : "\(count) nodes" }

/// How many nodes are done, and of the others what is not zero: `57 of 60 nodes done, 2 failed`.
func howMany(_ done: Int, of all: Int, _ others: [(count: Int, what: String)]) -> String {
    let rest = others.filter { $0.count > 0 }.map { "\($0.count) \($0.what)" }
    return (["\(done) of \(numberOfNodes(all)) done"] + rest).joined(separator: ", ")
}
