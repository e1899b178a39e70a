import System

/// Where results are written: byte for byte, or, on a terminal, so that nothing in them acts on it.
struct Page {
    let output: Descriptor
    let isTerminal: Bool

    /// Writes what this program says itself.
    func write(_ bytes: some Collection<UInt8>) throws(SystemError) {
        try output.write(bytes)
    }

    /// Writes some of what others wrote.
    func write(foreign bytes: [UInt8]) throws(SystemError) {
        var harmless = Harmless()
        try output.write(isTerminal ? harmless.take(bytes) + harmless.end() : bytes)
    }

    /// What a terminal shows of bytes that are no text.
    ///
    /// - Returns: nil where they are text in UTF-8, or go where each byte is kept.
    func picture(of file: Descriptor) throws(SystemError) -> String? {
        let size = try file.size()
        guard isTerminal, try !file.isText(size) else { return nil }
        return try "(\(size) bytes that are no text, sha256 \(file.sha256(of: 0..<size).hex); --output-dir keeps them)"
    }

    /// Writes a file that others wrote.
    ///
    /// - Parameter marksHeaders: on a terminal no line of it is to pass for a header.
    /// - Returns: its last byte; nil where it is empty.
    func write(contentsOf file: Descriptor, marksHeaders: Bool = true) throws(SystemError) -> UInt8? {
        if let picture = try picture(of: file) {
            try write("\(picture)\n".utf8)
            return UInt8(ascii: "\n")
        }
        return try write(textOf: file, marksHeaders: marksHeaders)
    }

    /// Writes a file that others wrote, whatever it holds.
    @discardableResult
    func write(textOf file: Descriptor, marksHeaders: Bool) throws(SystemError) -> UInt8? {
        var harmless = Harmless(marksHeaders: marksHeaders)
        var last: UInt8?
        try file.forEachPiece(in: 0..<file.size()) { piece throws(SystemError) in
            try output.write(isTerminal ? harmless.take(Array(piece)) : Array(piece))
            last = piece.last
            return true
        }
        if isTerminal { try output.write(harmless.end()) }
        return last
    }
}

extension Descriptor {
    /// Whether what the file holds is text in UTF-8.
    fileprivate func isText(_ size: Int) throws(SystemError) -> Bool {
        var rest: [UInt8] = []
        var isText = true
        try forEachPiece(in: 0..<size) { piece in
            let bytes = rest + piece
            // The last character may go on in the next piece.
            let lead = bytes.indices.suffix(3).last { bytes[$0] >= 0xc0 } ?? bytes.endIndex
            rest = Array(bytes[lead...])
            isText = String(validating: bytes[..<lead], as: UTF8.self) != nil
            return isText
        }
        // What was cut may end in a character.
        return isText
    }
}
