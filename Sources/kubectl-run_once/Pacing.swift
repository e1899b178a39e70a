import Orchestrator
import RunLogic

/// How many nodes are started at once, where that is not all, and how many may fail.
///
/// - Throws: `Refusal.usage` with what is wrong.
func pace(_ words: Words, _ request: inout Request) throws(Refusal) {
    request.failFast = words.isSet("fail-fast")
    request.budget = try share(words, "max-failures", atLeast: 0) ?? (request.failFast ? .number(0) : nil)
    request.pace = try share(words, "parallel", atLeast: 1).map { Pace(window: $0) }
    if words.isSet("keep"), request.budget != nil, request.failFast || request.pace == nil {
        let option = request.failFast ? "--fail-fast" : "--max-failures without --parallel"
        throw .usage("--keep deletes nothing, and \(option) would stop tasks by that: leave one out")
    }
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
