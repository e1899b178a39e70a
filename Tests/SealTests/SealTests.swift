import Seal
import Testing

private let pod = "2e7cd5d1-6d2d-4d5a-93a7-8a1cbbe56f3b"
private let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/// One side writes the line and the other one reads it, perhaps in another version.
@Suite struct SealTests {
    @Test("A seal says how long the result is, its hash and the exit status")
    func whole() {
        let seal = Seal(kept: 3, written: 3, digest: digest(Array("abc".utf8)), exitStatus: 0)
        #expect(seal.line(pod: pod) == "# run-once \(pod): 3 bytes, sha256 \(hash), exit status 0")
        #expect(seal.isWhole)
    }

    @Test("Where more was written than is kept, it says both numbers")
    func cut() {
        let seal = Seal(kept: 3, written: 99_999, digest: digest(Array("abc".utf8)), exitStatus: 137)
        #expect(seal.line(pod: pod) == "# run-once \(pod): 3 of 99999 bytes, sha256 \(hash), exit status 137")
        #expect(!seal.isWhole)
    }

    @Test("What was written is what is read", arguments: [0, 1, 9, 10, 67_108_864, Int.max - 1], [0, 1, 128, 255])
    func roundTrip(kept: Int, exitStatus: Int) throws {
        // With the longest UID the line is the longest, too.
        let pod = String(repeating: "f", count: Seal.longestUID)
        for written in [kept, kept + 1, Int.max] {
            let seal = Seal(
                kept: kept, written: written, digest: digest([UInt8(exitStatus)]), exitStatus: UInt8(exitStatus))
            let line = seal.line(pod: pod)
            #expect(Seal(line: line.utf8, pod: pod) == seal)
            #expect(line.utf8.count <= Seal.longestLine)
        }
    }

    @Test(
        "What is only like a seal is none",
        arguments: [
            "",
            "# run-once",
            " # run-once POD: 3 bytes, sha256 HASH, exit status 0",
            "# run-once POD: 3 bytes, sha256 HASH, exit status 0 ",
            "# run-once POD: 3 bytes, sha256 HASH, exit status 0\n",
            "# run-once POD: 3 bytes, sha256 HASH, exit status 0\r",
            "# run-once POD: 3 bytes, sha256 HASH, exit status",
            "# run-once POD: 3 bytes, sha256 HASH, exit status ",
            "# run-once POD: 3 bytes, sha256 HASH, exit status 256",
            "# run-once POD: 3 bytes, sha256 HASH, exit status -1",
            "# run-once POD: 3 bytes, sha256 HASH, exit status 00",
            "# run-once POD: 03 bytes, sha256 HASH, exit status 0",
            "# run-once POD: +3 bytes, sha256 HASH, exit status 0",
            "# run-once POD: -3 bytes, sha256 HASH, exit status 0",
            "# run-once POD:  bytes, sha256 HASH, exit status 0",
            "# run-once POD: 9223372036854775808 bytes, sha256 HASH, exit status 0",
            "# run-once POD: 99999999999999999999 bytes, sha256 HASH, exit status 0",
            "# run-once POD: 3 of 3 bytes, sha256 HASH, exit status 0",
            "# run-once POD: 3 of 2 bytes, sha256 HASH, exit status 0",
            "# run-once POD: 3 of bytes, sha256 HASH, exit status 0",
            "# run-once POD: 3 bytes, sha256 HAS, exit status 0",
            "# run-once POD: 3 bytes, sha256 HASH0, exit status 0",
            "# run-once POD: 3 bytes, sha256 BIG, exit status 0",
            "# run-once 3e7cd5d1-6d2d-4d5a-93a7-8a1cbbe56f3b: 3 bytes, sha256 HASH, exit status 0",
            "# run-once POD0: 3 bytes, sha256 HASH, exit status 0",
            "# run-once : 3 bytes, sha256 HASH, exit status 0",
            "# Run-once POD: 3 bytes, sha256 HASH, exit status 0",
        ])
    func nearMisses(_ line: String) {
        let text = line.replacing("POD", with: pod).replacing("HASH", with: hash)
            .replacing("HAS", with: String(hash.dropLast())).replacing("BIG", with: hash.uppercased())
        #expect(Seal(line: text.utf8, pod: pod) == nil)
    }

    @Test("Every byte of a seal but those of its numbers and its hash matters, and so does each that is missing")
    func everyByte() {
        let seal = Seal(kept: 3, written: 4, digest: digest([]), exitStatus: 0)
        let line = Array(seal.line(pod: pod).utf8)
        for index in line.indices {
            var changed = line
            changed[index] ^= 1
            #expect(Seal(line: changed, pod: pod) != seal, "changed at \(index)")
            #expect(Seal(line: line[..<index], pod: pod) == nil, "cut at \(index)")
        }
    }

    @Test(
        "A UID is letters, digits and dashes, so that a line stays a line",
        arguments: [
            (pod, true), ("a", true), ("A-0", true), (String(repeating: "f", count: 64), true),
            ("", false), ("a b", false), ("a\n", false), ("a:", false), ("é", false), ("$(POD_UID)", false),
            (String(repeating: "f", count: 65), false),
        ])
    func uids(_ text: String, _ isUID: Bool) {
        #expect(Array(text.utf8).withUnsafeBytes { Seal.isUID($0) } == isUID)
    }
}
