import FoundationEssentials
import Glibc
import Seal
import System
import Testing
@testable import Orchestrator

/// The seeds of a property's cases, in blocks that run side by side. `RUN_ONCE_CASES=2000` asks for more of them.
let seeds: [Range<Int>] = {
    let count = ProcessInfo.processInfo.environment["RUN_ONCE_CASES"].flatMap { Int($0) } ?? 100
    return stride(from: 0, to: count, by: 25).map { $0..<min($0 + 25, count) }
}()

/// Numbers that are the same in each run of the tests (xorshift64*).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: Int) {
        state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
        for _ in 0..<8 { _ = next() }
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<max(limit, 1), using: &self) }
    mutating func isLucky(_ percent: Int) -> Bool { below(100) < percent }

    /// Bytes such as tasks write: of any value, or lines that end in one way or another, or seals.
    mutating func result(_ most: Int) -> [UInt8] {
        let size = Int(exp(Double.random(in: 0...log(Double(most)), using: &self))) - 1
        let kind = below(6)
        var bytes: [UInt8] = []
        while bytes.count < size {
            switch kind {
            case 0: bytes.append(UInt8.random(in: 0...255, using: &self))
            case 1: bytes.append(isLucky(20) ? 10 : isLucky(20) ? 13 : 97)
            case 2: bytes += "line \(bytes.count)\n".utf8
            case 3: bytes += "HTTP line \(bytes.count)\r\n".utf8
            case 4: bytes += "\(line())\n".utf8
            default: bytes += isLucky(50) ? "one\r\n".utf8 : "two\n".utf8
            }
        }
        return isLucky(70) ? bytes : Array(bytes.prefix(size))
    }

    /// A line that looks like an agent's.
    private mutating func line() -> String {
        let other = seal(of: [UInt8](repeating: 97, count: below(20))).line(pod: otherPod)
        let notice = "# run-once: the rest is kept on the node"
        return ["# run-once \(pod): 12 bytes", notice, "run-once: x", other][below(4)]
    }

    mutating func seal(of result: [UInt8]) -> Seal {
        Seal(kept: result.count, written: result.count, digest: sha256(result), exitStatus: isLucky(80) ? 0 : 3)
    }
}

let pod = "2e7cd5d1-6d2d-4d5a-93a7-8a1cbbe56f3b"
let otherPod = "2e7cd5d1-6d2d-4d5a-93a7-8a1cbbe56f3c"

func sha256(_ bytes: [UInt8]) -> Digest {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.digest()
}

/// What a file holds.
func contents(_ path: String) throws -> [UInt8] { try Descriptor.open(path).rest() }

/// Bytes with the CR before each newline dropped, as containerd does.
func withoutCRs(_ bytes: [UInt8]) -> [UInt8] {
    bytes.indices.filter { bytes[$0] != 13 || $0 + 1 == bytes.count || bytes[$0 + 1] != 10 }.map { bytes[$0] }
}
