import System

/// Writes a node's result with the node's name before each line, in one piece: `node-1: line`.
///
/// The last line gets a newline where it has none, so that the next node's begins on a line of its own. A result
/// without lines is none here.
///
/// - Throws: `SystemError` where it can't be read, or standard output does not take it.
func writeLines(of node: String, in store: ResultStore, to page: Page) throws(SystemError) {
    if let picture = try page.picture(of: Descriptor.open(store.file(of: node))) {
        return try page.write("\(node): \(picture)\n".utf8)
    }
    try writeLines(store.result(of: node)[...], of: node, to: page)
}

/// Writes some of a node's lines.
///
/// - Throws: `SystemError` where standard output does not take them.
func writeLines(_ bytes: ArraySlice<UInt8>, of node: String, to page: Page) throws(SystemError) {
    let prefix = Array("\(node): ".utf8)
    let newline = UInt8(ascii: "\n")
    var lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }  // after the last newline there is no line
    var text: [UInt8] = []
    for line in lines { text += prefix + line + [newline] }
    try page.write(foreign: text)
}
