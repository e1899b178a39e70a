/// Where results are written: byte for byte, or, on a terminal, so that nothing in them acts on it.
struct Page {
    private let output: Descriptor
    private let isTerminal: Bool

    init(_ output: Descriptor, isTerminal: Bool) {
        self.output = output
        self.isTerminal = isTerminal
    }

    /// Writes what this program says itself.
    func write(_ bytes: some Collection<UInt8>) throws(SystemError) {
        try output.write(bytes)
    }

    /// Writes some of what others wrote.
    func write(foreign bytes: [UInt8]) throws(SystemError) {
        var harmless = Harmless()
        try output.write(isTerminal ? harmless.take(bytes) + harmless.end() : bytes)
    }

    /// Writes a file that others wrote; no line of it passes for a header on a terminal.
    ///
    /// - Returns: its last byte; nil where it is empty.
    func write(contentsOf file: Descriptor) throws(SystemError) -> UInt8? {
        var harmless = Harmless(marksHeaders: true)
        var last: UInt8?
        while true {
            let bytes = try file.read()
            if bytes.isEmpty { break }
            try output.write(isTerminal ? harmless.take(bytes) : bytes)
            last = bytes.last
        }
        if isTerminal { try output.write(harmless.end()) }
        return last
    }
}
