import FoundationEssentials
import RunLogic

/// The runs that are there, for programs.
struct RunDocument: Encodable {
    struct Run: Encodable {
        let name, namespace: String
        /// How it ended, as in a summary; `deleting`; else `done` where all its nodes are, or `running`.
        let status: String
        let done, nodes: Int
        let created: String
        let deadline: String?
        let runs: String?
    }

    var schema = 1
    let runs: [Run]
}

extension RunThere {
    /// As far as the cluster knows: a pod that is ready is done.
    var summary: RunDocument.Run {
        let counts = ([daemonSet] + others).map { $0["status"] }
        func sum(_ name: String) -> Int {
            counts.reduce(0) { if case .integer(let number) = $1[name] { $0 + number } else { $0 } }
        }
        // Nodes that there is no agent for are not done either.
        let (done, nodes) = (sum("numberReady"), sum("desiredNumberScheduled") + (notes?.withoutAgent.count ?? 0))
        let isGoing = daemonSet["metadata"]["deletionTimestamp"] != .null
        return RunDocument.Run(
            name: identity.name, namespace: namespace,
            status: verdict ?? (isGoing ? "deleting" : nodes > 0 && done == nodes ? "done" : "running"),
            done: done, nodes: nodes, created: created.text, deadline: notes?.deadline?.text, runs: notes?.runs)
    }

    private var verdict: String? {
        Note(noted: daemonSet["metadata"]["annotations"][RunNotes.soFar].string)?.verdict
    }
}

/// The runs that are there, as kubectl prints tables.
///
/// - Parameters:
///   - now: by the cluster's clock.
///   - namespaces: whether the namespace of each is shown.
func tableOfRuns(_ runs: [RunThere], at now: Timestamp, inAllNamespaces namespaces: Bool) -> String {
    let head = ["NAME", "STATUS", "DONE", "AGE", "DEADLINE", "RUNS"]
    var rows = [namespaces ? ["NAMESPACE"] + head : head]
    for run in runs {
        let (none, summary) = ("<none>", run.summary)
        let cells = [
            summary.name, summary.status, "\(summary.done)/\(summary.nodes)", age(now.since(run.created)),
            run.notes?.deadline.map { until($0.since(now)) } ?? none,
            run.notes.map { oneLine($0.runs, atMost: 60) } ?? none,
        ]
        rows.append(namespaces ? [run.namespace] + cells : cells)
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        let cells = zip(row, widths).dropLast().map { cell, width in
            cell + String(repeating: " ", count: width - cell.count + 3)
        }
        return cells.joined() + (row.last ?? "") + "\n"
    }.joined()
}

/// How long the cluster leaves a run, or since when it should be gone.
func until(_ time: Seconds) -> String { time < 0 ? "\(age(-time)) ago" : "in \(age(time))" }

/// A length of time as kubectl writes it. (k8s.io/apimachinery/pkg/util/duration, HumanDuration)
func age(_ time: Seconds) -> String {
    let seconds = max(0, Int(time))
    func both(_ large: Int, _ unit: String, _ small: Int, _ smallUnit: String) -> String {
        small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(smallUnit)"
    }
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400)
    if seconds < 120 { return "\(seconds)s" }
    if minutes < 10 { return both(minutes, "m", seconds % 60, "s") }
    if minutes < 180 { return "\(minutes)m" }
    if hours < 8 { return both(hours, "h", minutes % 60, "m") }
    if hours < 48 { return "\(hours)h" }
    return days < 8 ? both(days, "d", hours % 24, "h") : "\(days)d"
}
