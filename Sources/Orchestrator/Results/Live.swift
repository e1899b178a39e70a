import RunLogic
import Seal
import Synchronization
import System

/// What tasks write, as it comes with their logs, while they run. The lines of a node are shown in order, and it is
/// kept which: of the result the others are shown when it is proved. So nothing is lost with a stream that breaks, and
/// where in doubt a stream can be given up.
final class Live: Sendable {
    /// So many transfers one curl makes at once. (curl(1), --parallel-max)
    static let mostNodes = 300
    /// So much of a node is shown at a look. Of a line that is longer nothing is, before its result is here.
    fileprivate static let mostAtOnce = 1 << 18

    fileprivate struct Stream {
        let pod: PodID
        /// Its log as it comes: from the start once more where it broke.
        let log: Descriptor
        /// What is shown of it, and how many bytes these are; so many were there at the last look.
        let copy: Descriptor
        var shown = 0
        var seen = 0
        /// Nothing more is shown of it.
        var isOver = false
    }

    private struct State {
        var streams: [String: Stream] = [:]  // by node
        var new: [PodID] = []
        var transfers = 0
        var notShown: [String] = []
    }

    private let folder: String
    private let state = Mutex(State())

    init(in folder: String) {
        self.folder = folder
    }

    private func file(_ pod: PodID) -> String { "\(folder)/\(pod.uid).live" }

    /// The task of a pod has started.
    func add(_ pod: PodID) {
        state.withLock { state in
            guard state.transfers < Live.mostNodes, let log = try? Descriptor.open(file(pod), for: .replacing),
                let copy = try? Descriptor.open(file(pod) + ".shown", for: .replacing)
            else { return state.notShown.append(pod.node) }
            state.transfers += 1
            state.streams[pod.node] = Stream(pod: pod, log: log, copy: copy)
            state.new.append(pod)
        }
    }

    /// Nothing more is shown of a node as it comes.
    ///
    /// - Returns: the file that holds what is shown, from its start; nil where nothing is.
    func end(_ node: String) -> String? {
        let stream = state.withLock { $0.streams.removeValue(forKey: node) }
        return stream.flatMap { $0.shown > 0 ? file($0.pod) + ".shown" : nil }
    }

    /// Shows what comes until the task is cancelled.
    ///
    /// - Parameters:
    ///   - isReady: whether more can be shown; what can't be now is later.
    ///   - show: takes whole lines of a node.
    func follow(
        _ cluster: Cluster, container: String, say: (String) -> Void, isReady: () -> Bool,
        show: (String, [UInt8]) -> Void
    ) async {
        await withTaskGroup { group in
            for turn in 0... {
                // Those that start together are one curl's.
                if turn % 5 == 0 {
                    let (pods, others) = state.withLock { state in
                        defer { (state.new, state.notShown) = ([], []) }
                        return (state.new, state.notShown)
                    }
                    if !pods.isEmpty { group.addTask { await self.transfer(pods, cluster, container) } }
                    if !others.isEmpty {
                        let names = list(others)
                        say("-o live follows \(Live.mostNodes) nodes; these are shown when they have ended: \(names)")
                    }
                }
                for node in state.withLock({ Array($0.streams.keys) }) where isReady() { showNews(of: node, say, show) }
                try? await Task.sleep(for: .milliseconds(100))
                if Task.isCancelled { return }
            }
        }
    }

    /// Follows logs as long as any of them is shown.
    private func transfer(_ pods: [PodID], _ cluster: Cluster, _ container: String) async {
        let logs = pods.map { (path: cluster.log(of: $0.name, container) + "&follow=true", file: file($0)) }
        await withTaskGroup { race in
            race.addTask { try? await cluster.api.curl.follow(logs) }
            race.addTask {
                func isAnyShown() -> Bool {
                    self.state.withLock { state in
                        pods.contains { state.streams[$0.node]?.pod == $0 && state.streams[$0.node]?.isOver == false }
                    }
                }
                while !Task.isCancelled, isAnyShown() { try? await Task.sleep(for: .milliseconds(500)) }
            }
            await race.next()
            race.cancelAll()
        }
        state.withLock { $0.transfers -= pods.count }
    }

    /// Not all nodes at once: who waits for the lock handles what the cluster tells.
    private func showNews(of node: String, _ say: (String) -> Void, _ show: (String, [UInt8]) -> Void) {
        state.withLock { state in
            guard var stream = state.streams[node], !stream.isOver else { return }
            do throws(SystemError) {
                let lines = try stream.news { say("\(node): its log is full; the rest is shown at the end") }
                if !lines.isEmpty { show(node, lines) }
            } catch {
                // What can't be read now comes with the result.
                stream.isOver = true
                try? stream.copy.cut(to: stream.shown)
            }
            state.streams[node] = stream
        }
    }
}

extension Live.Stream {
    /// The lines that are to be shown now: neither the agent's own, nor what comes behind them.
    fileprivate mutating func news(isFull: () -> Void) throws(SystemError) -> [UInt8] {
        let size = try log.size()
        if size < seen { seen = 0 }
        guard size > seen, size > shown else { return [] }
        if seen == 0, try log.sha256(of: 0..<shown) != copy.sha256(of: 0..<shown) {
            isOver = true
            return []
        }
        let bytes = try log.bytes(min(size - shown, Live.mostAtOnce), at: shown)
        seen = shown + bytes.count
        var (start, end) = (0, 0)
        while !isOver, let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = bytes[start..<newline]
            if line.elementsEqual(Strays.notice) { isFull() }
            isOver =
                line.elementsEqual(Strays.notice) || Seal(line: line, pod: pod.uid) != nil || Cluster.isExcuse(line)
            start = newline + 1
            // What the agent says is the last before the seal: with more behind it, the task itself wrote it.
            if !isOver, !Strays.isOwn(line) { end = start }
        }
        if end == 0, bytes.count == Live.mostAtOnce { isOver = true }
        try copy.write(bytes[..<end])
        shown += end
        return Array(bytes[..<end])
    }
}

/// What is left of a result whose lines are shown, as far as they are.
///
/// - Parameter shown: whole lines of its log: without the CR before a newline, where that dropped it, and among others
///   that are none of the result.
func rest(of result: [UInt8], after shown: [UInt8]) -> ArraySlice<UInt8> {
    let (newline, cr) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    var rest = result[...]
    for line in shown.split(separator: newline, omittingEmptySubsequences: false).dropLast() {
        let next = rest.prefix { $0 != newline }
        guard next.elementsEqual(line) || next.last == cr && next.dropLast().elementsEqual(line) else { continue }
        rest = rest.dropFirst(next.count + 1)
    }
    return rest
}
