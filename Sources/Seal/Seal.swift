/// What an agent says of a pod's result once its task has ended: how long it is, its hash, and how the task ended.
///
/// As a line it names the pod, because a task may well print another pod's seal (`cat old.log`):
///
///     # run-once 2e7cd5d1-6d2d-4d5a-93a7-8a1cbbe56f3b: 1234 bytes, sha256 9f86…0a08, exit status 0
///     # run-once 2e7cd5d1-6d2d-4d5a-93a7-8a1cbbe56f3b: 1234 of 99999 bytes, sha256 9f86…0a08, exit status 0
public struct Seal: Hashable, Sendable {
    /// How many bytes the agent keeps.
    public let kept: Int
    /// How many bytes the task wrote: as many, or more.
    public let written: Int
    /// The hash of the bytes that are kept.
    public let digest: Digest
    /// The task's exit status; 128 and the signal's number where one killed it.
    public let exitStatus: UInt8

    /// The longest line has so many bytes.
    public static var longestLine: Int { 256 }
    /// The longest UID has so many bytes. Kubernetes' have 36.
    public static var longestUID: Int { 64 }

    public init(kept: Int, written: Int, digest: Digest, exitStatus: UInt8) {
        self.kept = kept
        self.written = written
        self.digest = digest
        self.exitStatus = exitStatus
    }

    /// Whether all of what the task wrote is kept.
    public var isWhole: Bool { kept == written }

    /// Whether a pod's UID can stand in a seal: letters, digits and `-`, at least one and not more than fit.
    public static func isUID(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard 1...longestUID ~= bytes.count else { return false }
        for byte in bytes {
            switch byte {
            case 45, 48...57, 65...90, 97...122: continue
            default: return false
            }
        }
        return true
    }

    /// Reads a line. Nil where it is no seal, or another pod's.
    ///
    /// - Parameters:
    ///   - line: the line without its newline.
    ///   - pod: the UID of the pod that wrote it.
    public init?(line: UnsafeRawBufferPointer, pod: UnsafeRawBufferPointer) {
        var rest = Reading(line)
        guard Self.isUID(pod), rest.skip("# run-once "), rest.skip(pod), rest.skip(": "),
            let kept = rest.number()
        else { return nil }
        var written = kept
        if rest.skip(" of ") {
            guard let number = rest.number(), number > kept else { return nil }
            written = number
        }
        guard rest.skip(" bytes, sha256 "), let hex = rest.bytes(Digest.digits), let digest = Digest(hex: hex),
            rest.skip(", exit status "), let status = rest.number(), let exitStatus = UInt8(exactly: status),
            rest.isAtEnd
        else { return nil }
        self.init(kept: kept, written: written, digest: digest, exitStatus: exitStatus)
    }

    /// Writes the line, without a newline.
    ///
    /// - Parameters:
    ///   - pod: the pod's UID, see `isUID`.
    ///   - buffer: at least as long as the longest line.
    /// - Returns: how many bytes the line has.
    public func write(pod: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer) -> Int {
        var line = Writing(buffer)
        line.append("# run-once ")
        line.append(pod)
        line.append(": ")
        line.append(kept)
        if !isWhole {
            line.append(" of ")
            line.append(written)
        }
        line.append(" bytes, sha256 ")
        digest.forEachDigit { line.append($0) }
        line.append(", exit status ")
        line.append(Int(exitStatus))
        return line.count
    }
}

#if !hasFeature(Embedded)
extension Seal {
    /// Reads a line, without its newline. Nil where it is no seal, or another pod's.
    public init?(line: some Sequence<UInt8>, pod: String) {
        let (line, pod) = (Array(line), Array(pod.utf8))
        guard
            let seal = line.withUnsafeBytes({ line in
                pod.withUnsafeBytes { Seal(line: line, pod: $0) }
            })
        else { return nil }
        self = seal
    }

    /// The line, without a newline.
    ///
    /// - Parameter pod: the pod's UID, see `isUID`.
    public func line(pod: String) -> String {
        let pod = Array(pod.utf8)
        return String(
            decoding: [UInt8](unsafeUninitializedCapacity: Self.longestLine) { buffer, count in
                count = pod.withUnsafeBytes { write(pod: $0, to: UnsafeMutableRawBufferPointer(buffer)) }
            }, as: UTF8.self)
    }
}
#endif
