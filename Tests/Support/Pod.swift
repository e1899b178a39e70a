import Foundation
import Glibc
import Testing

/// What a pod gives to its containers: a state directory that outlives them, and files.
public struct Pod {
    public let directory: String

    public var state: String { directory + "/state" }

    /// Creates a file.
    ///
    /// - Returns: its path.
    public func file(_ content: Data, name: String = "hosts") throws -> String {
        try content.write(to: URL(filePath: directory + "/" + name))
        return directory + "/" + name
    }

    /// Creates a text file.
    ///
    /// - Returns: its path.
    public func file(_ text: String = "127.0.0.1 localhost\n", name: String = "hosts") throws -> String {
        try file(Data(text.utf8), name: name)
    }

    /// Creates a named pipe.
    public func fifo(_ name: String = "fifo") throws -> FIFO {
        try FIFO(directory + "/" + name)
    }

    /// Whether the task is marked done.
    public var isReady: Bool { exists(state + "/ready") }

    /// Runs a program until the task is done, and stops it.
    ///
    /// - Returns: how it ended, and what it printed.
    public func runToTheEnd(
        _ command: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        try await withProcess(command) { process in
            try await eventually("the pod is ready, or the agent has ended", sourceLocation: sourceLocation) {
                isReady || !process.isRunning
            }
            process.send(SIGTERM)
            return try await process.outcome(sourceLocation: sourceLocation)
        }
    }
}

/// Runs `body` with a new pod.
public func withPod<Result>(_ body: (Pod) async throws -> Result) async throws -> Result {
    try await withTemporaryDirectory { directory in
        let pod = Pod(directory: directory)
        try FileManager.default.createDirectory(atPath: pod.state, withIntermediateDirectories: false)
        return try await body(pod)
    }
}

/// The command that runs another as process 1, nil where that is not permitted.
public func asProcessOne() async -> [String]? {
    let unshare = ["unshare", "--pid", "--fork", "--kill-child"]
    for command in [unshare, unshare + ["--user", "--map-root-user"]] {
        if await (try? run(command + ["true"]))?.ending == .status(0) { return command }
    }
    return nil
}
