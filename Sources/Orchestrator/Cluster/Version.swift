extension Cluster {
    /// Whether its Kubernetes is older than this version of 1. Before 1.23 it does not end the run's Job at the
    /// deadline, or does not delete it; before 1.25 it drops fields that it does not know.
    ///
    /// - Returns: false where it can't be asked.
    func isOlder(than minor: Int) async -> Bool {
        struct Version: Decodable { let gitVersion: String? }
        guard let version = try? await api.get(Version.self, "/version", limit: 5) else { return false }
        // Such as v1.20.5+really1.20.2: some builds say major and minor nowhere else, some nothing, and these are old.
        let words = (version.gitVersion ?? "").drop { $0 == "v" }.split(separator: ".").prefix(2)
        // The minor version may end in a plus sign.
        let numbers = words.compactMap { Int($0.prefix { $0.isNumber }) }
        guard numbers.count == 2 else { return true }
        return numbers[0] == 1 && numbers[1] < minor
    }
}
