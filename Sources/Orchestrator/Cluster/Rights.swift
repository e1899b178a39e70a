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

    /// Asks whether the user has it.
    /// (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access)
    func review(in namespace: String) -> JSON {
        let parts = resource.split(separator: "/").map { JSON.string(String($0)) }
        var attributes: JSON = [
            "namespace": .string(namespace), "verb": .string(verb), "group": .string(group), "resource": parts[0],
        ]
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
        if detach { return rights + [Right("create", "jobs", group: "batch")] }
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
    /// - Throws: `Refusal.cluster` with those that are missing. Where the cluster does not tell, there is no error.
    func check(_ rights: [Right]) async throws(Refusal) {
        struct Review: Decodable {
            struct Status: Decodable { let allowed: Bool }
            let status: Status
        }
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        let bodies = rights.map { $0.review(in: namespace) }
        let answers = try? await api.curl.post(path, bodies, limit: api.limits.briefRequest)
        let reviews = answers?.compactMap { try? JSONDecoder().decode(Review.self, from: $0) } ?? []
        guard reviews.count == rights.count else { return }
        let missing = zip(rights, reviews).filter { !$1.status.allowed }.map(\.0.description)
        guard missing.isEmpty else {
            throw .cluster(
                """
                nothing was created: in namespace \(namespace) you may not \(missing.joined(separator: ", ")), \
                which a run needs; Examples/cron-job.yaml has a Role with all that it needs
                """)
        }
    }
}
