/// First in, first out: what is done to it costs the same however long it is.
struct Line<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var start = 0

    var first: Element? { start < elements.count ? elements[start] : nil }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard start < elements.count else { return nil }
        defer {
            start += 1
            if start > 64, start * 2 > elements.count {
                elements.removeFirst(start)
                start = 0
            }
        }
        return elements[start]
    }

    /// Takes out those at the front for which this holds.
    mutating func drop(while condition: (Element) -> Bool) {
        while let first, condition(first) { _ = popFirst() }
    }
}
