/// Lets a limited number of tests at a time do what takes many processes.
///
/// Tests run all at once otherwise, and deadlines mean nothing when each has a hundredth of a processor.
public actor Turns {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    public init(_ count: Int) {
        free = count
    }

    /// Runs `body` when there is a turn for it.
    public nonisolated func take<Result>(_ body: () async throws -> Result) async throws -> Result {
        await begin()
        do {
            let result = try await body()
            await end()
            return result
        } catch {
            await end()
            throw error
        }
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
