/// What a run takes to its nodes besides its DaemonSet: an immutable object that its pods mount. The run's Job owns it,
/// and it has the Job's name.
public enum Parcel: String, CaseIterable, Sendable {
    /// The command's standard input.
    case input = "secrets"
    /// The agent.
    case agent = "configmaps"

    /// As Kubernetes calls it.
    var kind: String {
        switch self {
        case .input: "Secret"
        case .agent: "ConfigMap"
        }
    }

    /// - Parameters:
    ///   - fields: with the content.
    ///   - owner: the uid of the run's Job.
    func object(_ fields: JSON, of run: RunIdentity, owner: String?) -> JSON {
        var object = fields
        object["apiVersion"] = "v1"
        object["kind"] = .string(kind)
        object["immutable"] = true
        object["metadata"] = run.dressed([
            "name": .string(run.jobName), "labels": [RunIdentity.label: .string(run.value)],
        ])
        if let owner { object["metadata"]["ownerReferences"] = [run.reference(toJob: owner)] }
        return object
    }

    /// What a run has taken along, as its DaemonSet tells.
    static func all(of run: RunIdentity, in daemonSet: JSON) -> Set<Parcel> {
        let volumes = daemonSet.podSpec["volumes"].elements
        var parcels: Set<Parcel> = []
        if volumes.contains(where: { $0["secret"]["secretName"].string == run.jobName }) { parcels.insert(.input) }
        if volumes.contains(where: { $0["configMap"]["name"].string == run.jobName }) { parcels.insert(.agent) }
        return parcels
    }
}
