import RunLogic

/// The runs that are there, as kubectl prints tables.
struct RunTable: CustomStringConvertible {
    private let rows: [[String]]

    /// - Parameters:
    ///   - now: by the cluster's clock.
    ///   - namespaces: whether the namespace of each is shown.
    init(_ runs: [RunThere], at now: Timestamp, inAllNamespaces namespaces: Bool) {
        let head = ["NAME", "AGE", "DEADLINE", "RUNS"]
        rows =
            [namespaces ? ["NAMESPACE"] + head : head]
            + runs.map { run in
                let none = "<none>"
                let cells = [
                    run.identity.name, age(now.since(run.created)),
                    run.notes?.deadline.map { until($0.since(now)) } ?? none,
                    run.notes.map { oneLine($0.runs, atMost: 60) } ?? none,
                ]
                return namespaces ? [run.namespace] + cells : cells
            }
    }

    var description: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).dropLast().map { cell, width in
                cell + String(repeating: " ", count: width - cell.count + 3)
            }
            return cells.joined() + (row.last ?? "") + "\n"
        }.joined()
    }
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
