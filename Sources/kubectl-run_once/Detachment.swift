import Orchestrator

/// What goes with `--detach`, and what does not.
enum Detachment {
    /// Options that ask for somebody who stays until the end, and why they can't be had.
    private static let needsSomebody = [
        "fail-fast": "nobody would be there to stop the run",
        "max-failures": "nobody would be there to stop the run",
        "parallel": "nobody would be there to start one node after the other",
        "keep": "the cluster deletes what nobody follows",
        "output": "the results come with kubectl run-once attach, which takes it",
        "baseline": "the results come with kubectl run-once attach, which takes it",
        "retry": "the results come with kubectl run-once attach",
        "output-dir": "the results come with kubectl run-once attach, which takes it",
    ]

    /// - Throws: `Refusal.usage` with the option that does not go with it.
    static func check(_ words: Words) throws(Refusal) {
        guard words.isSet("detach") else {
            if words.value("keep-for") != nil { throw .usage("--keep-for goes with --detach") }
            return
        }
        for (flag, value) in words.options where flag.takesValue || value != "false" {
            if let why = needsSomebody[flag.name] { throw .usage("--detach does not go with \(flag.spelling): \(why)") }
        }
    }
}
