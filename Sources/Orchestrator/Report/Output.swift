import Dispatch
import FoundationEssentials
import RunLogic
import Synchronization
import System

/// How results are written to standard output.
public enum OutputFormat: String, CaseIterable, Sendable {
    /// Nodes with the same result together, at the end.
    case groups
    /// The same, but how they differ from the largest group, or each node's from an earlier run's.
    case diff
    /// Each line after its node's name, as soon as that node's result is here.
    case prefix
    /// The same while the tasks run, and what that lacks when their results are here.
    case live
    /// One document with what became of each node, at the end.
    case json
    /// A line with what became of each node, as soon as that is known; the last one tells of the run.
    case jsonl
    /// The bytes of one node's result and nothing else, at the end.
    case raw

    /// Whether something is written while the run goes on.
    public var isWrittenMeanwhile: Bool { self == .prefix || self == .live || self == .jsonl }
}

/// Standard output: results and nothing else.
///
/// It is written in a thread of its own, one result after the other: who reads it may take his time, and that holds up
/// nothing else.
final class Output: Sendable {
    private let format: OutputFormat
    private let store: ResultStore
    private let page = Page(output: .standardOutput, isTerminal: Descriptor.standardOutput.isTerminal)
    private let isColored: Bool
    private let baseline: EarlierRun?
    /// What is shown while tasks run; nil where nothing is.
    let live: Live?
    /// How many bytes wait to be shown while tasks run.
    private let backlog = Mutex(0)
    private let queue = DispatchQueue(label: "results")
    private let failure = Mutex<SystemError?>(nil)
    /// The nodes whose lines are written.
    private let written = Mutex<Set<String>>([])

    /// - Parameter baseline: what is shown is only what is different from it.
    init(
        _ format: OutputFormat, of store: ResultStore, _ color: Color, since baseline: EarlierRun?,
        in directory: WorkDirectory
    ) {
        live = format == .live ? Live(in: directory.results) : nil
        self.format = format
        self.store = store
        self.baseline = baseline
        isColored = color.isWanted(isTerminal: page.isTerminal, ProcessInfo.processInfo.environment)
    }

    /// These nodes have ended, and what they wrote is here.
    func take(_ nodes: [NodeSummary]) {
        guard format.isWrittenMeanwhile else { return }
        // Now: nothing that comes later is shown before the rest of them.
        let nodes = nodes.map { ($0, live?.end($0.node)) }
        queue.async {
            self.attempt { () throws(SystemError) in
                for (node, shown) in nodes { try self.write(node, shown) }
            }
        }
    }

    /// What tasks write is shown until this is cancelled.
    func follow(_ cluster: Cluster, container: String, say: @Sendable (String) -> Void) async {
        // Who reads slowly gets the rest of it later.
        await live?.follow(
            cluster, container: container, say: say, isReady: { backlog.withLock { $0 < 1 << 20 } },
            show: { node, lines in
                backlog.withLock { $0 += lines.count }
                queue.async {
                    self.attempt { () throws(SystemError) in try writeLines(lines[...], of: node, to: self.page) }
                    self.backlog.withLock { $0 -= lines.count }
                }
            })
    }

    /// - Parameter shown: what is shown of it already.
    private func write(_ node: NodeSummary, _ shown: String? = nil) throws(SystemError) {
        switch format {
        case .live where node.hasOutput && written.withLock { $0.insert(node.node).inserted }:
            guard let shown else { return try writeLines(of: node.node, in: store, to: page) }
            let before = try Descriptor.open(shown).rest()
            try writeLines(rest(of: store.result(of: node.node), after: before), of: node.node, to: page)
        case .prefix where node.state == .done || node.state == .unfetched && node.hasOutput:
            try writeLines(of: node.node, in: store, to: page)
        case .jsonl where written.withLock { $0.insert(node.node).inserted }:
            try page.write(foreign: node.withResult(in: store) + [UInt8(ascii: "\n")])
        default: break
        }
    }

    /// Writes what is still to be written.
    ///
    /// - Parameters:
    ///   - outcome: knows the nodes whose output is here.
    ///   - kept: nodes whose results of an earlier run are compared with the baseline, too.
    /// - Returns: why not all of it could be written, nil where it was; and how many nodes differ from the baseline.
    func finish(
        _ summary: Summary, _ outcome: Outcome, and kept: [NodeSummary]
    ) async -> (failure: SystemError?, changed: Int) {
        await withCheckedContinuation { continuation in
            queue.async {
                var changed = 0
                self.attempt { () throws(SystemError) in changed = try self.write(summary, outcome, kept) }
                continuation.resume(returning: (self.failure.withLock { $0 }, changed))
            }
        }
    }

    private func write(
        _ summary: Summary, _ outcome: Outcome, _ kept: [NodeSummary]
    ) throws(SystemError) -> Int {
        switch format {
        case .groups, .diff:
            let groups = try Group.all(of: outcome, and: kept, in: store, since: baseline)
            try writeGroups(groups, from: store, to: page, isColored: isColored, comparing: format == .diff)
            if baseline != nil { return groups.map(\.nodes.count).reduce(0, +) }
        // What is here of a result that can't be fetched is known at the end.
        case .prefix: for node in outcome.nodes where node.state == .unfetched { try write(node) }
        case .live: for node in outcome.nodes { try write(node, live?.end(node.node)) }
        case .json: try summary.writeWithResults(from: store, to: page)
        case .jsonl:
            for node in outcome.nodes { try write(node) }
            try page.write(summary.lastLine)
        case .raw:
            for node in outcome.nodes where node.hasOutput {
                let file = try Descriptor.open(store.file(of: node.node))
                _ = try page.write(contentsOf: file, marksHeaders: false)
            }
        }
        return 0
    }

    /// After the first failure nothing more is written.
    private func attempt(_ body: () throws(SystemError) -> Void) {
        guard failure.withLock({ $0 }) == nil else { return }
        do throws(SystemError) {
            try body()
        } catch {
            failure.withLock { $0 = error }
        }
    }
}
