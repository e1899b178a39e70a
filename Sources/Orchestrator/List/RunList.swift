import RunLogic
import System

extension Program {
    /// The story of `list`: ask for the runs that are there, and print them as kubectl prints what it gets.
    ///
    /// - Returns: the exit status.
    /// - Throws: `Refusal` where they can't be listed.
    public func list(_ place: Place, inAllNamespaces: Bool, asJSON: Bool) async throws(Refusal) -> Int32 {
        let directory = try signals.directory()
        defer { directory.remove() }
        let runs = try await Runs.connect(place, directory, self)
        let (all, now) = try await runs.all(inAllNamespaces: inAllNamespaces)
        await runs.api.proxy.stop()
        if asJSON {
            let document = RunDocument(runs: all.map(\.summary))
            try printOut("the list") { () throws(SystemError) in try encoded(document, .prettyPrinted) + [10] }
        } else if !all.isEmpty {
            try printOut("the list") { Array(tableOfRuns(all, at: now, inAllNamespaces: inAllNamespaces).utf8) }
        } else {
            terminal.pass(on: "No runs found" + (inAllNamespaces ? "" : " in \(runs.namespace) namespace."))
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
