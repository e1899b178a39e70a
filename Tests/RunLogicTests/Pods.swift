import Foundation
@testable import RunLogic

typealias Container = Pod.ContainerStatus

let noon = "2026-11-25T12:00:00Z"

/// What kubelet writes for a container that never started.
let never = "1970-01-01T00:00:00Z"

/// The pod of a node with its task container as it is.
func pod(
    _ node: String, uid: String? = nil, _ container: Container? = nil, phase: String = "Running", reason: String? = nil,
    message: String? = nil, initContainers: [Container]? = nil
) -> Pod {
    let uid = uid ?? "uid-of-\(node)"
    return Pod(
        metadata: Pod.Metadata(name: "task-\(uid)", uid: uid), spec: Pod.Spec(nodeName: node),
        status: Pod.Status(
            phase: phase, reason: reason, message: message, initContainerStatuses: initContainers,
            containerStatuses: container.map { [$0] }))
}

extension Pod {
    /// The pod while it is being deleted.
    var leaving: Pod {
        var pod = self
        pod.metadata.deletionTimestamp = noon
        return pod
    }

    func with(_ change: (inout Pod) -> Void) -> Pod {
        var pod = self
        change(&pod)
        return pod
    }
}

// MARK: Containers

func end(_ code: Int, _ message: String? = nil, reason: String = "Error", startedAt: String? = noon) -> Pod.Terminated {
    Pod.Terminated(exitCode: code, reason: reason, message: message, startedAt: startedAt)
}

/// One that runs, after another one that ended where that is said.
func runs(
    _ name: String = "task", ready: Bool = false, restarts: Int = 0, after last: Pod.Terminated? = nil
) -> Container {
    Container(
        name: name, ready: ready, restartCount: restarts, state: Pod.ContainerState(running: Pod.Running()),
        lastState: last.map { Pod.ContainerState(terminated: $0) }, containerID: "containerd://1")
}

/// One that has ended and was not restarted yet.
func ended(
    _ end: Pod.Terminated, _ name: String = "task", restarts: Int = 0, after last: Pod.Terminated? = nil,
    id: String? = "containerd://1"
) -> Container {
    Container(
        name: name, restartCount: restarts, state: Pod.ContainerState(terminated: end),
        lastState: last.map { Pod.ContainerState(terminated: $0) }, containerID: id)
}

func waits(
    _ word: String, _ message: String? = nil, _ name: String = "task", restarts: Int = 0,
    after last: Pod.Terminated? = nil
) -> Container {
    Container(
        name: name, restartCount: restarts,
        state: Pod.ContainerState(waiting: Pod.Waiting(reason: word, message: message)),
        lastState: last.map { Pod.ContainerState(terminated: $0) })
}

// MARK: Pods that occur in many stories

func starting(_ node: String, uid: String? = nil) -> Pod {
    pod(node, uid: uid, waits("ContainerCreating"), phase: "Pending")
}

func running(_ node: String, uid: String? = nil) -> Pod { pod(node, uid: uid, runs()) }

func done(_ node: String, uid: String? = nil, restarts: Int = 0) -> Pod {
    pod(node, uid: uid, runs(ready: true, restarts: restarts, after: restarts > 0 ? end(137) : nil))
}

/// Its container failed and was restarted, as the contract says.
func failed(
    _ node: String, _ code: Int, _ message: String? = nil, reason: String = "Error", uid: String? = nil
) -> Pod {
    pod(node, uid: uid, runs(restarts: 1, after: end(code, message, reason: reason)))
}

/// Its container failed a moment ago.
func failing(_ node: String, _ code: Int, _ message: String? = nil) -> Pod { pod(node, ended(end(code, message))) }

func stuck(_ node: String, _ word: String, _ message: String? = nil, uid: String? = nil) -> Pod {
    pod(node, uid: uid, waits(word, message), phase: "Pending")
}

/// As kubelet leaves a pod that it evicts, without a word about its containers.
func evicted(_ node: String, _ message: String = "The node was low on resource: memory.", uid: String? = nil) -> Pod {
    pod(node, uid: uid, phase: "Failed", reason: "Evicted", message: message)
}

func rejected(
    _ node: String, _ word: String = "OutOfcpu", _ message: String = "not enough cpu", uid: String? = nil
) -> Pod {
    pod(node, uid: uid, phase: "Failed", reason: word, message: message)
}

/// Not scheduled yet: the controller says for which node it is.
func unscheduled(_ node: String, _ message: String? = nil, gate: String? = nil) -> Pod {
    let json = """
        {"metadata": {"name": "task-uid-of-\(node)", "uid": "uid-of-\(node)"},
         "spec": {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
           "nodeSelectorTerms": [
             {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["\(node)"]}]}]}}}},
         "status": {"phase": "Pending"}}
        """
    return decode(json).with { pod in
        pod.spec.schedulingGates = gate.map { [Pod.SchedulingGate(name: $0)] }
        pod.status.conditions = message.map {
            [Pod.Condition(type: "PodScheduled", status: "False", reason: "Unschedulable", message: $0)]
        }
    }
}

/// It waits for its turn.
func gated(_ node: String, uid: String? = nil) -> Pod {
    unscheduled(node, gate: Pod.SchedulingGate.turn).with { pod in
        guard let uid else { return }
        pod.metadata = Pod.Metadata(name: "task-\(uid)", uid: uid)
    }
}

func decode(_ json: String) -> Pod {
    // Fails loudly: what does not decode here is a mistake of the test's.
    try! JSONDecoder().decode(Pod.self, from: Data(json.utf8))
}

// MARK: Recorded from a real cluster

private let recorded = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Recorded/1.36")

func recordedData(_ file: String) throws -> Data { try Data(contentsOf: recorded.appending(path: file)) }

func recordedPod(_ name: String) throws -> Pod {
    try JSONDecoder().decode(Pod.self, from: recordedData("pod-\(name).json"))
}
