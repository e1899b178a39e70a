import Dispatch
import FoundationEssentials
import Glibc
import RunLogic
import Synchronization

/// How results are written to standard output.
public enum OutputFormat: String, CaseIterable, Sendable {
    /// Nodes with the same result together, at the end.
    case groups
    /// Each line after its node's name, as soon as that node's result is here.
    case prefix
    /// One document with what became of each node, at the end.
    case json
    /// The bytes of one node's result and nothing else, at the end.
    case raw
}

extension Request {
    /// Standard output as the user wants it.
    func output(of store: ResultStore) -> Output {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let isColored = color.isWanted(isTerminal: isTerminal, ProcessInfo.processInfo.environment)
        return Output(output, of: store, isTerminal: isTerminal, isColored: isColored)
    }
}

/// Standard output: results and nothing else.
///
/// It is written in a thread of its own, one result after the other: who reads it may take his time, and that holds up
/// nothing else.
final class Output: Sendable {
    private let format: OutputFormat
    private let store: ResultStore
    private let isTerminal: Bool
    private let isColored: Bool
    private let queue = DispatchQueue(label: "results")
    private let failure = Mutex<SystemError?>(nil)

    init(_ format: OutputFormat, of store: ResultStore, isTerminal: Bool, isColored: Bool) {
        self.format = format
        self.store = store
        self.isTerminal = isTerminal
        self.isColored = isColored
    }

    private var page: Page { Page(.standardOutput, isTerminal: isTerminal) }

    /// The results of these nodes are here.
    func take(_ nodes: [String]) {
        guard format == .prefix else { return }
        queue.async {
            self.attempt { () throws(SystemError) in
                for node in nodes { try writeLines(of: node, in: self.store, to: self.page) }
            }
        }
    }

    /// Writes what is still to be written.
    ///
    /// - Parameter outcome: knows the nodes whose output is here.
    /// - Returns: why not all of it could be written; nil where it was.
    func finish(_ summary: Summary, _ outcome: Outcome) async -> SystemError? {
        await withCheckedContinuation { continuation in
            queue.async {
                self.attempt { () throws(SystemError) in try self.write(summary, outcome) }
                continuation.resume(returning: self.failure.withLock { $0 })
            }
        }
    }

    private func write(_ summary: Summary, _ outcome: Outcome) throws(SystemError) {
        switch format {
        case .groups:
            try writeGroups(
                Group.all(of: outcome, in: store), from: store, to: page, isColored: isColored,
                columns: isTerminal ? columns(of: STDOUT_FILENO) : nil)
        case .prefix: break
        case .json: try summary.writeWithResults(of: outcome.logs, in: store, to: page)
        case .raw:
            for node in outcome.logs.sorted() {
                let file = try Descriptor.open(store.file(of: node), O_RDONLY)
                _ = try page.write(contentsOf: file, marksHeaders: false)
            }
        }
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
