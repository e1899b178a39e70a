import Orchestrator
import RunLogic
import System

/// The options that say how results and messages are shown.
enum Presentation {
    static let flags = [Flag("output", "o"), Flag("baseline"), Flag("quiet", "q", takesValue: false), Flag("color")]

    static func terminal(of command: Command, _ limits: Limits) -> Terminal {
        switch command {
        case .run(let request), .attach(_, let request):
            Terminal(
                isQuiet: request.isQuiet, color: request.color,
                showsProgress: !request.output.isWrittenMeanwhile || !Descriptor.standardOutput.isTerminal,
                patience: limits.reader
            )
        case .help, .nothing, .version, .list, .delete, .complete: Terminal(patience: limits.reader)
        }
    }

    /// - Throws: `Refusal.usage` with the value that is none.
    static func apply(_ words: Words, to request: inout Request) throws(Refusal) {
        if let output = words.value("output") {
            guard let format = OutputFormat(rawValue: output) else {
                throw .usage(
                    "-o/--output is groups, diff, prefix, live, json, jsonl or raw, not '\(output)' (see --help)")
            }
            request.output = format
        }
        if let baseline = words.value("baseline") {
            guard [nil, "diff"].contains(words.value("output")) else {
                throw .usage("--baseline prints differences: leave out -o/--output")
            }
            (request.baseline, request.output) = (baseline, .diff)
        }
        if let color = words.value("color") {
            guard let color = Color(rawValue: color) else {
                throw .usage("--color is auto, always or never, not '\(color)' (see --help)")
            }
            request.color = color
        }
        request.isQuiet = words.isSet("quiet")
        let shows = words.options.first { ["output", "baseline"].contains($0.flag.name) }
        if request.dryRun != nil, let option = shows?.flag.spelling {
            throw .usage("--dry-run prints the DaemonSet as YAML: leave out \(option)")
        }
    }
}
