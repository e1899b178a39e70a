import RunLogic

/// The seal of a task's result: asked of the agent in the manifest, where everybody can read it.
///
/// The words of the task's container hold it: `run-once --seal $(POD_UID) --max-result 67108864 -- COMMAND`.
public struct Sealing: Equatable, Sendable {
    /// How many bytes of a result the agent keeps on the node, where nothing else is said.
    public static let mostBytes = 64 << 20
    /// What the pod may write besides: its log, of which the agent fills 8 MiB, and what the command itself leaves.
    private static let room = 64 << 20
    private static let variable = "POD_UID"

    /// What writes the result to standard output where it runs in the task's container.
    let resultCommand: [String]

    /// - Returns: nil where the task does not seal its result. An init container can't: nobody would keep it alive.
    init?(of daemonSet: JSON, task: TaskContainer) {
        guard !task.isInitContainer else { return nil }
        let container = daemonSet.container(task.name)
        let words = (container["command"].elements + container["args"].elements).compactMap(\.string)
        let own = words.prefix { $0 != "--" }
        guard let agent = words.first, own.contains("--seal") || own.contains(where: { $0.hasPrefix("--seal=") }) else {
            return nil
        }
        var directory = own.filter { $0.hasPrefix("--state-dir=") }
        if let option = own.firstIndex(of: "--state-dir") { directory += own[option...].prefix(2) }
        resultCommand = [agent] + directory + ["--result"]
    }

    /// - Throws: `Refusal.usage` where a result is to be sealed that goes through a terminal, which changes it.
    static func check(_ daemonSet: JSON, _ task: TaskContainer) throws(Refusal) {
        guard Sealing(of: daemonSet, task: task) != nil, daemonSet.container(task.name)["tty"] == true else { return }
        throw .usage("container \(task.name) has a terminal, which changes what is written: leave out tty, or --seal")
    }

    /// A built-in manifest whose agent seals what the task writes.
    ///
    /// The volume that keeps the result may be as large as the result and what the pod writes besides: a pod that
    /// writes more is evicted, and its task would run again. The agent keeps less.
    static func asked(of daemonSet: JSON, most: Int) -> JSON {
        var daemonSet = daemonSet
        let size = JSON.string("\((most + room) >> 20)Mi")
        daemonSet.podSpec["containers"].changeEach { ask(&$0, most: most, size: size) }
        daemonSet.podSpec["volumes"].changeEach { volume in
            if volume["emptyDir"] != .null { volume["emptyDir"]["sizeLimit"] = size }
        }
        return daemonSet
    }

    private static func ask(_ container: inout JSON, most: Int, size: JSON) {
        let words = container["command"].elements
        // An image that starts its agent by itself has it where the probe finds it.
        let agent = words.first ?? container["readinessProbe"]["exec"]["command"].elements.first
        guard let agent else { return }
        let options: [JSON] = ["--seal", .string("$(\(variable))"), "--max-result", .string("\(most)")]
        container["command"] = .array([agent] + options + words.dropFirst())
        container["env"].elements.append([
            "name": .string(variable), "valueFrom": ["fieldRef": ["fieldPath": "metadata.uid"]],
        ])
        // Without a request the limit would be the request. It is 0, since a node that does not tell how much disk it
        // has, such as one of kind without root, takes no pod that asks for any.
        container["resources"]["requests"]["ephemeral-storage"] = "0"
        container["resources"]["limits"]["ephemeral-storage"] = size
    }
}
