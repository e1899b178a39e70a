import TestSupport
import Testing

/// An agent under test. What all of them promise is tested with each: their task is to copy a file.
struct Agent: Sendable, CustomTestStringConvertible {
    let program: Program
    /// What comes between its options and the file.
    fileprivate let words: [String]

    let testDescription: String

    static let all = [
        Agent(program: catEtcHosts, words: [], testDescription: "cat-etc-hosts"),
        Agent(program: runOnce, words: ["--", "cat"], testDescription: "run-once"),
    ]
}

let catEtcHosts = Program("cat-etc-hosts")
let runOnce = Program("run-once")

extension Pod {
    /// The command that has an agent copy a file in this pod.
    func copy(_ file: String, by agent: Agent, _ options: String...) -> [String] {
        agent.program.command(["--state-dir", state] + options + agent.words + [file])
    }

    /// The command that asks an agent in this pod something.
    func ask(_ agent: Agent, _ question: String...) -> [String] {
        agent.program.command(question + ["--state-dir", state])
    }

    /// The command that runs cat-etc-hosts in this pod.
    func agent(_ operands: String...) -> [String] {
        catEtcHosts.command(["--state-dir", state] + operands)
    }

    /// The command that runs another command once in this pod.
    func once(_ command: String...) -> [String] {
        runOnce.command(["--state-dir", state, "--"] + command)
    }

    /// The command that runs a shell script once in this pod, with arguments as its `"$@"`.
    func once(script: String, _ arguments: String...) -> [String] {
        runOnce.command(["--state-dir", state] + shell(script, arguments))
    }
}
