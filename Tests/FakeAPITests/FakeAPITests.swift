import Foundation
import Glibc
import TestSupport
import Testing

/// The real kubectl gets along with the API server that stands in for a cluster.
@Suite("The API server for tests", .enabled(if: !Kubectl.installed.isEmpty, "kubectl is not installed"))
struct FakeAPITests {
    private let manifest = repositoryRoot + "/daemonset.yaml"

    @Test(
        "A DaemonSet is created, its pods show what became of them, and all goes with it",
        arguments: Kubectl.installed)
    func life(kubectl: Kubectl) async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .running, .done("hi\n").after(seconds: 0.01)),
            .init("b", .failed(3, "no disk", log: "no disk\n")),
        ]
        try await withFakeAPI(nodes: nodes) { api in
            #expect(
                try await api.kubectl("create", "-f", manifest, by: kubectl).text
                    == "daemonset.apps/cat-etc-hosts created\n")
            let again = try await api.kubectl("create", "-f", manifest, by: kubectl)
            #expect(
                again.stderr.hasSuffix(
                    #"error when creating "\#(manifest)": daemonsets.apps "cat-etc-hosts" already exists"# + "\n"))

            let fields =
                #"{range .items[*]}{.spec.nodeName} {.status.conditions[?(@.type=="Ready")].status} "#
                + #"{.status.containerStatuses[0].restartCount} "#
                + #"{.status.containerStatuses[0].lastState.terminated.message}{"\n"}{end}"#
            try await eventually("both have ended") {
                let pods = try await api.kubectl("get", "pods", "-o", "jsonpath=\(fields)", by: kubectl).text
                return pods.split(separator: "\n").sorted() == ["a True 0 ", "b False 1 no disk"]
            }
            let pods = try await api.kubectl(
                "get", "pods", "--field-selector=spec.nodeName=b", "-l", "run-once-daemonset in (cat-etc-hosts)", "-o",
                "name", by: kubectl
            ).text
            let pod = String(pods.dropLast())
            #expect(try await api.kubectl("logs", pod, by: kubectl).text == "")
            #expect(try await api.kubectl("logs", pod, "--previous", by: kubectl).text == "no disk\n")
            #expect(try await api.kubectl("get", "nodes", "--no-headers", by: kubectl).text.contains("Ready"))

            #expect(try await api.kubectl("delete", "daemonset", "cat-etc-hosts", by: kubectl).ending == .status(0))
            try await eventually("the pods are gone") { try await api.names(of: "pods") == [] }
        }
    }

    @Test(
        "Pods have no field but those of a real cluster's",
        arguments: [
            ("pod-done", FakeAPI.Step.done()), ("pod-failed", .failed(3, "no disk")),
            ("pod-image-pull-back-off", .waiting("ImagePullBackOff", "Back-off")),
        ])
    func shape(recorded: String, step: FakeAPI.Step) async throws {
        let real = try fields(Data(contentsOf: URL(filePath: repositoryRoot + "/Tests/Recorded/1.36/\(recorded).json")))
        let state = real.filter { $0.contains("containerStatuses.state.") || $0.contains("lastState.terminated.") }
            .filter { !$0.hasSuffix("containerID") && !$0.hasPrefix("status.initContainer") }
        try await withFakeAPI(nodes: [.init("a", step)]) { api in
            _ = try await api.kubectl("create", "-f", repositoryRoot + "/Examples/any-command.yaml")
            try await eventually("the pod is there") { try await api.names(of: "pods").count == 1 }
            let pod = try await api.names(of: "pods")[0]
            try await eventually("it has the state that was recorded") {
                try await fields(api.request("GET", "api/v1/namespaces/default/pods/\(pod)")).isSuperset(of: state)
            }
            let ours = try await fields(api.request("GET", "api/v1/namespaces/default/pods/\(pod)"))
            #expect(ours.subtracting(real).filter { !$0.hasPrefix("spec") } == [])
        }
    }

    /// The paths of all fields of a JSON object, but for labels.
    private func fields(_ json: Data) throws -> Set<String> {
        var found: Set<String> = []
        func visit(_ value: Any, _ path: String) {
            found.insert(path)
            if path.hasSuffix("labels") { return }
            if let object = value as? [String: Any] {
                for (key, value) in object { visit(value, path.isEmpty ? key : path + "." + key) }
            }
            for value in value as? [Any] ?? [] { visit(value, path) }
        }
        try visit(JSONSerialization.jsonObject(with: json), "")
        return found
    }

    @Test("A watch streams what happens, and is cut where the test wants it", arguments: Kubectl.installed)
    func watch(kubectl: Kubectl) async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            _ = try await api.kubectl("create", "-f", manifest, by: kubectl)
            let command = [
                kubectl.directory + "/kubectl", "get", "pods", "--watch", "-o", #"jsonpath={.status.phase}{"\n"}"#,
            ]
            try await withProcess(command, environment: api.environment) { watch in
                try await eventually("the pod is there") { watch.text.hasSuffix("Pending\n") }
                try await api.play(.running, on: "a")
                try await eventually("it runs") { watch.text.hasSuffix("Running\n") }
                try await api.outage(true)
                _ = try await watch.end()
                #expect(try await api.kubectl("get", "pods", by: kubectl).stderr.contains("refused"))
                try await api.outage(false)
                #expect(
                    try await api.kubectl("get", "pods", "-o", "name", by: kubectl).text.hasPrefix("pod/cat-etc-hosts-")
                )
            }
        }
    }

    @Test("Refusals, warnings and a path before the API's own are those of a real server", arguments: Kubectl.installed)
    func faults(kubectl: Kubectl) async throws {
        try await withFakeAPI(nodes: ["a"], settings: .init { $0.prefix = "/k8s/clusters/c-1" }) { api in
            try await api.fail(
                .refused(403, "Forbidden", "pods is forbidden: no"), verb: "list", resource: "pods", times: 1)
            #expect(
                try await api.kubectl("get", "pods", by: kubectl).stderr
                    == "Error from server (Forbidden): pods is forbidden: no\n")
            try await api.fail(.warning(#"would "violate""#), verb: "create")
            let created = try await api.kubectl("create", "-f", manifest, by: kubectl)
            #expect(created.stderr == "Warning: would \"violate\"\n")
            let requests = try await api.requests(
                "POST", "/k8s/clusters/c-1/apis/apps/v1/namespaces/default/daemonsets")
            #expect(requests.count == 1)
            #expect(requests[0].body.contains("cat-etc-hosts"))
            #expect(requests[0].userAgent.hasPrefix("kubectl"))
        }
    }

    @Test("A pod with gates waits until strategic patches have taken the last one away by its name")
    func gates() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let gated = try manifest(with: "schedulingGates: [{name: one/a}, {name: two/b}]", in: api.directory)
            _ = try await api.kubectl("create", "-f", gated, "--validate=false")
            try await eventually("the pod is there") { try await api.names(of: "pods").count == 1 }
            let pod = try await api.names(of: "pods")[0]
            func without(_ gate: String) async throws -> String {
                let patch = #"{"spec":{"schedulingGates":[{"$patch":"delete","name":"\#(gate)"}]}}"#
                _ = try await api.kubectl("patch", "pod", pod, "--type=strategic", "-p", patch)
                return try await api.kubectl("get", "pod", pod, "-o", "jsonpath={.spec.schedulingGates[*].name}").text
            }
            #expect(try await without("two/b") == "one/a")
            #expect(try await without("two/b") == "one/a")
            func node() async throws -> String {
                try await api.kubectl("get", "pod", pod, "-o", "jsonpath={.spec.nodeName}").text
            }
            #expect(try await node() == "")
            #expect(try await without("one/a") == "")
            try await eventually("the pod is on its node") { try await node() == "a" }
        }
    }

    /// The main job's manifest with a line more in its pods' spec.
    private func manifest(with line: String, in directory: String) throws -> String {
        let text = try String(contentsOfFile: manifest, encoding: .utf8)
        let file = directory + "/gated.yaml"
        try text.replacing("      containers:", with: "      \(line)\n      containers:")
            .write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    @Test("An owner takes what it owns along; a node's pod that is deleted is made anew; a node leaves with its pod")
    func owners() async throws {
        try await withFakeAPI(nodes: ["a", "b"]) { api in
            let job = #"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"owner"},"spec":{"parallelism":0}}"#
            struct Object: Decodable { let metadata: Metadata }
            struct Metadata: Decodable { let uid: String }
            let answer = try await api.request("POST", "apis/batch/v1/namespaces/default/jobs", Data(job.utf8))
            let uid = try JSONDecoder().decode(Object.self, from: answer).metadata.uid
            _ = try await api.kubectl("create", "-f", manifest)
            let owner =
                #"{"metadata":{"ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"owner","#
                + #""uid":"\#(uid)"}]}}"#
            try await api.request(
                "PATCH", "apis/apps/v1/namespaces/default/daemonsets/cat-etc-hosts", Data(owner.utf8),
                type: "application/merge-patch+json")
            try await eventually("each node has a pod") { try await api.names(of: "pods").count == 2 }

            let pod = try await api.names(of: "pods")[0]
            try await api.request("DELETE", "api/v1/namespaces/default/pods/\(pod)")
            try await eventually("another pod takes its place") {
                let pods = try await api.names(of: "pods")
                return pods.count == 2 && !pods.contains(pod)
            }
            try await api.remove(node: "a")
            try await eventually("its pod is gone") { try await api.names(of: "pods").count == 1 }

            try await api.request("DELETE", "apis/batch/v1/namespaces/default/jobs/owner?propagationPolicy=Background")
            try await eventually("all is gone") {
                let left = try await (api.names(of: "daemonsets"), api.names(of: "pods"))
                return left.0.isEmpty && left.1.isEmpty
            }
        }
    }
}
