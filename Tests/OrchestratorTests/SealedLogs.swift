import FoundationEssentials
import Glibc
import Seal
import TestSupport
import Testing

@testable import Orchestrator

@Suite("Sealed logs") struct SealedLogTests {
    private func reduce(_ log: [UInt8], in directory: String) throws -> (SealedLog.Finding, left: [UInt8]) {
        let path = directory + "/node.log"
        try Data(log).write(to: URL(filePath: path))
        let finding = try SealedLog.reduce(path, pod: pod)
        return (finding, try contents(path))
    }

    private func reduce(_ log: String) async throws -> (SealedLog.Finding, left: String) {
        try await withTemporaryDirectory { directory in
            let (finding, left) = try reduce(Array(log.utf8), in: directory)
            return (finding, String(decoding: left, as: UTF8.self))
        }
    }

    /// The line that seals a text.
    private func sealed(_ text: String, of written: Int? = nil, status: UInt8 = 0, by uid: String = pod) -> String {
        let bytes = Array(text.utf8)
        let seal = Seal(
            kept: bytes.count, written: written ?? bytes.count, digest: sha256(bytes), exitStatus: status)
        return seal.line(pod: uid) + "\n"
    }

    @Test(
        "The result is what the seal is about, with or without a last newline, and the agent's words are none of it",
        arguments: ["", "a\n", "a", "a\nb", "\n", "a\n\n", "caf\u{e9}\u{0}\n", "run-once: x\n"])
    func asItIs(text: String) async throws {
        let newline = text.isEmpty || text.hasSuffix("\n") ? "" : "\n"
        let log = "\(text)\(newline)run-once: sh: exit status 3\n\(sealed(text, status: 3))"
        let (finding, left) = try await reduce(log)
        guard case .proved(let seal, .asItIs, let strays) = finding else { Issue.record("\(finding)"); return }
        #expect(left == text)
        #expect((Int(seal.exitStatus), seal.kept, strays.count) == (3, text.utf8.count, 0))
    }

    @Test(
        "Where containerd dropped each CR before a newline, they are put back",
        arguments: ["a\r\nb\r\n", "a\r\nb", "a\r\nb\r", "\r\n", "a\r\r\n"])
    func carriageReturns(text: String) async throws {
        let newline = text.utf8.last == 10 ? "" : "\n"
        let log = String(decoding: withoutCRs(Array((text + newline + sealed(text)).utf8)), as: UTF8.self)
        let (finding, left) = try await reduce(log)
        guard case .proved(_, .withCRs, let strays) = finding else { Issue.record("\(finding)"); return }
        #expect(left.utf8.elementsEqual(text.utf8))
        #expect(strays.count == 0)
    }

    @Test("The last seal of this pod counts; other pods', and lines that look like one, are what a task may print")
    func whichSeal() async throws {
        let text = sealed("x", by: otherPod) + "# run-once \(pod): 1 bytes\n" + sealed("old")
        let (finding, left) = try await reduce(text + sealed(text) + sealed("y", by: otherPod))
        guard case .proved(_, .asItIs, let strays) = finding else { Issue.record("\(finding)"); return }
        #expect(left == text)
        #expect(String(decoding: strays.beginning, as: UTF8.self) == sealed("y", by: otherPod))
        #expect(try await reduce("a\n" + sealed("a\n", by: otherPod)).0 == .unsealed)
        #expect(try await reduce("a\n > " + sealed("a\n")).0 == .unsealed)
    }

    @Test("What is beside the result and not the agent's is told: its length, and how it begins")
    func strays() async throws {
        let long = String(repeating: "0123456789", count: 30_000)
        let log = "a\nfrom elsewhere\nrun-once: \(long)\n\(sealed("a\n"))\n\(long)\nlast"
        let (finding, left) = try await reduce(log)
        guard case .proved(_, .asItIs, let strays) = finding else { Issue.record("\(finding)"); return }
        #expect(left == "a\n")
        #expect(strays.count == "from elsewhere\n\(long)\nlast".utf8.count)
        #expect(String(decoding: strays.beginning, as: UTF8.self) == "from elsewhere\n\(long)".prefix(256))
    }

