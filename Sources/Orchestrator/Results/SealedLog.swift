import Seal
import System

/// A container's log whose last line, or nearly, is the seal of what the task wrote: it begins with the result, where
/// it is whole.
///
///     the result             as much of it as a log takes
///     # run-once: the rest is kept on the node          where that is not all; and the result's end once more
///     run-once: sh: exit status 3                       the agent's own words
///     # run-once 2e7cd5d1-…: 1234 bytes, sha256 9f86…0a08, exit status 3
///
/// A log need not be whole: kubelet throws its beginning away, its last lines come late, containerd drops a CR before a
/// newline, and who writes to /proc/1/fd/1 writes into it. So nothing of it is the result but what its seal proves.
enum SealedLog {
    /// What a log is worth.
    enum Finding: Equatable, Sendable {
        /// The result is there, byte for byte.
        case proved(Seal, Way, Strays)
        /// The seal is there, and what is before it is not what it is about: the result is to be taken from the node.
        case unfitting(Seal)
        /// This pod's seal is not there.
        case unsealed
    }

    /// How the result is in the log.
    enum Way: Equatable, Sendable {
        case asItIs
        /// A CR is to be put before each newline.
        case withCRs
    }

    /// Looks for the result in a log, and where it is there leaves nothing else in the file.
    ///
    /// - Parameters:
    ///   - path: of the log. It holds what it held before where the result is not proved.
    ///   - pod: the UID of the pod whose log it is.
    /// - Throws: `SystemError` where the file can't be read or written.
    static func reduce(_ path: String, pod: String) throws(SystemError) -> Finding {
        let file = try Descriptor.open(path, for: .changing)
        let finding = try finding(in: file, pod)
        switch finding {
        case .proved(let seal, .asItIs, _): try file.cut(to: seal.kept)
        case .proved(let seal, .withCRs, _):
            let other = "\(path).crs"
            do throws(SystemError) {
                let changed = try Descriptor.open(other, for: .replacing)
                _ = try file.addingCRs(upTo: try file.size(), count: seal.kept) { bytes throws(SystemError) in
                    try changed.write(bytes)
                }
                try move(other, to: path)
            } catch {
                removeFile(other)
                throw error
            }
        case .unfitting, .unsealed: break
        }
        return finding
    }

    private static func finding(in file: Descriptor, _ pod: String) throws(SystemError) -> Finding {
        guard let (seal, range) = try file.lastSeal(of: pod, .line) else { return .unsealed }
        let start = range.lowerBound
        let (end, way): (Int, Way)
        if seal.kept <= start, try file.sha256(of: 0..<seal.kept) == seal.digest {
            (end, way) = (seal.kept, .asItIs)
        } else if let behind = try endWithCRs(seal, in: file, before: start) {
            (end, way) = (behind, .withCRs)
        } else {
            return .unfitting(seal)
        }
        let after = range.upperBound..<(try file.size())
        return .proved(seal, way, try Strays(in: file, between: end..<start, and: after, isCut: !seal.isWhole))
    }

    /// - Returns: where in the log the result ends; nil where it is not there.
    private static func endWithCRs(_ seal: Seal, in file: Descriptor, before end: Int) throws(SystemError) -> Int? {
        guard seal.kept > 0, seal.kept <= 2 * end else { return nil }
        var hash = SHA256()
        let (read, written) = try file.addingCRs(upTo: end, count: seal.kept) { hash.update($0) }
        return written == seal.kept && hash.digest() == seal.digest ? read : nil
    }
}

extension Descriptor {
    /// The hash of a part of the file, of what there is of it.
    func sha256(of range: Range<Int>) throws(SystemError) -> Digest {
        var hash = SHA256()
        try forEachPiece(in: range) { bytes in
            hash.update(bytes)
            return true
        }
        return hash.digest()
    }

    /// The hash of all that the file holds; nil where that is nothing.
    func hashOfAll() throws(SystemError) -> String? {
        let size = try size()
        return size > 0 ? try sha256(of: 0..<size).hex : nil
    }

    /// Passes what the file begins with, with a CR before each newline.
    ///
    /// A result that ends with a CR and no newline is told apart from none: the log's newline after it is the agent's,
    /// and the last byte that is passed then is the CR before it.
    ///
    /// - Parameters:
    ///   - end: what is behind it in the file is left alone.
    ///   - limit: how many bytes to pass at most.
    /// - Returns: how many bytes of the file were passed, and how many that is with the CRs.
    fileprivate func addingCRs(
        upTo end: Int, count limit: Int, _ take: (UnsafeRawBufferPointer) throws(SystemError) -> Void
    ) throws(SystemError) -> (read: Int, written: Int) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 << 16, alignment: 16)
        defer { buffer.deallocate() }
        var (read, written) = (0, 0)
        try forEachPiece(in: 0..<end) { bytes throws(SystemError) in
            let room = min(limit - written, buffer.count)
            var count = 0
            for byte in bytes where count < room {
                if byte == UInt8(ascii: "\n") {
                    buffer[count] = UInt8(ascii: "\r")
                    count += 1
                    if count == room { break }
                }
                buffer[count] = byte
                count += 1
                read += 1
            }
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            written += count
            return written < limit
        }
        return (read, written)
    }
}
