import RunLogic

extension JSON {
    /// What is to be told where the cluster, or a policy of it, lets a pod write less than the DaemonSet asks for.
    ///
    /// - Parameter made: what the cluster made of this DaemonSet.
    func lackOfRoom(in made: JSON) -> String? {
        let given = made.room
        let lacks = room.compactMap { name, most in given[name].flatMap { $0 < most ? (least: $0, most: most) : nil } }
        guard let (least, most) = lacks.min(by: { $0.least < $1.least }) else { return nil }
        let left = least - (64 << 20)
        let advice = left >= 1 << 20 ? ": --max-result \(left >> 20)Mi fits" : ""
        return """
            it lets a pod write \(least >> 20)Mi and not \(most >> 20)Mi; one that writes more is evicted, and its \
            task runs again\(advice)
            """
    }

    /// How much a pod may write, in bytes: into its volumes, and its containers.
    private var room: [String: Int] {
        let limits =
            podSpec["volumes"].elements.map { ("volume", $0, $0["emptyDir"]["sizeLimit"]) }
            + podSpec["containers"].elements.map { ("container", $0, $0["resources"]["limits"]["ephemeral-storage"]) }
        let sizes = limits.compactMap { kind, of, limit in
            limit.bytes.map { ("\(kind) \(of["name"].string ?? "")", $0) }
        }
        return Dictionary(sizes) { min($0, $1) }
    }

    private var bytes: Int? {
        if case .integer(let number) = self { return number }
        return string.flatMap(quantity).flatMap { Int(exactly: $0.rounded()) }
    }
}
