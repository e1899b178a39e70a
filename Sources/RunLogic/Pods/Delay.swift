/// Why a task has not started.
extension Standing {
    static func delay(of pod: Pod, _ task: TaskContainer) -> Standing {
        for container in pod.allContainers {
            if let waiting = container.state?.waiting, let word = waiting.reason, neverMends.contains(word) {
                return .hopeless(Reason(word, waiting.message))
            }
        }
        for container in pod.allContainers {
            guard let reason = delay(of: container) else { continue }
            return reason.isOfNoExecution ? .hopeless(reason.withImageInstead) : .waiting(reason)
        }
        if let reason = delayBefore(task, pod) { return .waiting(reason) }
        let scheduled = pod.status.conditions?.first { $0.type == "PodScheduled" && $0.status == "False" }
        return .waiting(scheduled.map { Reason($0.reason, $0.message) })
    }

    /// Which container the task waits for.
    private static func delayBefore(_ task: TaskContainer, _ pod: Pod) -> Reason? {
        for container in (pod.status.initContainerStatuses ?? []).prefix(while: { $0.name != task.name })
        where container.state?.running != nil {
            let goesOn = pod.spec.initContainers?.contains { $0.name == container.name && $0.restartPolicy == "Always" }
            guard goesOn == true else {
                return Reason("container \(container.name) runs, and the task starts when it has ended")
            }
            guard container.started == true else {
                return Reason("container \(container.name) runs, and the task starts when its startup probe passes")
            }
        }
        return nil
    }

    private static func delay(of container: Pod.ContainerStatus) -> Reason? {
        let waiting = container.state?.waiting
        if let word = waiting?.reason, !isOrdinary.contains(word) {
            return word.contains("Image")
                ? Reason(ofImage: word, waiting?.message ?? "") : Reason(word, waiting?.message)
        }
        let end = container.state?.terminated ?? (waiting == nil ? nil : container.lastState?.terminated)
        guard let end, end.exitCode != 0 || waiting?.reason == "CrashLoopBackOff" else { return nil }
        guard end.hadStarted || end.isUnknown else { return Reason(end.reason, end.lastWords) }
        let how = "container \(container.name) ended with exit code \(end.exitCode)"
        let word = Reason(end.reason)
        return Reason(word.isEmpty ? how : "\(how), \(word.text)", end.lastWords)
    }

    private static let neverMends: Set = ["InvalidImageName", "ErrImageNeverPull"]
    /// Words that say no more than that a container waits; why one is restarted is in how it ended.
    private static let isOrdinary: Set = ["ContainerCreating", "PodInitializing", "CrashLoopBackOff"]
}

extension Reason {
    /// Why an image can't be pulled, in the same words for all nodes and all tries: without what led to it, and without
    /// addresses and ports, as in `read udp 10.0.0.1:4711->10.0.0.2:53: i/o timeout`.
    init(ofImage word: String, _ message: String) {
        var (word, text) = (word, message[...])
        if let cause = text.firstRange(of: ": ErrImagePull: ") {
            (word, text) = ("ErrImagePull", text[cause.upperBound...])
        }
        if let cause = text.firstRange(of: " desc = ") { text = text[cause.upperBound...] }
        if text.hasPrefix("failed to pull and unpack image"), let cause = text.firstRange(of: "\": ") {
            text = text[cause.upperBound...]
        }
        self.init(word, String(text).replacing(/(tcp|udp) [^ ]*:[^ ]*:/) { "\($0.1):" })
    }

    /// The node itself turns down pods: it is short of disk or memory.
    var isOfNodeInTrouble: Bool { text.contains("node had condition") }

    /// What reaches such a node.
    /// (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/)
    var withWayOut: Reason {
        Reason(
            nil,
            """
            \(text); such a node takes pods of priorityClassName: system-node-critical only: print the manifest with \
            --dry-run, add that, and run it with -f
            """)
    }

    /// The agent is there, and may not be executed: the nodes mount their pods' volumes noexec.
    var isOfNoExecution: Bool {
        // As container runtimes say it before they start a container, and after.
        text.contains("permission denied") && (text.contains("\"/run-once/") || text.hasPrefix("exec /run-once/"))
    }

    var withImageInstead: Reason {
        Reason(
            nil,
            """
            the node lets nothing be executed that is in a ConfigMap (noexec): name an image that has the agent with \
            --agent-image, or put it in an image and run that with -f: \(text)
            """)
    }
}
