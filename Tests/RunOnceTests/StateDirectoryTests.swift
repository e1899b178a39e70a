import Foundation
import RunOnce
import Synchronization
import TestSupport
import Testing

@Suite("StateDirectory") struct StateDirectoryTests {
    @Test("A task is started once, is interrupted until it is marked ready, and is done from then on")
    func progress() async throws {
        try await withTemporaryDirectory { path in
            let first = try StateDirectory(CString(path))
            #expect(!first.isReady)
            #expect(try first.begin() == .notStarted)
            #expect(try first.begin() == .interrupted)
            // As after a restart of the container.
            #expect(try StateDirectory(CString(path)).begin() == .interrupted)
            #expect(!first.isReady)

            try first.markReady()
            #expect(first.isReady)
            #expect(try first.begin() == .done)
            let second = try StateDirectory(CString(path))
            #expect(second.isReady)
            #expect(try second.begin() == .done)
            #expect(try second.begin() == .done)
            #expect(second.isReady)
        }
    }

    @Test("Two directories know nothing of each other")
    func independence() async throws {
        try await withTemporaryDirectory { one in
            try await withTemporaryDirectory { other in
                let (one, other) = (try StateDirectory(CString(one)), try StateDirectory(CString(other)))
                #expect(try one.begin() == .notStarted)
                try one.markReady()
                #expect(!other.isReady)
                #expect(try other.begin() == .notStarted)
                #expect(try other.begin() == .interrupted)
            }
        }
    }

    @Test("Of many threads that begin at once, one is told to run the task")
    func atOnce() async throws {
        for _ in 1...200 {
            try await withTemporaryDirectory { path in
                let race = Race()
                for _ in 1...Race.size {
                    Thread.detachNewThread { race.run(in: CString(path)) }
                }
                try await eventually("all threads have begun") { race.results.count == Race.size }
                #expect(race.results.count { $0 == .notStarted } == 1)
                #expect(race.results.count { $0 == .interrupted } == Race.size - 1)
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
            let state = try? StateDirectory(path)
            arrivals.add(1, ordering: .relaxed)
            while arrivals.load(ordering: .relaxed) < Self.size { sched_yield() }
            let progress = try? state?.begin()
            begun.withLock { $0.append(progress) }
        }
    }

    @Test("What is not a directory that is there can't be opened")
    func missing() async throws {
        try await withTemporaryDirectory { path in
            let missing = path + "/none"
            #expect(Reason { () throws(Failure) in _ = try StateDirectory(CString(missing)) }
                == Reason("openat", missing, ENOENT))
            let file = path + "/file"
            try "".write(toFile: file, atomically: false, encoding: .utf8)
            #expect(Reason { () throws(Failure) in _ = try StateDirectory(CString(file)) }
                == Reason("openat", file, ENOTDIR))
            #expect(try names(in: path) == ["file"])
        }
    }

    @Test("A start that can't be recorded is a failure that names the directory")
    func unwritable() async throws {
        // In a process of its own, which gives up root's right to write anywhere.
        await #expect(processExitsWith: .success) {
            try await withTemporaryDirectory { path in
                chmod(path, 0o555)
                let user = geteuid()
                if user == 0 { seteuid(65534) }
                defer { seteuid(user) }
                let state = try StateDirectory(CString(path))
                #expect(Reason { () throws(Failure) in _ = try state.begin() } == Reason("openat", path, EACCES))
                #expect(!state.isReady)
            }
        }
    }

    @Test("A directory that has gone is a failure, not a first start")
    func gone() async throws {
        try await withTemporaryDirectory { parent in
            let path = parent + "/state"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            let state = try StateDirectory(CString(path))
            #expect(try state.begin() == .notStarted)
            try FileManager.default.removeItem(atPath: path)
            #expect(Reason { () throws(Failure) in _ = try state.begin() } == Reason("openat", path, ENOENT))
            #expect(Reason { () throws(Failure) in try state.markReady() } == Reason("renameat", path, ENOENT))
            #expect(!state.isReady)
        }
    }
}
