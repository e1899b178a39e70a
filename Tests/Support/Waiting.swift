import Testing

/// How long a test waits before it fails: long enough for a machine that is busy with other things.
public let defaultDeadline = Duration.seconds(120)

/// Waits until `condition` holds, and fails the test where it still does not at the deadline.
///
/// - Parameters:
///   - what: what is waited for, for the message of the failed test.
///   - limit: how long to wait.
///   - longest: the pause between two questions, which grows to this, since all that wait share the machine.
///   - condition: asked every few milliseconds.
/// - Throws: what `condition` throws, or that the deadline has passed.
public func eventually(
    _ what: String, within limit: Duration = defaultDeadline, pausing longest: Duration = .milliseconds(50),
    sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    var pause = Duration.milliseconds(2)
    while try await !condition() {
        try #require(
            ContinuousClock.now < deadline, "did not happen within \(limit): \(what)", sourceLocation: sourceLocation)
        try await Task.sleep(for: pause)
        pause = min(pause * 1.25, longest)
    }
}

/// Tries with more and more seconds, for what has to happen before a program's own time is up: how fast the machine is
/// now is not what such a test is about.
///
/// - Parameter body: gets the seconds, and says whether they were enough.
public func withEnoughTime(
    from seconds: Int, sourceLocation: SourceLocation = #_sourceLocation, _ body: (Int) async throws -> Bool
) async throws {
    for factor in [1, 3, 9] where try await body(factor * seconds) { return }
    Issue.record("\(9 * seconds) s were not enough", sourceLocation: sourceLocation)
}
