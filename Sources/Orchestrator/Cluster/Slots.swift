/// Lets so many at a time do something, whoever asks; the others wait in line.
actor Slots {
    private var free: Int
    private var line: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    /// Does something in a slot, as soon as there is one.
    ///
    /// - Returns: what came of it.
    func take<Product: Sendable>(_ work: @Sendable () async -> Product) async -> Product {
        await begin()
        let product = await work()
        end()
        return product
    }

    private func begin() async {
        guard free == 0 else { return free -= 1 }
        await withCheckedContinuation { line.append($0) }
    }

    /// Who waits longest gets the slot.
    private func end() {
        if line.isEmpty { free += 1 } else { line.removeFirst().resume() }
    }
}
