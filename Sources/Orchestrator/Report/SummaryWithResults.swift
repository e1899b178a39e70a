import FoundationEssentials
import RunLogic
import System

/// What became of the nodes, and what they wrote, in one document.
extension Summary {
    /// Writes the document with each node's output: as `result` where it is text in UTF-8, else as `resultBase64`; null
    /// where none is here. It is made a node at a time: all results may be more than fits in memory.
    ///
    /// - Parameter logs: the nodes whose output is here.
    /// - Throws: `SystemError` where an output can't be read, or standard output does not take the document.
    func writeWithResults(of logs: Set<String>, in store: ResultStore, to page: Page) throws(SystemError) {
        try page.write(#"{"schema":\#(schema),"run":"#.utf8)
        try page.write(encoded(run))
        try page.write(#","nodes":["#.utf8)
        var separator = "\n"
        for node in nodes {
            let result = logs.contains(node.node) ? try store.result(of: node.node) : nil
            // The node's object, with one more member before its end.
            let object = try Array(separator.utf8) + encoded(node).dropLast() + Summary.member(result)
            try page.write(foreign: object + [UInt8(ascii: "}")])
            separator = ",\n"
        }
        try page.write("\n]}\n".utf8)
    }

    private static func member(_ result: [UInt8]?) throws(SystemError) -> [UInt8] {
        guard let result else { return Array(#","result":null"#.utf8) }
        if let text = String(validating: result, as: UTF8.self) {
            return try Array(#","result":"#.utf8) + encoded(text)
        }
        return Array(#","resultBase64":""#.utf8) + Array(Data(result).base64EncodedData()) + [UInt8(ascii: "\"")]
    }
}
