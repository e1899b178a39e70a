import RunLogic
import TestSupport
import Testing

@testable import Orchestrator

@Suite(
    "Seals that a manifest asks for",
    .enabled(if: !TestSupport.Kubectl.installed.isEmpty, "kubectl is not installed"))
struct Sealings {
    private func manifest(_ change: (inout Changes) -> Void = { _ in }) async throws -> JSON {
        var changes = Changes()
        changes.command = ["sh", "-c", "echo $HOME"]
        changes.image = "busybox"
        changes.mostBytes = 64 << 20
        change(&changes)
        return changes.applied(to: try await ManifestSource.builtIn(.anyCommand).read(Kubectl(options: [])))
    }

    @Test("The task's agent is asked to seal, by its pod's UID, before the words of the command")
    func words() async throws {
        let task = try await manifest()["spec"]["template"]["spec"]["containers"].elements[0]
        let words = task["command"].elements.compactMap(\.string)
        #expect(words.dropFirst() == ["--seal", "$(POD_UID)", "--max-result", "67108864", "--"])
        #expect(task["env"].elements.contains([
            "name": "POD_UID", "valueFrom": ["fieldRef": ["fieldPath": "metadata.uid"]],
        ]))
    }

    @Test("A pod may keep what the agent does, and 64 MiB more, before it is evicted; it asks for next to nothing")
    func room() async throws {
        let pod = try await manifest { $0.mostBytes = 1 << 30 }["spec"]["template"]["spec"]
        let resources = pod["containers"].elements[0]["resources"]
        #expect(resources["limits"]["ephemeral-storage"] == "1088Mi")
        #expect(resources["requests"]["ephemeral-storage"] == "1Mi")
        let volume = pod["volumes"].elements.first { $0["emptyDir"] != .null }
        #expect(volume?["emptyDir"]["sizeLimit"] == "1088Mi")
    }

    @Test("Whoever says what the pods may take has the last word")
    func limits() async throws {
        let pod = try await manifest { $0.podOptions.limits = ["ephemeral-storage": "2Gi"] }["spec"]["template"]["spec"]
        #expect(pod["containers"].elements[0]["resources"]["limits"]["ephemeral-storage"] == "2Gi")
    }

    @Test("The result is asked for with the agent's own words, wherever its state is", arguments: [
        (["/run-once", "--seal", "$(POD_UID)", "--"], ["/run-once", "--result"]),
        (["/a/run-once", "--state-dir", "/s", "--seal=$(POD_UID)"], ["/a/run-once", "--state-dir", "/s", "--result"]),
        (["/a/run-once", "--state-dir=/s", "--seal", "x", "--", "--state-dir", "/t"],
            ["/a/run-once", "--state-dir=/s", "--result"]),
    ])
    func resultCommand(words: [String], expected: [String]) {
        #expect(Sealing(of: daemonSet(words), task: TaskContainer(name: "task"))?.resultCommand == expected)
    }

    @Test("A command that has the word --seal for itself is no sealed task", arguments: [
        ["/run-once", "--", "--seal", "x"], ["sh", "-c", "x"], [],
    ])
    func notSealed(words: [String]) {
        #expect(Sealing(of: daemonSet(words), task: TaskContainer(name: "task")) == nil)
    }

    private func daemonSet(_ words: [String]) -> JSON {
        let container: JSON = ["name": "task", "command": .array(words.map { .string($0) })]
        return ["spec": ["template": ["spec": ["containers": [container]]]]]
    }
}
