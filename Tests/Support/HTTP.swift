import Foundation
import Glibc
import Testing

/// Sends a request to a server on this machine, which is to close the connection after its answer.
///
/// Thousands are sent while the tests run: a program for each, or a library, would take longer than the answers.
///
/// - Returns: the answer's status and its body.
func answer(
    fromPort port: UInt16, to method: String, _ path: String, _ body: Data, type: String
) async throws -> (status: Int, body: Data) {
    let connection = try Connection(toPort: port)
    let head =
        "\(method) /\(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: \(type)\r\n"
        + "Content-Length: \(body.count)\r\n\r\n"
    try connection.send(Data(head.utf8) + body)
    var answer = Data()
    try await eventually("an answer to \(method) /\(path)") { try !connection.receive(into: &answer) }
    guard let end = answer.range(of: Data("\r\n\r\n".utf8)),
        let status = Int(String(decoding: answer.prefix(12).suffix(3), as: UTF8.self))
    else { throw SystemError("\(method) /\(path): no answer in HTTP", 0) }
    return (status, answer[end.upperBound...])
}

/// A connection to a server on this machine, closed when nobody holds it any more.
final class Connection: Sendable {
    private let descriptor: Int32

    init(toPort port: UInt16) throws {
        descriptor = try checked("socket", socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let connected = withUnsafeBytes(of: &address) {
            connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
        }
        _ = try checked("connect", connected)
    }

    deinit {
        close(descriptor)
    }

    func send(_ data: Data) throws {
        try data.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                sent += Int(try checked("send", Int32(count)))
            }
        }
    }

    /// Takes what is there now.
    ///
    /// - Returns: whether more may come.
    func receive(into data: inout Data) throws -> Bool {
        try withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { piece in
            while true {
                let count = recv(descriptor, piece.baseAddress, piece.count, Int32(MSG_DONTWAIT))
                if count == -1, errno == EAGAIN { return true }
                if try checked("recv", Int32(count)) == 0 { return false }
                data.append(contentsOf: piece[..<count])
            }
        }
    }
}
