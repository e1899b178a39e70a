/// The pods whose results wait to be asked for, and the nodes for which a request is underway: there is one at a time
/// for each. Many are asked for at once, which costs less.
struct Requests: Sendable {
    private static let atOnce = 1000

    private var line: [PodID] = []
    /// When each may be asked for, by the pod's UID.
    private var times: [String: Seconds] = [:]
    /// The earliest of these times.
    private var due: Seconds = .infinity
    private var lastStart: Seconds = -.infinity
    private var count = 0
    /// The number of the request that is underway, by node.
    private var underway: [String: Int] = [:]

    var areDone: Bool { underway.isEmpty }

    mutating func add(_ pod: PodID, from time: Seconds) {
        if times[pod.uid] == nil { line.append(pod) }
        times[pod.uid] = time
        due = min(due, time)
    }

    /// What waits may be asked for at once, where this holds.
    mutating func hurry(at now: Seconds, _ condition: (PodID) -> Bool) {
        for pod in line where condition(pod) { times[pod.uid] = now }
        due = min(due, now)
    }

    /// Those that are to be asked for now, with a number for each request.
    ///
    /// - Parameters:
    ///   - pause: the seconds between two rounds; 0 where there is nothing to gather.
    ///   - isWanted: whether a pod's result is still wanted; where not, it leaves the line.
    mutating func next(
        at now: Seconds, pause: Seconds, where isWanted: (PodID) -> Bool
    ) -> [(pod: PodID, number: Int)] {
        // Where all are underway that may be, many are waited for before the next round.
        let isFull = underway.count + min(line.count, Requests.atOnce / 2) > Requests.atOnce
        guard now >= max(due, lastStart + pause), !isFull else { return [] }
        var next: [(pod: PodID, number: Int)] = []
        var left: [PodID] = []
        due = .infinity
        for pod in line {
            let time = times[pod.uid] ?? now
            if !isWanted(pod) {
                times[pod.uid] = nil
            } else if time <= now, underway[pod.node] == nil, underway.count < Requests.atOnce {
                count += 1
                underway[pod.node] = count
                times[pod.uid] = nil
                next.append((pod, count))
            } else {
                left.append(pod)
                due = min(due, time)
            }
        }
        line = left
        if !next.isEmpty { lastStart = now }
        return next
    }

    mutating func end(_ request: LogRequest) {
        if underway[request.node] == request.number { underway[request.node] = nil }
    }
}
