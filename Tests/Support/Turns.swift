import Foundation
import Glibc
import Testing

/// Lets as many tests at a time have programs running as the machine has room for.
///
/// Swift Testing begins all tests at once. A program that shares a core with hundreds of others meets its own limits,
/// such as the half minute for an answer, for no other reason. Most tests wait most of the time, though: while a
/// processor has nothing to do, there is room for more.
actor Turns {
    private static let all = Turns(ProcessInfo.processInfo.activeProcessorCount)
    /// The turn is the test's, not the program's: who has one may start as many programs as it needs, and waits for none.
    @TaskLocal private static var isOwn = false
    /// Whether the test is before all others that wait for their turn.
    @TaskLocal fileprivate static var isFirst = false

    private let processors: Int
    private var taken = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var lookout: Task<Void, Never>?

    /// How many there are whatever else the machine does, how many at most, and how many now.
    private let least, most: Int
    private var room: Int

    private init(_ processors: Int) {
        self.processors = processors
        (least, most) = (4 * processors, 16 * processors)
        room = least
    }

    /// Runs `body` when there is a turn for it, or at once where it is in one.
    static func take<Result>(_ body: () async throws -> Result) async throws -> Result {
        if isOwn { return try await body() }
        await all.begin()
        let start = ContinuousClock.now
        do {
            let result = try await $isOwn.withValue(true) { try await body() }
            await all.end()
            note(ContinuousClock.now - start)
            return result
        } catch {
            await all.end()
            throw error
        }
    }

    /// Writes how long a turn was to the file that `.ci/slowest` names. What Swift Testing says of a test is how long
    /// it waited for its turn, above all.
    private static func note(_ time: Duration) {
        let environment = ProcessInfo.processInfo.environment
        guard let file = environment["RUN_ONCE_TEST_TIMES"], let test = Test.current else { return }
        let line = "\(time / .seconds(1))\t\(test.sourceLocation.fileID): \(test.displayName ?? test.name)\n"
        let descriptor = open(file, O_WRONLY | O_APPEND | O_CLOEXEC)
        _ = line.withCString { write(descriptor, $0, strlen($0)) }
        close(descriptor)
    }

    private func begin() async {
        guard taken >= room else { taken += 1; return }
        if lookout == nil { lookout = Task { await lookOut() } }
        let place = Self.isFirst ? waiting.startIndex : waiting.endIndex
        await withCheckedContinuation { waiting.insert($0, at: place) }
    }

    private func end() {
        taken -= 1
        giveTurn()
    }

    private func giveTurn() {
        guard taken < room, !waiting.isEmpty else { return }
        taken += 1
        waiting.removeFirst().resume()
    }

    /// Looks now and then what room there is, which stays when a turn ends: tests come by the hundred that take no time.
    private func lookOut() async {
        repeat {
            try? await Task.sleep(for: .milliseconds(50))
            let runnable = Self.runnable()
            if runnable - 1 <= processors, taken >= room, taken < most {
                room = taken + 1  // also where it had become less than are taken
                giveTurn()
            } else if runnable > 4 * processors, room > least {
                room -= 1
            }
        } while !waiting.isEmpty
        lookout = nil
    }

    /// How many threads of the machine run now, or would if a processor were free; this one is among them.
    private static func runnable() -> Int {
        let status = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").last { $0.hasPrefix("procs_running ") }
        return line.flatMap { Int($0.dropFirst("procs_running ".count)) } ?? .max
    }
}

/// Of a test that waits for about ten seconds, whatever the machine: it begins before the others, and they run while it
/// waits. Were it the last, there would be nothing else to do.
public struct LongWait: TestTrait, TestScoping {
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Turns.$isFirst.withValue(true) { try await function() }
    }
}

extension Trait where Self == LongWait {
    /// See `LongWait`.
    public static var waitsLong: LongWait { LongWait() }
}
