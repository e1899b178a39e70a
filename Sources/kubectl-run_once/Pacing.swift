import Orchestrator
import RunLogic

/// How many nodes are started at once, and how many may fail; nil where all are started at once.
///
/// - Throws: `Refusal.usage` with what is wrong.
func pace(_ words: Words) throws(Refusal) -> Pace? {
    let budget = try share(words, "max-failures", atLeast: 0)
    guard let window = try share(words, "parallel", atLeast: 1) else {
        guard budget == nil else {
            throw .usage("--max-failures goes with --parallel: nodes that are all started at once can't be held back")
        }
        return nil
    }
    return Pace(window: window, budget: budget)
}

/// A number of nodes, or percent of them.
private func share(_ words: Words, _ option: String, atLeast least: Int) throws(Refusal) -> Share? {
    guard let text = words.value(option) else { return nil }
    switch Share(text) {
    case .percent(let number) where number > 100:
        throw .usage("--\(option): 100% at most: '\(text)'")
    case .number(let number)?, .percent(let number)?:
        if number >= least { return Share(text) }
    case nil: break
    }
    throw .usage("--\(option): not a number such as 10, or percent such as 10%, from \(least) up: '\(text)'")
}
