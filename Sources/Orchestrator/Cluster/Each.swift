/// Does something with each, so many at a time.
///
/// - Returns: what came of them, in the order in which they ended.
@discardableResult
func each<Item: Sendable, Product: Sendable>(
    _ items: [Item], atOnce limit: Int, _ work: @escaping @Sendable (Item) async -> Product
) async -> [Product] {
    await withTaskGroup(of: Product.self) { group in
        var products: [Product] = []
        for (index, item) in items.enumerated() {
            if index >= limit, let product = await group.next() { products.append(product) }
            group.addTask { await work(item) }
        }
        return await group.reduce(into: products) { $0.append($1) }
    }
}
