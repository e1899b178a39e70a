import FoundationEssentials
import System

/// What comes of an exec by websocket: the first byte of each message says which of the command's streams it is of.
/// (`v4.channel.k8s.io`, https://github.com/kubernetes/kubernetes: pkg `remotecommand`)
///
/// A value: who calls it does what is to be done with the bytes.
struct ExecStream: Sendable {
    /// How the command ended.
    enum Ending: Equatable, Sendable {
        /// With exit status 0, after all its output.
        case success
        /// With another one, or it could not be started.
        case failure(String)
        /// No exec: the API says no.
        case refused(code: Int, String)
        /// Nobody knows: the stream ended before the command, or something else answered.
        case broken(String)
    }

    private static let mostWords = 4096

    private var socket = WebSocket()
    private var channel: UInt8?
    /// What the command wrote to standard error, as far as it is to be told.
    private var errors: [UInt8] = []
    private var status: [UInt8] = []
    private var cut: String?

    /// Whether nothing more is to come.
    private(set) var isOver = false

    /// Takes the bytes that come next.
    ///
    /// - Parameter output: takes what the command wrote to standard output.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, output: (UnsafeRawBufferPointer) throws(SystemError) -> Void
    ) throws(SystemError) {
        var rest = bytes
        while let piece = socket.next(&rest) {
            switch piece {
            case .message(var bytes, let isStart):
                if isStart {
                    channel = bytes.first
                    bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
                }
                try take(message: bytes, output)
            case .closed: isOver = true
            case .broken(let why): (cut, isOver) = (why, true)
            }
        }
    }

    private mutating func take(
        message bytes: UnsafeRawBufferPointer, _ output: (UnsafeRawBufferPointer) throws(SystemError) -> Void
    ) throws(SystemError) {
        switch channel {
        case 1: if !bytes.isEmpty { try output(bytes) }
        case 2: errors += bytes.prefix(ExecStream.mostWords - errors.count)
        case 3:
            status += bytes.prefix(1 << 16 - status.count)
            // Sent in one message, and the last: nobody has to wait for the connection's end.
            if Verdict(status) != nil { isOver = true }
        default: break
        }
    }

    /// How it ended, when nothing more comes.
    ///
    /// - Parameter why: why nothing more comes, where somebody else knows.
    func ending(_ why: String? = nil) -> Ending {
        if let refusal = socket.refusal {
            return switch API.failure(refusal.body, refusal.code) {
            case .refused(let status): .refused(code: status.code ?? refusal.code, status.message ?? "no reason given")
            case .outage(let why): .broken(why)
            }
        }
        guard let verdict = Verdict(status) else {
            return .broken(cut ?? why ?? words ?? "the connection broke")
        }
        if verdict.status == "Success" { return .success }
        return .failure(words ?? verdict.message ?? "the command failed")
    }

    private var words: String? { API.firstLine(errors.drop { $0 == UInt8(ascii: "\n") }.map { $0 }) }

    /// The slice of a Status that the command ends with.
    private struct Verdict: Decodable {
        let status: String
        let message: String?

        init?(_ bytes: [UInt8]) {
            guard bytes.last == UInt8(ascii: "}") || bytes.last == UInt8(ascii: "\n"),
                let verdict = try? JSONDecoder().decode(Verdict.self, from: Data(bytes))
            else { return nil }
            self = verdict
        }
    }
}
