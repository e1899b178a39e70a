import Foundation

/// The oldest kubectl that is supported, which is as old as the tests' cluster.
enum OldKubectl {
    static let directory = ProcessInfo.processInfo.environment["RUN_ONCE_OLD_KUBECTL"] ?? ""
    static let isGiven = !directory.isEmpty
}
