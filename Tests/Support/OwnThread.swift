import CTestSupport
import Foundation
import Glibc

/// Runs `body` in a thread of its own, whose descriptors no other thread has: it may close those of the standard
/// streams, nobody else gets a number that it closes, and no program that another test starts inherits one.
///
/// Files are to be looked up in /proc/thread-self/fd there, and what is found is to be expected outside: `body` is no
/// part of the test. Not `processExitsWith`, which starts the tests' whole program, and then has a thread of the tests
/// ask without a pause for each program that has ended.
public func withOwnDescriptors<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            guard unshare(0x400 /* CLONE_FILES */) == 0 else {
                return continuation.resume(throwing: SystemError("unshare"))
            }
            continuation.resume(with: Swift.Result { try body() })
        }
    }
}

/// Has this thread be another user where it opens files, and lose root's right to write anywhere.
public func becomeForFiles(user: UInt32) {
    setfsuid(user)
}
