import Testing

/// How long a test waits for something that should take no time, before it fails.
public let defaultDeadline = Duration.seconds(20)

/// Waits until `condition` holds, and fails the test where it still does not at the deadline.
///
/// - Parameters:
///   - what: what is waited for, for the message of the failed test.
///   - limit: how long to wait.
///   - condition: asked every few milliseconds.
/// - Throws: what `condition` throws, or that the deadline has passed.
public func eventually(
    _ what: String, within limit: Duration = defaultDeadline, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        try #require(
            ContinuousClock.now < deadline, "did not happen within \(limit): \(what)", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(2))
    }
}
