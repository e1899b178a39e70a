import FoundationEssentials
import Orchestrator

/// Has the nodes run that are not done in the folder of an earlier run, and brings that up to date.
///
/// - Throws: `Refusal.usage` with what does not go with it.
func retry(_ words: Words, _ request: inout Request) throws(Refusal) {
    guard let directory = words.value("retry") else { return }
    for option in ["output-dir", "nodes", "selector"] where words.value(option) != nil {
        throw .usage("--retry takes the nodes from DIR, and writes there what becomes of them: leave out --\(option)")
    }
    request.outputDirectory = directory
    request.retries = true
}

/// What the user typed, to be typed again.
func again(_ words: Words) -> Again {
    // Where and on which nodes is said anew. What was kept still has its name. No secret goes to a screen.
    let others =
        ["nodes", "selector", "output-dir", "retry", "token", "password"] + (words.isSet("keep") ? ["name"] : [])
    let options = words.options.filter { !others.contains($0.flag.name) }.flatMap { flag, value in
        flag.takesValue ? ["--\(flag.name)", value] : value == "true" ? ["--\(flag.name)"] : ["--\(flag.name)=false"]
    }
    var again = Again(options: options, operands: words.operands, command: words.command)
    if words.isSet("stdin") || words.value("filename") == "-" {
        let file = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/0")
        again.input = file.flatMap { $0.hasPrefix("/") && !$0.hasPrefix("/dev/") ? $0 : nil } ?? "INPUT"
    }
    return again
}
