import FoundationEssentials
import RunLogic
import System

/// What became of the nodes, and what they wrote: in one document, or a line for each.
extension Summary {
    /// Writes the document. It is made a node at a time: all results may be more than fits in memory.
    ///
    /// - Throws: `SystemError` where an output can't be read, or standard output does not take the document.
    func writeWithResults(from store: ResultStore, to page: Page) throws(SystemError) {
        try page.write(#"{"schema":\#(schema),"run":"#.utf8)
        try page.write(encoded(run))
        try page.write(#","nodes":["#.utf8)
        var separator = "\n"
        for node in nodes {
            try page.write(foreign: Array(separator.utf8) + node.withResult(in: store))
            separator = ",\n"
        }
        try page.write("\n]}\n".utf8)
    }

    /// What became of the run, behind the lines of the nodes.
    var lastLine: [UInt8] {
        get throws(SystemError) { try Array(#"{"schema":\#(schema),"run":"#.utf8) + encoded(run) + Array("}\n".utf8) }
    }
}

extension NodeSummary {
    /// Its object with its output: as `result` where it is text in UTF-8, else as `resultBase64`; null where none
    /// is here.
    func withResult(in store: ResultStore) throws(SystemError) -> [UInt8] {
        let result = hasOutput ? try store.result(of: node) : nil
        // One more member before its end.
        return try encoded(self).dropLast() + NodeSummary.member(result) + [UInt8(ascii: "}")]
    }

    private static func member(_ result: [UInt8]?) throws(SystemError) -> [UInt8] {
        guard let result else { return Array(#","result":null"#.utf8) }
        if let text = String(validating: result, as: UTF8.self) {
            return try Array(#","result":"#.utf8) + encoded(text)
        }
        return Array(#","resultBase64":""#.utf8) + Array(Data(result).base64EncodedData()) + [UInt8(ascii: "\"")]
    }
}
