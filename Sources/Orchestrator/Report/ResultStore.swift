import FoundationEssentials
import Glibc
import RunLogic

/// The folder with the nodes' results: NODE.log for each that came whole.
public struct ResultStore: Sendable {
    public let directory: String

    /// A folder that the user named, or one of the run's own.
    ///
    /// - Throws: `Refusal.usage` where it can't be made or holds results already.
    public init(named directory: String) throws(Refusal) {
        self.directory = directory
        let files = FileManager.default
        do {
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw .usage("--output-dir: \(directory) is no folder, and can't be made one: name another")
        }
        let probe = directory + "/.run-once.part"
        do throws(SystemError) {
            _ = try Descriptor.open(probe, O_WRONLY | O_CREAT)
            unlink(probe)
        } catch {
            throw .usage("--output-dir: can't be written to: \(directory): \(error.reason)")
        }
        let old = (try? files.contentsOfDirectory(atPath: directory)) ?? []
        guard !old.contains(where: { $0.hasSuffix(".log") || $0.hasSuffix(".log.part") || $0 == "summary.json" }) else {
            throw .usage("--output-dir: holds the results of an earlier run, name another: \(directory)")
        }
    }

    public func file(of node: String) -> String { "\(directory)/\(node).log" }

    /// What a node's task wrote, all of it.
    func result(of node: String) throws(SystemError) -> [UInt8] {
        try Descriptor.open(file(of: node), O_RDONLY).rest()
    }

    /// Where a log is until it is whole.
    func part(of node: String) -> String { "\(directory)/\(node).log.part" }

    /// The log is whole.
    func accept(_ node: String) -> Fetched.Outcome {
        // curl makes no file of nothing.
        if access(part(of: node), F_OK) != 0 { _ = try? Descriptor.open(part(of: node), O_WRONLY | O_CREAT) }
        guard rename(part(of: node), file(of: node)) == 0 else {
            return .lost(SystemError("write", file(of: node)).description)
        }
        return .complete
    }

    func dropPart(of node: String) {
        unlink(part(of: node))
    }

    func beginning(ofPartOf node: String) -> [UInt8] {
        (try? Descriptor.open(part(of: node), O_RDONLY).read(2048)) ?? []
    }

    /// Removes what was fetched only in part, or turned out to be no result.
    func keepOnly(_ nodes: Set<String>) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            let isWhole = name.hasSuffix(".log") && nodes.contains(String(name.dropLast(4)))
            if !isWhole, name.hasSuffix(".log") || name.hasSuffix(".log.part") { unlink("\(directory)/\(name)") }
        }
    }
}
