import FoundationEssentials
import RunLogic
import System

/// The run's pods that are still there after they were deleted.
struct PodsLeft: Sendable {
    /// Of many the first 500.
    let pods: [(name: String, node: String)]
    /// Of the list: what changes after it can be watched.
    let version: String?
}

extension Cluster {
    func podsLeft() async throws(API.Failure) -> PodsLeft {
        let (rows, metadata) = try await page(ownPods) { $0.values("Name", "Node") }
        return PodsLeft(pods: rows.map { (name: $0[0], node: $0[1]) }, version: metadata?.resourceVersion)
    }

    /// Returns when as many are gone, or so many seconds are over; after a second where the cluster tells nothing.
    func watch(_ left: PodsLeft, atMost seconds: Seconds) async {
        let query = "&watch=true&timeoutSeconds=\(Int(seconds) + 1)&resourceVersion=\(left.version ?? "")"
        let pause = ContinuousClock.now + .seconds(1)
        var count = left.pods.count
        let watched = try? await api.curl.lines(of: ownPods + query, limit: max(1, Int(seconds))) { line in
            if line.starts(with: Cluster.deletion) { count -= 1 }
            return count == 0 ? true : nil
        }
        if watched?.found == true { return }
        try? await Task.sleep(until: pause, clock: .continuous)
    }

    private static var deletion: Data { Data(#"{"type":"DELETED""#.utf8) }
}
