import Dispatch
import Glibc
import Synchronization

/// Writes lines to a stream in a thread of its own: who reads them slowly, or not at all, holds nobody up.
public final class Writer: Sendable {
    /// What happens to a text where others wait to be read.
    public enum Weight: Sendable {
        /// It is only worth saying now.
        case passing
        /// It is kept as long as it does not take too much memory.
        case ordinary
        /// It is never dropped.
        case kept
    }

    private struct State {
        var waiting: [[UInt8]] = []
        var size = 0
        var isWriting = false
        /// How many ordinary texts were dropped since the last one was written.
        var dropped = 0
        /// When the reader took something last, or was given the first.
        var moved = ContinuousClock.now

        /// The reader does not read.
        var isStuck: Bool { isWriting && moved.duration(to: .now) > .seconds(1) }
    }

    /// The bytes that may wait before ordinary texts are dropped.
    private static let limit = 1 << 16
    /// What is written without anybody seeing that the reader goes on.
    private static let piece = 4096

    private let descriptor: Descriptor
    private let queue = DispatchQueue(label: "writer")
    private let state = Mutex(State())

    /// - Parameter descriptor: the stream.
    public init(_ descriptor: Descriptor) {
        self.descriptor = descriptor
    }

    /// - Returns: whether the text will be written.
    @discardableResult public func write(_ text: String, _ weight: Weight) -> Bool {
        state.withLock { state in
            switch weight {
            case .passing where state.size > Writer.piece || state.isStuck: return false
            case .ordinary where state.size > Writer.limit:
                state.dropped += 1
                return false
            default: break
            }
            state.waiting.append(Array(text.utf8))
            state.size += text.utf8.count
            if !state.isWriting {
                state.isWriting = true
                state.moved = .now
                queue.async { self.drain() }
            }
            return true
        }
    }

    private func drain() {
        while let bytes = next() {
            var rest = bytes[...]
            while !rest.isEmpty {
                // Nobody may be reading any more; that keeps nothing from being cleaned up.
                try? descriptor.write(rest.prefix(Writer.piece))
                rest = rest.dropFirst(Writer.piece)
                state.withLock { $0.moved = .now }
            }
        }
    }

    /// All that waits; nil where nothing does.
    private func next() -> [UInt8]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            var bytes = Array(state.waiting.joined())
            if state.dropped > 0 {
                bytes += "run-once: \(state.dropped) messages were left out here, which nobody read in time\n".utf8
            }
            (state.waiting, state.size, state.dropped) = ([], 0, 0)
            return bytes
        }
    }

    /// Waits until all is written, or the reader has taken nothing for a while.
    public func flush(patience: Duration) {
        while state.withLock({ $0.isWriting && $0.moved.duration(to: .now) < patience }) { usleep(1000) }
    }
}
