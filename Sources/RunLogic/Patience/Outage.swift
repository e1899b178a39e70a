/// What is said of a cluster that can't be reached: that it began, and that it is over, each once.
struct Outage: Sendable {
    /// That it began was told.
    private var isTold = false
    private var told: Set<String> = []

    var happened: Bool { !told.isEmpty }

    mutating func begin(_ why: String) -> String? {
        guard !isTold, told.insert(why).inserted else { return nil }
        isTold = true
        return "the cluster can't be reached, trying again: \(why)"
    }

    mutating func end() -> String? {
        guard isTold else { return nil }
        isTold = false
        return "the cluster answers again"
    }
}