    @Test("A log that is cut proves nothing, and is left as it is; all of what was kept of too much is a result")
    func cut() async throws {
        let kept = String(repeating: "line\n", count: 1000)
        let notice = "# run-once: the rest is kept on the node\n"
        let log = "\(kept.prefix(2000))\(notice)\(kept.suffix(2048))\(sealed(kept))"
        let (finding, left) = try await reduce(log)
        guard case .unfitting(let seal) = finding else { Issue.record("\(finding)"); return }
        #expect(seal.kept == 5000)
        #expect(left == log)

        let written = kept + String(repeating: "more\n", count: 1000)
        let full = "\(kept)\(written.suffix(2048))\(sealed(kept, of: 10_000))"
        guard case .proved(let seal, .asItIs, let strays) = try await reduce(full).0 else {
            Issue.record("not proved")
            return
        }
        #expect((seal.kept, seal.written, strays.count) == (5000, 10_000, 0))
    }

    @Test("A seal is found wherever it is, also across the pieces in which a file is read")
    func far() async throws {
        try await withTemporaryDirectory { directory in
            for after in [0, 1, 65_530, 65_536, 65_600, 131_072, 200_000] {
                for before in [0, 1, 65_400, 65_536] {
                    let result = [UInt8](repeating: 97, count: before)
                    let log = result + Array(("\n" + sealed(String(repeating: "a", count: before))).utf8)
                    let (finding, left) = try reduce(log + [UInt8](repeating: 35, count: after), in: directory)
                    guard case .proved(_, .asItIs, let strays) = finding else {
                        Issue.record("\(before) bytes, \(after) after it: \(finding)")
                        continue
                    }
                    #expect(left == result && strays.count == after, "\(before) bytes, \(after) after it")
                }
            }
        }
    }

    @Test("Whatever becomes of a log: what is called whole is what was written; an unharmed one is", arguments: seeds)
    func anything(block: Range<Int>) async throws {
        try await withTemporaryDirectory { directory in
            for seed in block {
                var dice = Dice(seed)
                let result = dice.result(seed % 20 == 0 ? 300_000 : 3000)
                let seal = dice.seal(of: result)
                let newline: [UInt8] = result.isEmpty || result.last == 10 ? [] : [10]
                let whole = result + newline + Array("run-once: words\n\(seal.line(pod: pod))\n".utf8)
                let harm = Harm.allCases[dice.below(Harm.allCases.count)]
                let (finding, left) = try reduce(harm.harmed(whole, &dice), in: directory)
                switch finding {
                case .proved(let found, let way, let strays):
                    // Not the bytes themselves, which would all be shown.
                    let isSame = left == result
                    #expect(isSame && found == seal, "seed \(seed): \(harm)")
                    #expect(harm != .none || (way == .asItIs && strays.count == 0), "seed \(seed)")
                case .unfitting(let found): #expect(harm != .none && found == seal, "seed \(seed): \(harm)")
                case .unsealed: #expect(harm != .none && harm != .dropsCR, "seed \(seed): \(harm)")
                }
            }
        }
    }

    /// What may become of a log on its way.
    private enum Harm: CaseIterable {
        case none, dropsCR, losesBeginning, losesTail, losesMiddle, comesTwice, strangersAfter, strangersBefore, cut
        case someByte, others

        func harmed(_ log: [UInt8], _ dice: inout Dice) -> [UInt8] {
            let (one, two) = (dice.below(log.count + 1), dice.below(log.count + 1))
            let stranger = Array("# run-once \(otherPod): 1 bytes\nfrom elsewhere \(one)".utf8)
            return switch self {
            case .none: log
            case .dropsCR: withoutCRs(log)
            case .losesBeginning: Array(log.dropFirst(one))
            case .losesTail: Array(log.dropLast(dice.isLucky(50) ? one : one % 100))
            case .losesMiddle: Array(log[..<min(one, two)] + log[max(one, two)...])
            case .comesTwice: log + log
            case .strangersAfter: log + stranger
            case .strangersBefore: Array(log[..<one] + stranger + log[one...])
            case .cut: Array(log[..<one] + "\n# run-once: the rest is kept on the node\n".utf8 + log.suffix(2300))
            case .someByte: log.enumerated().map { $0.offset == one - 300 ? $0.element ^ 1 : $0.element }
            case .others: log + Array((dice.seal(of: [1]).line(pod: otherPod) + "\n").utf8)
            }
        }
    }
}
