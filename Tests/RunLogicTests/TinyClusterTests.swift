import Foundation
@testable import RunLogic
import Testing

/// `RUN_ONCE_SEEDS` says how many clusters there are; they are a hundred.
@Suite("A cluster in small") struct TinyClusterTests {
    static let seeds = ProcessInfo.processInfo.environment["RUN_ONCE_SEEDS"].flatMap { Int($0) } ?? 100
    /// Tests of one size each, side by side.
    static let parts = 4

    @Test(
        """
        Success means that every node's true result is proved; never more are at work than may be; no node starts twice; \
        what ended stays so; and it ends
        """,
        arguments: [false, true], 0..<parts)
    func truth(isPaced: Bool, part: Int) {
        for seed in stride(from: part, to: TinyClusterTests.seeds / 2, by: TinyClusterTests.parts) {
            var cluster = TinyCluster(seed: seed, isPaced: isPaced)
            cluster.live(until: 6000)
            #expect(cluster.outcome != nil, "seed \(seed), paced: \(isPaced), does not end")
            for lie in cluster.lies.prefix(3) { Issue.record("seed \(seed), paced: \(isPaced): \(lie)") }
        }
    }

    /// A property that no run comes near protects nothing.
    @Test("These clusters lead to all ends, to full windows, jumps, lost answers and results from the nodes themselves")
    func allKinds() {
        var seen: [String: Int] = [:]
        for seed in 0..<50 {
            for isPaced in [false, true] {
                var cluster = TinyCluster(seed: seed, isPaced: isPaced)
                cluster.live(until: 6000)
                for kind in cluster.seen { seen[kind, default: 0] += 1 }
            }
        }
        for kind in [
            "done", "failed", "timed-out", "node done", "node failed", "node gone", "node unreachable", "node queued",
            "node waiting", "node unfetched", "full", "jump", "patch lost", "patch made, answer lost", "collected",
        ] { #expect(seen[kind, default: 0] >= 2, "\(kind): \(seen)") }
    }
}
