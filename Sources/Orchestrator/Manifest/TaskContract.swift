import RunLogic

extension Request {
    /// The manifests with what the options change, and the container that holds the task.
    ///
    /// - Throws: `Refusal.usage` where one of them can't be run, or where they are not one task.
    func checked(_ source: [JSON]) throws(Refusal) -> (manifests: [JSON], task: TaskContainer) {
        let manifests = source.map(changes.applied(to:))
        let task = try TaskContainer(in: manifests[0], chosen: container)
        let sealing = Sealing(of: manifests[0], task: task)
        for manifest in manifests {
            guard output != .raw || manifest.meansOneNode else {
                throw .usage("-o raw prints one node's result: say which node's with --nodes NODE")
            }
            guard try TaskContainer(in: manifest, chosen: container) == task,
                Sealing(of: manifest, task: task) == sealing
            else {
                throw .usage(
                    "the DaemonSets in \(self.source.name) differ in the container of the task, or in its seal")
            }
            try Sealing.check(manifest, task)
        }
        return (manifests, task)
    }
}

extension TaskContainer {
    /// Finds the container that holds the task, and checks what can be known of its contract before it runs.
    ///
    /// - Parameter chosen: the container that the user names.
    /// - Throws: `Refusal.usage` where it can't be told, or where nobody could tell when the task is done.
    public init(in daemonSet: JSON, chosen: String?) throws(Refusal) {
        let template = daemonSet["spec"]["template"]
        let containers = template["spec"]["containers"].elements
        let inits = template["spec"]["initContainers"].elements
        let annotation = template["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"].string
        let names = (containers + inits).compactMap { $0["name"].string }

        guard !names.isEmpty else { throw .usage("the manifest has no container: spec.template.spec.containers") }
        let name: String
        if let wanted = chosen ?? annotation {
            guard names.contains(wanted) else {
                throw .usage("no container is called \(wanted): the manifest has \(names.joined(separator: ", "))")
            }
            name = wanted
        } else if containers.count == 1, let only = containers[0]["name"].string {
            name = only
        } else {
            throw .usage("which container is the task? name it with --container: \(names.joined(separator: ", "))")
        }

        // One that always restarts is a sidecar, which runs beside the others.
        let isInitContainer = inits.contains { $0["name"].string == name && $0["restartPolicy"] != "Always" }
        self.init(name: name, isInitContainer: isInitContainer)

        guard isInitContainer || daemonSet.container(name)["readinessProbe"] != .null else {
            let others = inits.compactMap { $0["name"].string }
            let hint = others.isEmpty ? "" : "; if an init container does the work: --container \(others[0])"
            throw .usage(
                """
                container \(name) has no readiness probe, so nobody can tell when its task is done: \
                give it one that passes when it is\(hint)
                """)
        }
    }
}
