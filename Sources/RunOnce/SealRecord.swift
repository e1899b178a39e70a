import CLinux
import Seal

/// What the file `seal` holds once the task has ended: the line that proves the result, and its numbers.
struct SealRecord {
    /// The line, with its newline, and zeros.
    private var line = InlineArray<256, UInt8>(repeating: 0)
    private var count = 0
    private(set) var kept = 0
    private(set) var written = 0
    private(set) var exitStatus = 0

    /// Nothing that is sealed.
    init() {}

    init(_ seal: Seal, of pod: CString) {
        var span = line.mutableSpan
        let end = span.withUnsafeMutableBytes { seal.write(pod: pod.bytes, to: $0) }
        line[end] = 10
        count = end + 1
        kept = seal.kept
        written = seal.written
        exitStatus = Int(seal.exitStatus)
    }

    var isSealed: Bool { count > 0 }

    /// Passes the line, with its newline: no bytes where nothing is sealed.
    func withLine(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        try line.span.withUnsafeBytes { bytes throws(Failure) in
            try body(UnsafeRawBufferPointer(start: bytes.baseAddress, count: max(min(count, bytes.count), 0)))
        }
    }
}

/// The files of a result that is sealed: `result` holds the bytes, and `seal` the record.
extension StateDirectory {
    private static var result: CString { "result" }
    private static var seal: CString { "seal" }

    /// Creates both, and takes the room for the seal: a task may well fill the disk.
    ///
    /// - Returns: the descriptor of the file for the result, which stays open.
    /// - Throws: `Failure` where that can't be done.
    func createResult() throws(Failure) -> Int32 {
        // Not those that are there already, which could be links to elsewhere.
        try? directory.remove(Self.seal)
        try? directory.remove(Self.result)
        var none = SealRecord()
        try write(&none)
        return try open(Self.result, O_RDWR | O_CREAT | O_EXCL)
    }

    /// - Returns: the descriptor of the file of a result that is kept, which stays open.
    /// - Throws: `Failure` where there is none.
    func openResult() throws(Failure) -> Int32 {
        try open(Self.result, O_RDONLY)
    }

    private func open(_ file: CString, _ flags: Int32) throws(Failure) -> Int32 {
        try directory.open(file, flags | O_NOFOLLOW).keepOpen()
    }

    /// Keeps the seal on the disk.
    ///
    /// - Throws: `Failure` where that can't be done.
    func record(_ seal: Seal, of pod: CString) throws(Failure) {
        var record = SealRecord(seal, of: pod)
        try write(&record)
    }

    private func write(_ record: inout SealRecord) throws(Failure) {
        let file = try directory.open(Self.seal, O_WRONLY | O_CREAT | O_NOFOLLOW)
        try withUnsafeBytes(of: &record) { bytes throws(Failure) in try file.write(bytes) }
        try file.sync()
    }

    /// What is sealed on the disk.
    var record: SealRecord {
        var record = SealRecord()
        if let file = try? directory.open(Self.seal, O_RDONLY) {
            _ = try? withUnsafeMutableBytes(of: &record) { bytes throws(Failure) in try file.read(into: bytes) }
        }
        return record
    }

    /// Whether the task has ended in success, as its seal says.
    var isSealedAsDone: Bool {
        @inline(never)
        get {
            let record = record
            return record.isSealed && record.exitStatus == 0
        }
    }

    /// Writes what is kept, and then the seal, by itself in a line, where the task has ended.
    ///
    /// - Parameter offset: the first byte to write.
    /// - Returns: false where nothing is kept, or less than its seal says.
    /// - Throws: `Failure` where a file can't be read, or the output not be written.
    func writeResult(to output: borrowing Descriptor, from offset: Int) throws(Failure) -> Bool {
        // First: what is written after the end of the task is not the result.
        let record = record
        guard let file = try? directory.open(Self.result, O_RDONLY) else { return false }
        let size = Int(lseek(file.number, 0, SEEK_END))
        lseek(file.number, off_t(offset), SEEK_SET)
        if record.isSealed && size < record.kept { return false }
        try copy(from: file, to: output)
        var last: UInt8 = 10
        pread(file.number, &last, 1, off_t(size - 1))
        if record.isSealed && last != 10 { try output.write("\n") }
        try record.withLine { line throws(Failure) in try output.write(line) }
        return true
    }
}
