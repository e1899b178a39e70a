import Testing

@testable import Orchestrator

@Suite("What a terminal may show") struct HarmlessTests {
    private func shown(_ bytes: [UInt8], inPiecesOf size: Int, marksHeaders: Bool = true) -> String {
        var harmless = Harmless(marksHeaders: marksHeaders)
        var shown: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            shown += harmless.take(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        return String(decoding: shown + harmless.end(), as: UTF8.self)
    }

    @Test("The same is shown in whatever pieces it comes", arguments: 1...7)
    func pieces(size: Int) {
        let text = "é 😀\tok\n==> a <==\n==\n=\u{1b}[2J\r\u{9b}K\u{7f}\0\u{202e}\n==>"
        #expect(
            shown(Array(text.utf8), inPiecesOf: size)
                == "é 😀\tok\n\\==> a <==\n==\n=^[[2J^MM-^[K^?^@<U+202E>\n\\==>")
    }

    @Test("Bytes that are no characters stay, but for those that an old terminal obeys")
    func invalid() {
        #expect(Harmless.text("plain\ntext") == "plain\ntext")
        var harmless = Harmless()
        #expect(
            harmless.take([0xe9, 0x0a, 0x9b, 0x41, 0xff]) + harmless.end()
                == [0xe9, 0x0a] + Array("M-^[A".utf8) + [0xff])
    }

    @Test("A header within a line, or where there are none, is left alone")
    func headers() {
        let text = "a ==> b <==\n==> c <==\n"
        #expect(shown(Array(text.utf8), inPiecesOf: 100) == "a ==> b <==\n\\==> c <==\n")
        #expect(shown(Array(text.utf8), inPiecesOf: 100, marksHeaders: false) == text)
    }
}
