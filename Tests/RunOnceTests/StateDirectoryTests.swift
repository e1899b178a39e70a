import Foundation
import RunOnce
import Synchronization
import TestSupport
import Testing

@Suite("StateDirectory") struct StateDirectoryTests {
    @Test("A task is started once, is interrupted until its success is recorded, and is done from then on")
    func progress() async throws {
        // With descriptors of its own: else a program that another test starts meanwhile keeps the lock for a moment.
        try await withTemporaryDirectory { path in
            let seen = try await withOwnDescriptors {
                var seen: [StateDirectory.Progress] = [], ready: [Bool] = []
                do {
                    var first = try StateDirectory(CString(path))
                    ready.append(first.isReady)
                    seen.append(try first.begin())
                    ready.append(first.isReady)
                    seen.append(try first.begin())
                }
                do {
                    // As after a restart of the container, as each time from here on.
                    var second = try StateDirectory(CString(path))
                    seen.append(try second.begin())
                    try second.recordSuccess()
                    seen.append(try second.begin())
                    ready.append(second.isReady)
                }
                do {
                    // The second one ended before it could mark the task ready.
                    var third = try StateDirectory(CString(path))
                    seen.append(try third.begin())
                    try third.markReady()
                    ready.append(third.isReady)
                }
                var fourth = try StateDirectory(CString(path))
                ready.append(fourth.isReady)
                seen.append(try fourth.begin())
                try fourth.markReady()
                ready.append(fourth.isReady)
                return (progress: seen, ready: ready)
            }
            #expect(seen.progress == [.notStarted, .interrupted, .interrupted, .done, .done, .done])
            #expect(seen.ready == [false, false, false, true, true, true])
        }
    }

    @Test("Of many threads that begin at once, one is told to run the task, the others that it is in use")
    func atOnce() async throws {
        for _ in 1...200 {
            try await withTemporaryDirectory { path in
                let race = Race()
                for _ in 1...Race.size {
                    Thread.detachNewThread { race.run(in: CString(path)) }
                }
                try await eventually("all threads have begun") { race.results.count == Race.size }
                #expect(race.results.count { $0 == .notStarted } == 1)
                #expect(race.results.count { $0 == .inUse } == Race.size - 1)
            }
        }
    }

    /// Threads that begin at the same moment, as far as there are processors for them.
    private final class Race: Sendable {
        static let size = 3

        private let arrivals = Atomic(0)
        private let begun = Mutex([StateDirectory.Progress?]())

        /// What each thread was told, nil for a failure.
        var results: [StateDirectory.Progress?] { begun.withLock { $0 } }

        func run(in path: CString) {
            guard var state = try? StateDirectory(path) else { return begun.withLock { $0.append(nil) } }
            arrivals.add(1, ordering: .relaxed)
            while arrivals.load(ordering: .relaxed) < Self.size { sched_yield() }
            let progress = try? state.begin()
            begun.withLock { $0.append(progress) }
            // Each keeps its directory until all have begun.
            while results.count < Self.size { sched_yield() }
        }
    }

    @Test("A start that can't be recorded is a failure that names the directory")
    func unwritable() async throws {
        try await withTemporaryDirectory { path in
            chmod(path, 0o555)
            let (reason, isReady) = try await withOwnDescriptors {
                becomeForFiles(user: 65534)
                var state = try StateDirectory(CString(path))
                return (Reason { () throws(Failure) in _ = try state.begin() }, state.isReady)
            }
            #expect(reason == Reason("openat", path, EACCES))
            #expect(isReady == false)
        }
    }

    @Test("A directory that has gone is a failure, not a first start")
    func gone() async throws {
        try await withTemporaryDirectory { parent in
            let path = parent + "/state"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            var state = try StateDirectory(CString(path))
            #expect(try state.begin() == .notStarted)
            try FileManager.default.removeItem(atPath: path)
            #expect(Reason { () throws(Failure) in _ = try state.begin() } == Reason("openat", path, ENOENT))
            #expect(Reason { () throws(Failure) in try state.recordSuccess() } == Reason("renameat", path, ENOENT))
            #expect(state.isReady == false)
        }
    }
}
