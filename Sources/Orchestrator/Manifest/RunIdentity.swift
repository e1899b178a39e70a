import RunLogic

/// What a run marks as its own: a label with a value that no other run has, and the Job that ends with it.
public struct RunIdentity: Equatable, Sendable {
    public static let label = "run-once-daemonset/run"
    /// On each DaemonSet of a run but the first. Its value is the architecture of their nodes, such as arm64.
    static let besideLabel = "run-once-daemonset/beside"
    /// Selects one DaemonSet of each run: that which has its name.
    static let allRuns = "\(label),!\(besideLabel)"

    /// The name of its first DaemonSet.
    public let name: String
    /// The value of the run's label.
    public let value: String
    /// What all its objects are to have besides, as the user wants it: `PodOptions` gives it to the DaemonSets.
    public var labels: [String: String] = [:]
    public var annotations: [String: String] = [:]

    /// - Parameter name: the DaemonSet's name.
    public init(name: String, value: String = RunIdentity.random(10)) {
        self.name = name
        self.value = value
    }

    /// Small letters and digits that are not taken for one another, as Kubernetes makes names of.
    public static func random(_ count: Int) -> String {
        let characters = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<count).map { _ in characters.randomElement() ?? "x" })
    }

    /// Selects what the run created.
    public var selector: String { "\(RunIdentity.label)=\(value)" }

    /// A label's value has 63 characters at most, and a Job's name becomes one.
    public var jobName: String {
        var beginning = name.prefix(max(0, 62 - value.count))
        // Parts of a name, with dots between, end with a letter or a number. (RFC 1123)
        while let last = beginning.last, last == "." || last == "-" { beginning.removeLast() }
        return "\(beginning)-\(value)"
    }

    /// An object's metadata, or a template's, with what the user wants on all of them.
    func dressed(_ metadata: JSON) -> JSON {
        var metadata = metadata
        metadata.add(labels, annotations)
        return metadata
    }

    /// What makes the run's Job the owner of something.
    func reference(toJob uid: String) -> JSON {
        ["apiVersion": "batch/v1", "kind": "Job", "name": .string(jobName), "uid": .string(uid)]
    }

    /// The DaemonSet that is created: with the run's label, which its pods have too, and its owner.
    ///
    /// - Parameter owner: the uid of the run's Job.
    public func mark(_ daemonSet: JSON, owner: String?) -> JSON {
        var daemonSet = daemonSet
        // What a manifest that was taken from a cluster says of another run.
        daemonSet["status"] = .null
        let value = JSON.string(value)
        daemonSet["metadata"]["labels"][RunIdentity.label] = value
        daemonSet["spec"]["template"]["metadata"]["labels"][RunIdentity.label] = value
        // Pods that an earlier run left without an owner are not taken for its own.
        daemonSet["spec"]["selector"]["matchLabels"][RunIdentity.label] = value
        if let owner { daemonSet["metadata"]["ownerReferences"].elements.append(reference(toJob: owner)) }
        return daemonSet
    }

    /// A Job that never makes a pod: the cluster itself ends it at the deadline, deletes it, and what it owns with it,
    /// should nobody be there to delete the run.
    /// (https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup)
    public func job(deadline: Seconds) -> JSON {
        let restricted: JSON = [
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
        ]
        let pod: JSON = [
            "restartPolicy": "Never", "automountServiceAccountToken": false,
            "securityContext": [
                "runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": ["type": "RuntimeDefault"],
            ],
            "containers": [
                [
                    "name": "none", "image": "registry.k8s.io/pause", "securityContext": restricted,
                    "resources": [
                        "requests": ["cpu": "1m", "memory": "1Mi"], "limits": ["cpu": "1m", "memory": "1Mi"],
                    ],
                ]
            ],
        ]
        let own: JSON = [RunIdentity.label: .string(value)]
        return [
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": dressed(["name": .string(jobName), "labels": own]),
            "spec": [
                "parallelism": 0, "activeDeadlineSeconds": .integer(Int(deadline)), "ttlSecondsAfterFinished": 5,
                "template": labels.isEmpty && annotations.isEmpty
                    ? ["spec": pod] : ["metadata": dressed([:]), "spec": pod],
            ],
        ]
    }
}
