import FoundationEssentials
import RunLogic
import Synchronization
import System

/// The folder with the nodes' results: NODE.log for each whose transfer came whole, also where its task failed or went
/// on. Others may have files there: nothing is touched but what was made here.
public final class ResultStore: Sendable {
    public let directory: String
    /// The nodes whose logs were begun, and whether NODE.log is ours.
    private let made = Mutex<[String: Bool]>([:])

    /// The nodes whose logs of an earlier run may be replaced.
    private let retried: Set<String>

    /// A folder that the user named, or one of the run's own.
    ///
    /// - Parameter earlier: the run that is brought up to date there; nil where there was none.
    /// - Throws: `Refusal.usage` where it can't be made or holds results already.
    init(named directory: String, after earlier: EarlierRun? = nil) throws(Refusal) {
        self.directory = directory
        retried = Set(earlier?.notDone ?? [])
        let files = FileManager.default
        let option = earlier == nil ? "--output-dir" : "--retry"
        do {
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw .usage("\(option): \(directory) is no folder, and can't be made one: name another")
        }
        let probe = directory + "/.run-once.part"
        do throws(SystemError) {
            _ = try Descriptor.open(probe, for: .replacing)
            removeFile(probe)
        } catch {
            throw .usage("\(option): can't be written to: \(directory): \(error.reason)")
        }
        if earlier != nil { return }
        let old = (try? files.contentsOfDirectory(atPath: directory)) ?? []
        guard !old.contains(where: { $0.hasSuffix(".log") || $0.hasSuffix(".log.part") || $0 == "summary.json" }) else {
            throw .usage("--output-dir: holds the results of an earlier run, name another: \(directory)")
        }
    }

    public func file(of node: String) -> String { ResultStore.file(of: node, in: directory) }

    /// The file with a node's result in such a folder.
    static func file(of node: String, in directory: String) -> String { "\(directory)/\(node).log" }

    /// What a node's task wrote, all of it.
    func result(of node: String) throws(SystemError) -> [UInt8] {
        try Descriptor.open(file(of: node)).rest()
    }

    /// Where a log is until it is whole.
    func part(of node: String) -> String {
        made.withLock { $0[node] = $0[node] ?? false }
        return "\(directory)/\(node).log.part"
    }

    /// The log came whole.
    ///
    /// - Returns: why it can't be kept; nil where it is.
    func accept(_ node: String) -> Fetched.Outcome? {
        let (part, file) = (part(of: node), file(of: node))
        // curl makes no file of nothing.
        if !exists(part) { _ = try? Descriptor.open(part, for: .replacing) }
        let isFree = made.withLock { $0[node] == true } || retried.contains(node) || !exists(file)
        guard isFree else {
            dropPart(of: node)
            return .lost("\(file) is there already, and not of this run")
        }
        do throws(SystemError) { try move(part, to: file) } catch { return .failed(error.description) }
        made.withLock { $0[node] = true }
        return nil
    }

    /// What the file is called, behind the log's name, that takes the beginning of a log.
    static let beginning = ".begin"

    func dropPart(of node: String) {
        let part = part(of: node)
        removeFile(part)
        removeFile(part + ResultStore.beginning)
    }

    func beginning(ofPartOf node: String) -> [UInt8] {
        (try? Descriptor.open(part(of: node)).read(2048)) ?? []
    }

    /// Why nothing can be written to it, such as a disk that is full.
    var whyUnwritable: String {
        let probe = "\(directory)/.run-once.part"
        defer { removeFile(probe) }
        do throws(SystemError) {
            try Descriptor.open(probe, for: .replacing).write([UInt8](repeating: 0, count: 1 << 16))
            return "\(directory) had no room for it, and has some again"
        } catch {
            return "\(directory): \(error.reason)"
        }
    }

    /// Removes what was fetched only in part, or turned out to be no result.
    func keepOnly(_ nodes: Set<String>) {
        for (node, isOurs) in made.withLock({ $0 }) {
            dropPart(of: node)
            if isOurs, !nodes.contains(node) { removeFile(file(of: node)) }
        }
    }

    /// Removes the logs of an earlier run of these nodes.
    func forget(_ nodes: some Sequence<String>) {
        for node in nodes where retried.contains(node) { removeFile(file(of: node)) }
    }
}
