import Glibc
import RunLogic
import Seal
import Synchronization

/// What tasks write, as it comes with their logs, while they run. The lines of a node are shown in order, and it is kept
/// which: of the result the others are shown when it is proved. So nothing is lost with a stream that breaks, and where
/// in doubt a stream can be given up.
final class Live: Sendable {
    /// So many transfers one curl makes at once. (curl(1), --parallel-max)
    static let mostNodes = 300
    /// More than a log holds of a result with a seal.
    private static let mostAtOnce = 16 << 20

    private struct Stream {
        let pod: PodID
        /// The log as it comes; where that is a second time, the log of before.
        var log: Descriptor
        var before: Descriptor?
        /// So many bytes of it are shown; so many were there at the last look.
        var shown = 0
        var seen = 0
        /// Nothing more is shown of it.
        var isOver = false
        /// How often it broke, and when it is to be opened again; nil while it is open.
        var breaks = 0
        var opens: ContinuousClock.Instant? = .now
    }

    private struct State {
        var streams: [String: Stream] = [:]  // by node
        /// How many transfers are underway.
        var transfers = 0
        var notShown: [String] = []
        var full: [String] = []
    }

    private let folder: String
    private let state = Mutex(State())

    /// - Parameter folder: takes the logs.
    init(in folder: String) {
        self.folder = folder
    }

    /// The task of a pod has started.
    func add(_ pod: PodID) {
        state.withLock { state in
            let count = state.transfers + state.streams.values.count { $0.opens != nil && !$0.isOver }
            guard count < Live.mostNodes, let log = try? open(pod) else {
                return state.notShown.append(pod.node)
            }
            state.streams[pod.node] = Stream(pod: pod, log: log)
        }
    }

    /// Nothing more is shown of a node as it comes.
    ///
    /// - Returns: its log, and how many bytes of it are shown; nil where none are.
    func end(_ node: String) -> (log: Descriptor, shown: Int)? {
        let stream = state.withLock { $0.streams.removeValue(forKey: node) }
        return stream.flatMap { $0.shown > 0 ? ($0.before ?? $0.log, $0.shown) : nil }
    }

    /// Shows what comes until the task is cancelled.
    ///
    /// - Parameters:
    ///   - isReady: whether more can be shown; what can't be now is later.
    ///   - show: takes whole lines of a node.
    func follow(
        _ cluster: Cluster, container: String, say: @Sendable (String) -> Void, isReady: () -> Bool,
        show: (String, [UInt8]) -> Void
    ) async {
        await withTaskGroup { group in
            for turn in 0... {
                guard !Task.isCancelled else { return }
                // Those that start together are one curl's.
                let pods = turn % 5 == 0 ? next() : []
                if !pods.isEmpty { group.addTask { await self.transfer(pods, cluster, container) } }
                if isReady() { showNews(show) }
                tell(say)
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func file(_ pod: PodID) -> String { "\(folder)/\(pod.node).live" }

    private func open(_ pod: PodID) throws(SystemError) -> Descriptor {
        try Descriptor.open(file(pod), O_RDWR | O_CREAT | O_TRUNC)
    }

    /// The logs that are to be followed now.
    private func next() -> [PodID] {
        state.withLock { state in
            var pods: [PodID] = []
            for (node, var stream) in state.streams where !stream.isOver && stream.opens.map({ $0 <= .now }) == true {
                if stream.breaks > 0 {
                    // What it held stays as it is for who has it open.
                    unlink(file(stream.pod))
                    guard let again = try? open(stream.pod) else { continue }
                    (stream.before, stream.log) = (stream.before ?? stream.log, again)
                }
                (stream.seen, stream.opens) = (0, nil)
                state.streams[node] = stream
                pods.append(stream.pod)
            }
            state.transfers += pods.count
            return pods
        }
    }

    /// Follows logs until none of them is of use.
    private func transfer(_ pods: [PodID], _ cluster: Cluster, _ container: String) async {
        defer { state.withLock { $0.transfers -= pods.count } }
        await withTaskGroup { race in
            race.addTask {
                let logs = pods.map {
                    (path: cluster.log(of: $0.name, container) + "&follow=true", file: self.file($0))
                }
                try? await cluster.api.curl.follow(logs) { ended in ended.forEach { self.lose(pods[$0]) } }
                pods.forEach(self.lose)
            }
            race.addTask {
                while !Task.isCancelled, self.isOfUse(pods) { try? await Task.sleep(for: .milliseconds(500)) }
            }
            await race.next()
            race.cancelAll()
        }
    }

    private func isOfUse(_ pods: [PodID]) -> Bool {
        state.withLock { state in
            pods.contains { pod in
                state.streams[pod.node].map { $0.pod == pod && !$0.isOver && $0.opens == nil } ?? false
            }
        }
    }

    /// Its stream has ended: it is opened again after a while, which grows.
    private func lose(_ pod: PodID) {
        state.withLock { state in
            guard let stream = state.streams[pod.node], stream.pod == pod, stream.opens == nil else { return }
            state.streams[pod.node]?.opens = .now + .seconds(min(1 << stream.breaks, 16))
            state.streams[pod.node]?.breaks += 1
        }
    }

    private func showNews(_ show: (String, [UInt8]) -> Void) {
        state.withLock { state in
            for (node, stream) in state.streams where !stream.isOver {
                var stream = stream
                do throws(SystemError) {
                    let (lines, isFull) = try Live.news(of: &stream)
                    if isFull { state.full.append(node) }
                    if !lines.isEmpty { show(node, lines) }
                } catch {
                    stream.isOver = true
                }
                state.streams[node] = stream
            }
        }
    }

    /// The lines of a log that are to be shown now: neither the agent's own, nor what comes behind them.
    private static func news(of stream: inout Stream) throws(SystemError) -> (lines: [UInt8], isFull: Bool) {
        let size = try stream.log.size()
        guard size > stream.seen, size >= stream.shown else { return ([], false) }
        if let before = stream.before {
            guard try before.sha256(of: 0..<stream.shown) == stream.log.sha256(of: 0..<stream.shown) else {
                stream.isOver = true
                return ([], false)
            }
            (stream.before, stream.breaks) = (nil, 0)
        }
        stream.seen = size
        let bytes = try stream.log.bytes(min(size - stream.shown, Live.mostAtOnce), at: stream.shown)
        var (start, end, isFull) = (0, 0, false)
        while !stream.isOver, let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = bytes[start..<newline]
            isFull = line.elementsEqual(Strays.notice)
            stream.isOver = isFull || Seal(line: line, pod: stream.pod.uid) != nil || Cluster.isExcuse(line)
            start = newline + 1
            // What the agent says is the last before the seal: with more behind it, the task itself wrote it.
            if !stream.isOver, !line.starts(with: "run-once: ".utf8) { end = start }
        }
        stream.isOver = stream.isOver || end == 0 && bytes.count == Live.mostAtOnce
        stream.shown += end
        return (Array(bytes[..<end]), isFull)
    }

    private func tell(_ say: (String) -> Void) {
        let (notShown, full) = state.withLock { state in
            defer { (state.notShown, state.full) = ([], []) }
            return (state.notShown, state.full)
        }
        if !notShown.isEmpty {
            say(
                "-o live follows \(Live.mostNodes) nodes at once; these are shown when they have ended: \(list(notShown))"
            )
        }
        if !full.isEmpty { say("a log is full with 8 MiB; the rest is shown at the end: \(list(full))") }
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
