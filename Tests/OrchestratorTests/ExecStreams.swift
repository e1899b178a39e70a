import FoundationEssentials
import TestSupport
import Testing

@testable import Orchestrator

@Suite("Exec streams") struct ExecStreamTests {
    /// Takes bytes in pieces of a size.
    private func read(
        _ bytes: [UInt8], by size: Int = .max
    ) -> (output: String, ending: ExecStream.Ending, isOver: Bool) {
        var stream = ExecStream()
        var output: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            Array(rest.prefix(size)).withUnsafeBytes { bytes in
                try? stream.take(bytes) { output += $0 }
            }
            rest = rest.dropFirst(size)
        }
        return (String(decoding: output, as: UTF8.self), stream.ending(), stream.isOver)
    }

    @Test("What a real API server answered is read in whatever pieces it comes", arguments: [1, 2, 3, 5, 7, 100, .max])
    func recorded(size: Int) throws {
        func answer(_ name: String) throws -> [UInt8] {
            try contents(repositoryRoot + "/Tests/Recorded/1.36/exec-\(name).http")
        }
        #expect(try read(answer("ok"), by: size) == ("abc", .success, true))
        let failure =
            "command terminated with non-zero exit code: error executing command [sh -c printf abc; exit 3], "
            + "exit code 3"
        #expect(try read(answer("exit-3"), by: size) == ("abc", .failure(failure), true))
        #expect(
            try read(answer("no-pod"), by: size)
                == ("", .refused(code: 404, #"pods "nosuch" not found"#), false))
    }

    private let head = Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n".utf8)

    @Test("Frames of every length, messages in pieces, and frames between them", arguments: [1, 3, 64, 100_000])
    func frames(size: Int) {
        let long = String(repeating: "x", count: 70_000)
        let bytes =
            head + frame(2, "\u{1}") + frame(2, "\u{1}" + long) + frame(0x82, "")
            + frame(2, "\u{1}one ", isLast: false) + frame(9, "ping") + frame(0, "two ", isLast: false)
            + frame(10, "") + frame(0, "") + frame(2, "\u{2}words\n") + frame(2, "\u{1}" + long.prefix(200))
            + frame(2, "", isLast: false) + frame(0, "\u{1}three")
        #expect(
            read(bytes + frame(2, "\u{3}{\"status\":\"Success\"}"), by: size)
                == (long + "one two " + long.prefix(200) + "three", .success, true))
        #expect(
            read(bytes + frame(2, "\u{3}{\"status\":\"Failure\",\"message\":\"exit 1\"}"), by: size).ending
                == .failure("words"))
        #expect(read(bytes + frame(8, "\u{3}\u{8}"), by: size).ending == .broken("words"))
    }

    @Test("A stream that ends early, and what is none, is broken")
    func broken() {
        let whole = head + frame(2, "\u{1}abc") + frame(2, "\u{3}{\"status\":\"Success\"}")
        for count in 0..<whole.count {
            guard case .broken = read(Array(whole[..<count])).ending else {
                Issue.record("\(count) bytes: \(read(Array(whole[..<count])))")
                continue
            }
        }
        let nonsense: [[UInt8]] = [
            [0xc2, 1, 1], [0x82, 0x81, 0, 0, 0, 0, 1], [0x80, 1, 1], [0x83, 0], [8, 0], [0x88, 126],
        ]
        for strange in nonsense {
            guard case .broken = read(head + strange + frame(2, "\u{3}{\"status\":\"Success\"}")).ending else {
                Issue.record("\(strange)")
                continue
            }
        }
        let endless: [UInt8] = [0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255]
        #expect(read(head + endless) == ("", .broken("a frame without an end"), true))
        #expect(read(Array("gateway\r\n\r\n".utf8)).ending == .broken("an answer that is not HTTP"))
        #expect(read([UInt8](repeating: 97, count: 70_000)).ending == .broken("the answer has no end of its head"))
    }

    @Test("An answer that is no websocket: the API's refusal, or an outage in words")
    func refusals() {
        func answer(_ code: Int, _ body: String) -> ExecStream.Ending {
            read(Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 \(code) X\r\n\r\n\(body)".utf8), by: 10).ending
        }
        let forbidden = #"{"kind":"Status","status":"Failure","message":"no","reason":"Forbidden","code":403}"#
        #expect(answer(403, forbidden) == .refused(code: 403, "no"))
        #expect(answer(502, "bad gateway\n") == .broken("bad gateway"))
        #expect(answer(200, "") == .broken("HTTP 200"))
        #expect(answer(500, String(repeating: "x", count: 100_000)) == .broken(String(repeating: "x", count: 300)))
    }
}

/// A frame as a server sends it.
///
/// - Parameter code: 0x80, which ends a message, is added unless `isLast` says otherwise.
func frame(_ code: UInt8, _ payload: some Collection<UInt8>, isLast: Bool = true) -> [UInt8] {
    let head = [isLast ? code | 0x80 : code]
    let length =
        switch payload.count {
        case ..<126: [UInt8(payload.count)]
        case ..<65_536: [126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: [127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
    return head + length + payload
}

private func frame(_ code: UInt8, _ text: String, isLast: Bool = true) -> [UInt8] {
    frame(code, Array(text.utf8), isLast: isLast)
}
