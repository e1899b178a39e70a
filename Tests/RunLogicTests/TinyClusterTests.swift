import Foundation
@testable import RunLogic
import Testing

/// `RUN_ONCE_SEEDS` says how many clusters there are; they are a hundred.
@Suite("A cluster in small") struct TinyClusterTests {
    @Test(
        """
        Success means that every node's true result is proved; never more are at work than may be; no node starts \
        twice; what ended stays so; and it ends
        """)
    func truth() async {
        let count = ProcessInfo.processInfo.environment["RUN_ONCE_SEEDS"].flatMap { Int($0) } ?? 100
        let seen =
            await withTaskGroup(of: Set<String>.self) { group in
                for number in 0..<count {
                    group.addTask {
                        var cluster = TinyCluster(seed: number / 2, isPaced: number % 2 == 1)
                        cluster.live(until: 6000)
                        #expect(cluster.outcome != nil, "cluster \(number) does not end")
                        for lie in cluster.lies.prefix(3) { Issue.record("cluster \(number): \(lie)") }
                        return cluster.seen
                    }
                }
                return await group.reduce(into: [:]) { seen, kinds in for kind in kinds { seen[kind, default: 0] += 1 }
                }
            } as [String: Int]
        // A property that no cluster comes near protects nothing.
        for kind in [
            "done", "failed", "timed-out", "node done", "node failed", "node gone", "node unreachable", "node queued",
            "node waiting", "node unfetched", "full", "jump", "patch lost", "patch made, answer lost", "collected",
        ] { #expect(seen[kind, default: 0] >= 2, "\(kind): \(seen)") }
    }
}
