import RunLogic
import Testing

@testable import Orchestrator

@Suite("Seals that a manifest asks for") struct Sealings {
    private func manifest(_ change: (inout Changes) -> Void = { _ in }) -> JSON {
        var changes = Changes()
        changes.command = ["sh", "-c", "echo $HOME"]
        changes.image = "busybox"
        changes.mostBytes = 64 << 20
        change(&changes)
        return changes.applied(to: BuiltIn.anyCommand.daemonSet)
    }

    @Test("A pod may keep what the agent does, and 64 MiB more, before it is evicted; it asks for no disk")
    func room() {
        let pod = manifest { $0.mostBytes = 1 << 30 }["spec"]["template"]["spec"]
        let resources = pod["containers"].elements[0]["resources"]
        #expect(resources["limits"]["ephemeral-storage"] == "1088Mi")
        #expect(resources["requests"]["ephemeral-storage"] == "0")
        let volume = pod["volumes"].elements.first { $0["emptyDir"] != .null }
        #expect(volume?["emptyDir"]["sizeLimit"] == "1088Mi")
    }

    @Test("Whoever says what the pods may take has the last word")
    func limits() {
        let pod = manifest { $0.podOptions.limits = ["ephemeral-storage": "2Gi"] }["spec"]["template"]["spec"]
        #expect(pod["containers"].elements[0]["resources"]["limits"]["ephemeral-storage"] == "2Gi")
    }

    @Test(
        "Where the cluster lets a pod write less than was asked for, that is told, and what fits",
        arguments: [
            ("128Mi", nil), ("1Gi", nil), ("134217728", nil), ("100M", ": --max-result 31Mi fits"), ("50Mi", ""),
        ] as [(String, String?)])
    func lackOfRoom(given: String, advice: String?) {
        let asked = manifest { $0.podOptions.limits = ["memory": "1Gi"] }
        #expect(asked.lackOfRoom(in: asked) == nil)
        for part in ["volumes", "containers"] {
            var made = asked
            var pod = made["spec"]["template"]["spec"]
            pod[part] = .array(
                pod[part].elements.map { one in
                    var one = one
                    if one["emptyDir"] != .null { one["emptyDir"]["sizeLimit"] = .string(given) }
                    if part == "containers" { one["resources"]["limits"]["ephemeral-storage"] = .string(given) }
                    return one
                })
            made["spec"]["template"]["spec"] = pod
            let told = asked.lackOfRoom(in: made)
            #expect((told == nil) == (advice == nil), "\(part): \(told ?? "nothing")")
            if let advice { #expect(told?.hasSuffix("its task runs again\(advice)") == true, "\(told ?? "")") }
        }
    }

    @Test("A result that is to be sealed and goes through a terminal is refused")
    func terminal() throws {
        let task = TaskContainer(name: "task")
        for (words, tty) in [(["/run-once", "--seal", "x", "--"], false), (["/run-once", "--"], true)] {
            try Sealing.check(daemonSet(words, tty: tty), task)
        }
        let both = daemonSet(["/run-once", "--seal", "x", "--"], tty: true)
        #expect(throws: Refusal.self) { try Sealing.check(both, task) }
    }

    @Test(
        "The result is asked for with the agent's own words, wherever its state is",
        arguments: [
            (["/run-once", "--seal", "$(POD_UID)", "--"], ["/run-once", "--result"]),
            (
                ["/a/run-once", "--state-dir", "/s", "--seal=$(POD_UID)"],
                ["/a/run-once", "--state-dir", "/s", "--result"]
            ),
            (
                ["/a/run-once", "--state-dir=/s", "--seal", "x", "--", "--state-dir", "/t"],
                ["/a/run-once", "--state-dir=/s", "--result"]
            ),
        ])
    func resultCommand(words: [String], expected: [String]) {
        #expect(Sealing(of: daemonSet(words), task: TaskContainer(name: "task"))?.resultCommand == expected)
    }

    @Test(
        "A command that has the word --seal for itself is no sealed task",
        arguments: [
            ["/run-once", "--", "--seal", "x"], ["sh", "-c", "x"], [],
        ])
    func notSealed(words: [String]) {
        #expect(Sealing(of: daemonSet(words), task: TaskContainer(name: "task")) == nil)
    }

    private func daemonSet(_ words: [String], tty: Bool = false) -> JSON {
        let container: JSON = ["name": "task", "command": .array(words.map { .string($0) }), "tty": .bool(tty)]
        return ["spec": ["template": ["spec": ["containers": [container]]]]]
    }
}
