import Foundation
import RunOnce
import Synchronization
import TestSupport
import Testing

@Suite("copy") struct CopyingTests {
    @Test(
        "A file is copied byte for byte, whatever its size is to the buffer",
        arguments: [0, 1, 256, 65_535, 65_536, 65_537, 131_072, 300_000])
    func sizes(size: Int) async throws {
        try await withTemporaryDirectory { path in
            let content = pattern.prefix(size)
            let (from, to) = (path + "/from", path + "/to")
            try content.write(to: URL(filePath: from))
            let source = try Descriptor.open(CString(from), O_RDONLY)
            let destination = try Descriptor.open(CString(to), O_WRONLY | O_CREAT)
            try copy(from: source, to: destination)
            try source.close()
            try destination.close()
            #expect(try Data(contentsOf: URL(filePath: to)).isSame(as: content))
        }
    }

    @Test("Signals that interrupt reads and writes change nothing, nor do short reads and a slow reader")
    func signals() async throws {
        var action = sigaction()
        // Without SA_RESTART: a call that waits ends with EINTR, or with what it has done so far.
        action.__sigaction_handler.sa_handler = { _ in interruptions.add(1, ordering: .relaxed) }
        sigaction(SIGUSR1, &action, nil)
        try await withTemporaryDirectory { path in
            let (input, output) = (try FIFO(path + "/input"), path + "/output")
            guard mkfifo(output, 0o600) == 0 else { throw SystemError("mkfifo") }
            let taking = open(output, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            defer { close(taking) }

            let copier = Copier(from: input.path, to: output)
            defer { copier.release() }
            try await eventually("both pipes are open") { copier.thread != nil }

            var rest = pattern
            var taken = Data()
            try await eventually("the end of the copy", pausing: .milliseconds(2)) {
                pthread_kill(copier.thread!, SIGUSR1)
                // Half of it comes slowly, so that the copier waits to read; then nobody is as fast to take it.
                let isSlow = rest.count > pattern.count / 2
                if !rest.isEmpty {
                    rest = rest.dropFirst(try input.write(rest.prefix(isSlow ? 1_000 : 4_000)))
                    if rest.isEmpty { input.close() }
                }
                pthread_kill(copier.thread!, SIGUSR1)
                var piece = Data(count: isSlow ? 65_536 : 1_500)
                let count = piece.withUnsafeMutableBytes { read(taking, $0.baseAddress, $0.count) }
                taken += piece.prefix(max(count, 0))
                try #require(copier.failure == nil)
                return count == 0
            }
            #expect(taken.isSame(as: pattern))
            #expect(interruptions.load(ordering: .relaxed) > 100)
        }
    }
}

/// Bytes of all values, in an order that does not repeat with the buffer.
private let pattern = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 251) })

/// How many signals were handled.
private let interruptions = Atomic(0)

/// A thread that copies a file.
private final class Copier: Sendable {
    private let state = Mutex<(thread: pthread_t?, failure: Reason?)>((nil, nil))
    private let isReleased = DispatchSemaphore(value: 0)

    init(from input: String, to output: String) {
        Thread.detachNewThread { [self] in
            // The threads that tests run in block signals, and pass that on.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            let failure = Reason { () throws(Failure) in
                let source = try Descriptor.open(CString(input), O_RDONLY)
                let destination = try Descriptor.open(CString(output), O_WRONLY)
                state.withLock { $0.thread = pthread_self() }
                try copy(from: source, to: destination)
                try source.close()
                try destination.close()
            }
            state.withLock { $0.failure = failure }
            // A thread that has ended must get no signal.
            isReleased.wait()
        }
    }

    /// The thread, once it has opened both files.
    var thread: pthread_t? { state.withLock { $0.thread } }

    /// Why it failed, nil while it has not.
    var failure: Reason? { state.withLock { $0.failure } }

    /// Lets the thread end: nobody uses it any more.
    func release() {
        isReleased.signal()
    }
}
