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
        if asJSON {
            let document = RunDocument(runs: all.map(\.summary))
            try printOut("the list") { () throws(SystemError) in try encoded(document, .prettyPrinted) + [10] }
        } else if !all.isEmpty {
            let table = RunTable(all, at: now, inAllNamespaces: inAllNamespaces)
            try printOut("the list") { Array(table.description.utf8) }
        } else {
            program.terminal.pass(on: "No runs found" + (inAllNamespaces ? "" : " in \(runs.namespace) namespace."))
        }
        return 0
    }
}

/// Writes to standard output what was asked for.
func printOut(_ what: String, _ bytes: () throws(SystemError) -> [UInt8]) throws(Refusal) {
    do throws(SystemError) {
        try Descriptor.standardOutput.write(bytes())
    } catch {
        throw .cluster("\(what) can't be written to standard output: \(error.reason)")
    }
}
