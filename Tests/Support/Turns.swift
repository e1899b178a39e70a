import Foundation
import Glibc
import Testing

/// Lets as many tests at a time have programs running as the machine has room for.
///
/// Swift Testing begins all tests at once. A program that shares a core with hundreds of others meets its own limits,
/// such as the half minute for an answer, for no other reason.
actor Turns {
    private static let all = Turns(8 * ProcessInfo.processInfo.activeProcessorCount)
    /// The turn is the test's, not the program's: who has one may start as many programs as it needs, and waits for none.
    @TaskLocal private static var isOwn = false

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private init(_ count: Int) {
        free = count
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
        guard free == 0 else { free -= 1; return }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        free += 1
    }
}
