/// Whether the cluster can be reached.
struct Outage {
    var happened = false
    var isOver = true
    var ended: Seconds = -.infinity
    /// That it began was told.
    var isTold = false
    var told: Set<String> = []
}

/// While the cluster can't be reached nothing is given up; it may be well.
extension Run {
    mutating func see(outage why: String) {
        outage.happened = true
        outage.isOver = false
        turns.missesNews = true
        guard !outage.isTold, outage.told.insert(why).inserted else { return }
        outage.isTold = true
        tell("the cluster can't be reached, trying again: \(why)")
    }

    mutating func seeTheClusterAgain() {
        guard !outage.isOver else { return }
        outage.isOver = true
        outage.ended = now
        guard outage.isTold else { return }
        outage.isTold = false
        tell("the cluster answers again")
    }
}
