import Foundation
import Glibc
import TestSupport
import Testing

/// Nobody looks at a screen on which nothing says what is waited for.
extension PluginTests {
    @Test("A pull that takes long is told, with its image, and shown with the nodes that wait for it")
    func pull() async throws {
        try await withFakeAPI(nodes: ["a", .init("b", .done("hi\n"))]) { api in
            try await api.withPlugin(environment: limits(["late": 1, "ask": 1, "waitShown": 2])) { process in
                try await eventually("the pods are there") { try await api.names(of: "pods").count == 2 }
                let pods = try await api.request("GET", "api/v1/namespaces/default/pods")
                let items = JSON(try JSONSerialization.jsonObject(with: pods))["items"].list
                let pod = try #require(items.first { $0["spec"]["nodeName"].string == "a" })
                let event = """
                    {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "pull"}, "type": "Normal",
                    "reason": "Pulling", "message": "Pulling image \\"busybox:stable\\"",
                    "involvedObject": {"kind": "Pod", "uid": "\(pod["metadata"]["uid"])"}}
                    """
                try await api.request("POST", "api/v1/namespaces/default/events", Data(event.utf8))
                try await process.says("run-once: a: pulling image busybox:stable\n")
                try await process.says("1 of 2 nodes done, 1 starting: a (pulling image busybox:stable)\n")
                try await api.play(.done("hi\n"), on: "a")
                try await process.outcome().expectStatus(0)
            }
        }
    }

    @Test("Pods that take long to go are counted, with what Ctrl-C does; it does that at once")
    func leave() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: .init { $0.stopSeconds = -1 }) { api in
            try await api.withPlugin { process in
                try await process.says("run-once: deleting 1 pod; Ctrl-C leaves it\n")
                process.send(SIGINT)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                #expect(
                    outcome.lines.last
                        == "run-once: stopped; to remove what may be left:\n    kubectl run-once delete cat-etc-hosts")
                #expect(!outcome.stderr.contains("once more"))
            }
        }
    }
    @Test("A few deleted pods are watched until they go, and not looked for all the time")
    func watched() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: .init { $0.stopSeconds = 2 }) { api in
            try await api.plugin(environment: limits(["ask": 60])).expectStatus(0)
            let looks = try await api.requests.filter {
                $0.method == "GET" && $0.path.hasSuffix("/pods") && $0.headers["Accept"]?.contains("as=Table") == true
            }
            #expect((1...3).contains(looks.count))
        }
    }
}
