import FoundationEssentials
import Orchestrator
import RunLogic

extension Limits {
    /// The product's own limits, but for those that a test names in `$RUN_ONCE_LIMITS`, such as `{"hopeless": 1}`.
    ///
    /// - Throws: `Refusal.usage` where it holds anything but limits and their seconds.
    init(_ environment: [String: String]) throws(Refusal) {
        self.init()
        guard let text = environment["RUN_ONCE_LIMITS"] else { return }
        let own = try? JSONDecoder().decode([String: Seconds].self, from: JSONEncoder().encode(self))
        let named = try? JSONDecoder().decode([String: Seconds].self, from: Data(text.utf8))
        let all = own?.merging(named ?? [:]) { $1 }
        guard named != nil, all?.count == own?.count,
            let limits = try? JSONDecoder().decode(Limits.self, from: JSONEncoder().encode(all))
        else { throw .usage("RUN_ONCE_LIMITS holds limits and their seconds in JSON, for tests, and not '\(text)'") }
        self = limits
    }
}
