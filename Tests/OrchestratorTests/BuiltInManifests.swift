import FoundationEssentials
import RunLogic
import TestSupport
import Testing

@testable import Orchestrator

let hasKubectl = TestSupport.Kubectl.installed.contains(.current)

@Suite("Manifests that are built in") struct BuiltInManifests {
    @Test(
        "They are what kubectl makes of the files that the repository shows",
        .enabled(if: hasKubectl, "kubectl is not installed"),
        arguments: [
            (BuiltIn.etcHosts, "daemonset.yaml"), (.anyCommand, "Examples/any-command.yaml"),
            (.hostCommand, "Examples/host-command.yaml"),
        ])
    func asShown(_ manifest: BuiltIn, _ file: String) async throws {
        let shown = try await ManifestSource.file(repositoryRoot + "/" + file).read(Kubectl(options: []))
        #expect(shown == [manifest.daemonSet], "call Release/manifests")
    }

    @Test(
        "Their task can be told, with its own words before the command's, and its agent's image has a name of its own",
        arguments: [BuiltIn.anyCommand, .hostCommand])
    func commands(_ manifest: BuiltIn) throws {
        let daemonSet = manifest.daemonSet
        #expect(try TaskContainer(in: daemonSet, chosen: nil).name == "task")
        let task = daemonSet["spec"]["template"]["spec"]["containers"].elements[0]
        #expect(task["command"].elements.last == "--")
        #expect(task["command"].elements[0].string?.hasSuffix("/run-once") == true)
        #expect(agent(of: daemonSet, Changes()) != nil)
    }

    @Test("A command on the node has all rights there and no limit, and is otherwise what a command in an image is")
    func host() {
        let (image, host) = (BuiltIn.anyCommand.daemonSet, BuiltIn.hostCommand.daemonSet)
        let pod = host["spec"]["template"]["spec"]
        #expect(pod["hostPID"] == true)
        #expect(pod["automountServiceAccountToken"] == false)
        let task = pod["containers"].elements[0]
        #expect(task["command"] == ["/run-once", "--host", "--"])
        #expect(
            task["securityContext"] == [
                "privileged": true, "runAsUser": 0, "runAsGroup": 0, "readOnlyRootFilesystem": true,
            ])
        #expect(task["resources"] == ["requests": ["cpu": "1m", "memory": "4Mi"]])
        #expect(task["readinessProbe"]["exec"]["command"] == ["/run-once", "--ready", "--wait", "3000"])
        #expect(pod["volumes"].elements.map { $0["emptyDir"] } == [[:]])
        #expect(task["volumeMounts"].elements.map { $0["mountPath"] } == ["/run/run-once"])

        let other = image["spec"]["template"]["spec"]
        for field in ["nodeSelector", "tolerations", "affinity", "terminationGracePeriodSeconds"] {
            #expect(pod[field] == other[field], "\(field)")
        }
        for field in ["args", "env", "terminationMessagePolicy", "imagePullPolicy"] {
            #expect(task[field] == other["containers"].elements[0][field], "\(field)")
        }
    }

    @Test("Standard input changes the task, and nothing else", arguments: [BuiltIn.anyCommand, .hostCommand])
    func input(_ manifest: BuiltIn) {
        let daemonSet = manifest.daemonSet
        let run = RunIdentity(name: "mine", value: "value")
        var given = Input.given(to: daemonSet, task: "task", by: run)
        var pod = given["spec"]["template"]["spec"]
        var task = pod["containers"].elements[0]
        let words = daemonSet["spec"]["template"]["spec"]["containers"].elements[0]["command"].elements
        #expect(task["command"].elements == words.dropLast() + ["--stdin", "/run/run-once-stdin/stdin", "--"])
        #expect(
            task["volumeMounts"].elements.last
                == ["name": "stdin", "mountPath": "/run/run-once-stdin", "readOnly": true])
        #expect(
            pod["volumes"].elements.last
                == ["name": "stdin", "secret": ["secretName": "mine-value", "defaultMode": 0o444]])

        task["command"] = .array(words)
        task["volumeMounts"].elements.removeLast()
        pod["containers"].elements[0] = task
        pod["volumes"].elements.removeLast()
        given["spec"]["template"]["spec"] = pod
        #expect(given == daemonSet)
    }
}
