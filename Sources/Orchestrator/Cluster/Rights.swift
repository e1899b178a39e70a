import FoundationEssentials

/// Something that a user may do or not, as `get` `pods/log`.
struct Right: Equatable, Sendable, CustomStringConvertible {
    let verb: String
    let group: String
    /// With a part of it, where that is what the right is about.
    let resource: String

    init(_ verb: String, _ resource: String, group: String = "") {
        self.verb = verb
        self.resource = resource
        self.group = group
    }

    var description: String { "\(verb) \(resource)" }

    /// A run can do without these, and says so.
    static let listNodes = Right("list", "nodes")
    static let createJobs = Right("create", "jobs", group: "batch")

    /// What a user should know who lacks some of these; nodes that can't be listed are assumed to be of one kind.
    static func line(_ lacking: [Right], assumed: String?) -> String? {
        let parts = lacking.map { right in
            let effect =
                right == .listNodes ? assumed.map { "assuming \($0)" } : "should this machine fail, the run stays"
            return "can't \(right)" + (effect.map { " (\($0))" } ?? "")
        }
        if parts.isEmpty { return assumed.map { "can't list nodes: assuming \($0)" } }
        return "no permission: \(parts.joined(separator: ", "))"
    }

    /// Asks whether the user has it.
    /// (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access)
    func review(in namespace: String) -> JSON {
        let parts = resource.split(separator: "/").map { JSON.string(String($0)) }
        var attributes: JSON = [
            "verb": .string(verb), "group": .string(group), "resource": parts[0],
        ]
        if self != .listNodes { attributes["namespace"] = .string(namespace) }
        if parts.count > 1 { attributes["subresource"] = parts[1] }
        return [
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": ["resourceAttributes": attributes],
        ]
    }
}

extension Request {
    /// Without these a run is of no use: what it creates could not be followed, or its results not be fetched, or all
    /// could not be deleted. That it may create its DaemonSet a rehearsal tells.
    func rights(parcels: Set<Parcel>) -> [Right] {
        var rights = parcels.map { Right("create", $0.rawValue) }.sorted { $0.resource < $1.resource }
        if detach { return rights + [.createJobs] }
        rights += ["list", "watch"].map { Right($0, "daemonsets", group: "apps") }
        if !keep { rights.append(Right("delete", "daemonsets", group: "apps")) }
        rights += [Right("list", "pods"), Right("watch", "pods"), Right("get", "pods/log")]
        if pace != nil { rights += [Right("patch", "pods"), Right("delete", "pods")] }
        return rights
    }
}

extension Cluster {
    /// Checks that the user has rights, before anything is created.
    ///
    /// - Returns: the optional ones that are missing.
    /// - Throws: `Refusal.cluster` with those that are missing. Where the cluster does not tell, there is no error.
    func check(_ rights: [Right], optional: [Right]) async throws(Refusal) -> [Right] {
        struct Review: Decodable {
            struct Status: Decodable { let allowed: Bool }
            let status: Status
        }
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        let all = rights + optional
        let bodies = all.map { $0.review(in: namespace) }
        let answers = try? await api.curl.post(path, bodies, limit: api.limits.briefRequest)
        let reviews = answers?.compactMap { try? JSONDecoder().decode(Review.self, from: $0) } ?? []
        guard reviews.count == all.count else { return [] }
        let lacking = zip(all, reviews).filter { !$1.status.allowed }.map(\.0)
        let missing = lacking.filter { rights.contains($0) }.map(\.description)
        guard missing.isEmpty else {
            throw .cluster(
                """
                nothing was created: in namespace \(namespace) you may not \(missing.joined(separator: ", ")), \
                which a run needs; Examples/role.yaml has all that it needs
                """)
        }
        return lacking
    }
}
