/// Lets so many at a time do something, whoever asks; the others wait in line.
actor Slots {
    private typealias Line = [CheckedContinuation<Void, Never>]

    private var free: Int
    private var (first, others): (Line, Line) = ([], [])

    init(_ count: Int) { free = count }

    /// Does something in a slot, as soon as there is one.
    ///
    /// - Parameter isFirst: it comes before all that are not.
    /// - Returns: what came of it.
    func take<Product: Sendable>(
        first isFirst: Bool = false, _ work: @Sendable () async -> Product
    ) async -> Product {
        await begin(isFirst)
        let product = await work()
        end()
        return product
    }

    private func begin(_ isFirst: Bool) async {
        guard free == 0 else { return free -= 1 }
        await withCheckedContinuation { if isFirst { first.append($0) } else { others.append($0) } }
    }

    /// The slot goes to another, if any waits.
    private func end() {
        if !first.isEmpty { return first.removeFirst().resume() }
        if others.isEmpty { free += 1 } else { others.removeFirst().resume() }
    }
}
