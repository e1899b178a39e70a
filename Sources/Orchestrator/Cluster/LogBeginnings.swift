import RunLogic
import Synchronization
import System

/// Where logs begin that have no seal: nothing else tells that kubelet rotated one, and what was before is gone.
///
/// Each log and its beginning come beside each other; it is told when both are here.
final class LogBeginnings: Sendable {
    /// Of a log the first line's time and no more, such as `2026-11-25T10:14:59.123456789Z `.
    static func transfer(beside log: (path: String, file: String)) -> (path: String, file: String) {
        (log.path + "&timestamps=true&limitBytes=40", log.file + ResultStore.beginning)
    }

    private enum Half {
        case log(Fetched.Outcome)
        case beginning(Seconds?)
    }

    private let requests: [LogRequest]
    private let halves = Mutex<[Int: Half]>([:])

    init(of requests: [LogRequest]) {
        self.requests = requests
    }

    /// - Parameter index: of the request whose log has ended.
    /// - Returns: what came of it, where its beginning has ended before.
    func log(_ index: Int, _ outcome: Fetched.Outcome) -> Fetched? {
        guard case .beginning(let delay)? = other(index, .log(outcome)) else { return nil }
        return Fetched(requests[index], outcome, delay: delay)
    }

    /// - Parameters:
    ///   - index: of the request whose log's beginning has ended.
    ///   - file: with what came.
    /// - Returns: what came of the log, where that has ended before.
    func beginning(_ index: Int, in file: String) -> Fetched? {
        let bytes = (try? Descriptor.open(file).read(64)) ?? []
        removeFile(file)
        // Where it is empty, or no log, it does not begin with a time.
        let first = Timestamp(String(decoding: bytes.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
        let began = requests[index].startedAt.flatMap { Timestamp($0) }
        let delay = began.flatMap { first?.since($0) }
        guard case .log(let outcome)? = other(index, .beginning(delay)) else { return nil }
        return Fetched(requests[index], outcome, delay: delay)
    }

    private func other(_ index: Int, _ half: Half) -> Half? {
        halves.withLock { halves in
            if let other = halves.removeValue(forKey: index) { return other }
            halves[index] = half
            return nil
        }
    }
}
