import RunLogic
import System
import Testing
@testable import Orchestrator

/// Runs `body` with a cluster that a kubeconfig file names, through a proxy of its own.
func withCluster<Value>(
    kubeconfig: String, socketIn directory: String, namespace: String = "default",
    _ body: (Cluster) async throws -> Value
) async throws -> Value {
    let folder = try WorkDirectory(environment: ["TMPDIR": directory])
    defer { folder.remove() }
    let kubectl = Kubectl(options: ["--kubeconfig=\(kubeconfig)"])
    let proxy = Proxy(kubectl, serverHasPath: false, in: folder, tell: { _ in })
    let curl = Curl(socket: proxy.socket, userAgent: "test")
    let identity = RunIdentity(name: "task", value: "task")
    let cluster = Cluster(
        api: API(curl: curl, proxy: proxy, limits: Limits()), namespace: namespace, identity: identity)
    do {
        let value = try await body(cluster)
        await cluster.disconnect()
        return value
    } catch {
        await cluster.disconnect()
        throw error
    }
}

/// Tests' support has another of this name.
typealias CallError = SystemError
