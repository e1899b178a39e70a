import CLinux
import Seal

/// What becomes of a task's output where the result is to be sealed: it is kept in the state directory, which is the
/// truth, and passed on to the log as fast as that takes it.
///
/// Nothing here waits for the log while the task runs. So nobody who does not read it holds the task up, or keeps a
/// request to stop from reaching it.
///
/// The value is in memory that it shares with its buffers, which are given back in the end: there is no heap.
public struct SealedOutput {
    /// How long the log has, in milliseconds, for what it has not got yet when the task has ended.
    private static var patience: Int64 { 30_000 }
    /// How much of the end of a result comes again where the log has not got all of it.
    private static var tail: Int { 2048 }
    // After the value: the end of what was written, then the piece that is read, then the piece for the log.
    private static var start: Int { (MemoryLayout<SealedOutput>.size + 63) & ~63 }
    private static var size: Int { start + tail + pipeCapacity + Log.piece }

    private let pod: CString
    private var result: KeptResult
    private var log: Log
    private var endCount = 0
    private var isRestTold = false
    private let buffer: UnsafeMutableRawPointer

    /// Where the value is.
    public typealias Pointer = UnsafeMutablePointer<SealedOutput>

    /// - Parameters:
    ///   - result: what is kept already.
    ///   - pod: whose it is.
    ///   - signals: a request to stop ends the waiting for the log.
    /// - Throws: `Failure` as mmap(2) and signalfd(2) fail.
    static func make(_ result: KeptResult, of pod: CString, until signals: Signals) throws(Failure) -> Pointer {
        let memory = try map(size)
        let value = memory.bindMemory(to: SealedOutput.self, capacity: 1)
        value.initialize(
            to: SealedOutput(
                pod: pod, result: result, log: Log(orUntil: try signals.descriptor(stopsOnly: true)),
                buffer: memory + start))
        value.pointee.readEnd()
        return value
    }

    /// Gives the memory back.
    static func end(_ value: Pointer) {
        munmap(value, size)
    }

    private func part(_ start: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: buffer + start, count: count)
    }

    private mutating func readEnd() {
        endCount = min(Self.tail, result.kept)
        _ = result.read(into: part(Self.tail - endCount, endCount), at: result.kept - endCount)
    }

    /// Takes what the task has written, as much as can be read at once.
    ///
    /// - Returns: false at its end.
    /// - Throws: `Failure` as read(2) fails.
    public mutating func take(from source: borrowing Descriptor) throws(Failure) -> Bool {
        let count = try source.read(into: part(Self.tail, pipeCapacity))
        result.take(UnsafeRawBufferPointer(part(Self.tail, count)))
        memmove(buffer, buffer + count, Self.tail)
        endCount = min(Self.tail, endCount + count)
        passOn()
        return count > 0
    }

    /// Whether there is something that the log can get.
    public var hasNewsForLog: Bool { log.takesMore && log.passed < result.kept }

    /// Passes on what the log takes now.
    public mutating func passOn() {
        while hasNewsForLog && log.isReady() {
            // Not what was read from the task, but what is kept: the log is the start of that and of nothing else.
            let piece = part(Self.tail + pipeCapacity, min(Log.piece, result.kept - log.passed))
            let count = result.read(into: piece, at: log.passed)
            log.pass(UnsafeRawBufferPointer(start: piece.baseAddress, count: count))
        }
        // Who follows the log while the task goes on is to know.
        guard !isRestTold, !log.takesMore, log.passed < result.kept, log.isReady() else { return }
        isRestTold = true
        log.endLine()
        log.add(CString("# run-once: the rest is kept on the node\n").bytes)
    }

    /// The task has ended: the log gets all that it is to get, and ends with a line. This program's own words may come
    /// next.
    ///
    /// - Parameter wasStopped: a request to stop came before.
    public mutating func endResult(wasStopped: Bool = false) {
        guard log.deadline == 0 else { return }
        log.deadline = clinux_monotonic_clock() + (wasStopped ? Log.patienceOfStopped : Self.patience)
        passOn()
        log.endLine()
        guard log.passed < result.written else { return }
        log.add(UnsafeRawBufferPointer(part(Self.tail - endCount, endCount)))
        log.endLine()
    }

    /// Seals the result in the state directory: from then on it is proved, also where this program ends.
    ///
    /// - Throws: `Failure` where a file can't be brought to the disk.
    @inline(never)  // or else its record is on the stack as long as this program waits
    func seal(_ exitStatus: Int32, in state: borrowing StateDirectory) throws(Failure) {
        try state.record(result.seal(exitStatus: exitStatus), of: pod)
    }

    /// Tells the seal, which is the last line of the log.
    @inline(never)
    mutating func tellSeal(of state: borrowing StateDirectory) {
        try? state.record.withLine { log.add($0) }
    }
}
