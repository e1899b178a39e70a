import Orchestrator
import System

/// The nodes that an option names: names and patterns with commas between, and @FILE, which holds more of them. Each
/// may be as `kubectl get nodes -o name` prints it. An option that is given several times adds up.
///
/// - Throws: `Refusal.usage` with what is none.
func nodeNames(_ words: Words, _ option: String) throws(Refusal) -> [String] {
    var names: [String] = []
    for piece in words.pieces(option) {
        for word in piece.hasPrefix("@") ? try wordsOfFile(String(piece.dropFirst()), option) : [piece] {
            let name = word.hasPrefix("node/") ? String(word.dropFirst(5)) : word
            guard name.wholeMatch(of: /[A-Za-z0-9.*?\[\]-]+/) != nil else {
                throw .usage("--\(option): names with commas between and no spaces, as in a,b, and not '\(word)'")
            }
            names.append(name)
        }
    }
    return unique(names)
}

private func wordsOfFile(_ file: String, _ option: String) throws(Refusal) -> [String] {
    guard let text = text(of: file) else {
        throw .usage("--\(option): @FILE is a file with names of nodes, and this can't be read: '\(file)'")
    }
    let words = text.split { $0.isWhitespace || $0 == "," }.map(String.init)
    guard !words.isEmpty else { throw .usage("--\(option): there is no name of a node in '\(file)'") }
    return words
}
