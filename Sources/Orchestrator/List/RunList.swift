import RunLogic
import System

/// The story of `list`: ask for the runs that are there, and print them as kubectl prints what it gets.
public struct RunList: Sendable {
    let place: Place
    let inAllNamespaces: Bool
    let asJSON: Bool
    let program: Program

    public init(_ place: Place, inAllNamespaces: Bool, asJSON: Bool, in program: Program) {
        self.place = place
        (self.inAllNamespaces, self.asJSON) = (inAllNamespaces, asJSON)
        self.program = program
    }

    /// - Returns: the exit status.
    /// - Throws: `Refusal` where they can't be listed.
    public func print() async throws(Refusal) -> Int32 {
        let directory = try program.signals.directory()
        defer { directory.remove() }
        let runs = try await Runs.connect(place, directory, program)
        let (all, now) = try await runs.all(inAllNamespaces: inAllNamespaces)
        await runs.api.proxy.stop()
        do throws(SystemError) {
            if asJSON {
                try Descriptor.standardOutput.write(
                    encoded(RunDocument(runs: all.map(\.summary)), .prettyPrinted) + [10])
            } else if all.isEmpty {
                let place = inAllNamespaces ? "" : " in \(runs.namespace) namespace."
                try Descriptor.standardError.write("No runs found\(place)\n".utf8)
            } else {
                let table = RunTable(all, at: now, inAllNamespaces: inAllNamespaces)
                try Descriptor.standardOutput.write(table.description.utf8)
            }
            return 0
        } catch {
            throw .cluster("the list can't be written: \(error.reason)")
        }
    }
}
