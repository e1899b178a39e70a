import CLinux
import Seal

/// What a task wrote, as far as it is kept in a file, and its hash.
///
/// What is kept is always the start of it: when a part had to be thrown away, so is all that comes after it.
struct KeptResult {
    /// So much is kept even where little of the disk is free: the log of it takes more.
    private static var always: Int { 1 << 20 }

    private let file: Int32
    private let maximum: Int
    private var hash = SHA256()
    private var isFull = false
    /// How many bytes are kept.
    private(set) var kept: Int
    /// How many bytes the task wrote.
    private(set) var written: Int

    /// - Parameters:
    ///   - file: its descriptor, open for reading, and for writing where more is to come.
    ///   - maximum: how many bytes it may get.
    ///   - kept: how many it has already.
    ///   - written: of how many these are the start.
    init(in file: Int32, maximum: Int, kept: Int = 0, written: Int = 0) {
        self.file = file
        self.maximum = maximum
        self.kept = kept
        self.written = written
    }

    /// Keeps bytes that the task wrote, as far as there is room for them.
    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        written += bytes.count
        guard !isFull, bytes.count > 0 else { return }
        let room = max(min(maximum - kept, bytes.count, room(for: bytes.count)), 0)
        // A disk that is full, or has become read-only, takes less. The task goes on.
        let count = room == 0 ? 0 : max(write(file, bytes.baseAddress, room), 0)
        hash.update(UnsafeRawBufferPointer(start: bytes.baseAddress, count: count))
        kept += count
        isFull = count < bytes.count
    }

    /// Reads what is kept.
    ///
    /// - Returns: how many bytes were read; none where they can't be.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        max(pread(file, buffer.baseAddress, buffer.count, off_t(offset)), 0)
    }

    /// The seal, when all that is kept is on the disk.
    ///
    /// - Throws: `Failure` as fsync(2) fails.
    func seal(exitStatus: Int32) throws(Failure) -> Seal {
        if kept > 0 { _ = try systemCall("fsync", "result") { fsync(file) } }
        let status = UInt8(truncatingIfNeeded: exitStatus)
        return Seal(kept: kept, written: written, digest: hash.digest(), exitStatus: status)
    }

    /// How many bytes more may be kept so that a tenth of the disk stays free: below that, Kubernetes evicts pods.
    private func room(for count: Int) -> Int {
        var disk = statfs()
        guard kept + count > Self.always, fstatfs(file, &disk) == 0, disk.f_blocks > 0 else { return count }
        return (Int(disk.f_bavail) - Int(disk.f_blocks) / 10) &* Int(disk.f_bsize)
    }
}
