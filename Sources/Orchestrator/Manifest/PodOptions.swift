/// What the options ask of the pods of a command: what the command needs, and what the cluster's policies want.
public struct PodOptions: Equatable, Sendable {
    /// Quantities by the name of the resource, such as `cpu`.
    /// (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/)
    public var requests: [String: String] = [:]
    public var limits: [String: String] = [:]
    public var serviceAccount: String?
    /// The command's: each value arrives as it is, whatever it holds.
    public var environment: [String: String] = [:]
    /// Of all objects of the run.
    public var labels: [String: String] = [:]
    public var annotations: [String: String] = [:]
    /// The names of Secrets.
    public var imagePullSecrets: [String] = []

    public init() {}

    /// The DaemonSet with these options, and all that it has besides.
    ///
    /// - Parameter daemonSet: each of its containers is the task's, as in the manifests that are built in.
    public func applied(to daemonSet: JSON) -> JSON {
        var daemonSet = daemonSet
        daemonSet["metadata"].add(labels, annotations)
        daemonSet["spec"]["template"]["metadata"].add(labels, annotations)
        daemonSet.podSpec["containers"].changeEach(apply)
        if let serviceAccount {
            daemonSet.podSpec["serviceAccountName"] = .string(serviceAccount)
            // Who names an account wants its rights: whether there is a token is for the account itself to say.
            daemonSet.podSpec["automountServiceAccountToken"] = .null
        }
        for name in imagePullSecrets { daemonSet.podSpec["imagePullSecrets"].include(["name": .string(name)]) }
        return daemonSet
    }

    private func apply(to container: inout JSON) {
        for (name, quantity) in requests { container["resources"]["requests"][name] = .string(quantity) }
        for (name, quantity) in limits { container["resources"]["limits"][name] = .string(quantity) }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            container["env"].elements.removeAll { $0["name"].string == name }
            container["env"].elements.append(["name": .string(name), "value": .string(Changes.literal(value))])
        }
    }
}

extension JSON {
    /// Gives an object's metadata, or a template's, more labels and annotations.
    mutating func add(_ labels: [String: String], _ annotations: [String: String]) {
        for (key, value) in labels { self["labels"][key] = .string(value) }
        for (key, value) in annotations { self["annotations"][key] = .string(value) }
    }
}
