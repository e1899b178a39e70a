import FoundationEssentials
import RunLogic
import System

/// What became of the nodes, and what they wrote: in one document, or a line for each.
extension Summary {
    /// Writes the document. It is made a node at a time: all results may be more than fits in memory.
    ///
    /// - Throws: `SystemError` where an output can't be read, or standard output does not take the document.
    func writeWithResults(from store: ResultStore, to page: Page) throws(SystemError) {
        try page.write(beginning + #","nodes":["#.utf8)
        var separator = "\n"
        for node in nodes {
            try page.write(foreign: Array(separator.utf8) + node.withResult(in: store))
            separator = ",\n"
        }
        try page.write("\n]}\n".utf8)
    }

    /// What became of the run.
    private var beginning: [UInt8] {
        get throws(SystemError) { try #"{"schema":\#(schema),"run":"#.utf8 + encoded(run) }
    }

    /// The line behind those of the nodes.
    var lastLine: [UInt8] { get throws(SystemError) { try beginning + "}\n".utf8 } }
}

extension NodeSummary {
    /// Its object with its output: as `result` where it is text in UTF-8, else as `resultBase64`; null where none
    /// is here.
    func withResult(in store: ResultStore) throws(SystemError) -> [UInt8] {
        let result = hasOutput ? try store.result(of: node) : nil
        let text = result.flatMap { String(validating: $0, as: UTF8.self) }
        let isText = text != nil || result == nil
        let value = try encoded(isText ? text : result.map { Data($0).base64EncodedString() })
        // One more member before its end.
        return try encoded(self).dropLast() + (isText ? #","result":"# : #","resultBase64":"#).utf8 + value + "}".utf8
    }
}
