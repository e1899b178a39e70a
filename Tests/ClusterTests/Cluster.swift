import Foundation
import Glibc
import TestSupport
import Testing

/// The cluster that the tests were told of: three nodes on this machine, which have the images.
enum Cluster {
    private static let environment = ProcessInfo.processInfo.environment
    private static let control = environment["RUN_ONCE_CLUSTER"] ?? ""

    static let isGiven = {
        // Once, for who runs the tests with --quiet: then no test tells that it is left out.
        if control.isEmpty { print("Left out: the tests that need a cluster, which .ci/run brings up") }
        return !control.isEmpty
    }()

    static let nodes = ["node-1", "node-2", "node-3"]

    static let directory = environment["CLUSTER_DIR"] ?? "/tmp/run-once-cluster"
    /// The kubeconfig file of a user with all rights.
    static let adminConfig = directory + "/admin.conf"
    /// The kubeconfig file of the user "viewer", who has no rights but those that a test gives.
    static let viewerConfig = directory + "/viewer.conf"

    /// Whether pods can wait for their turn: Kubernetes 1.27.
    static var knowsGates: Bool {
        get async throws {
            guard isGiven else { return false }
            return try await minorVersion >= 27
        }
    }

    /// Whether CronJobs are in `batch/v1`: Kubernetes 1.21.
    static var hasCronJobs: Bool {
        get async throws { try await minorVersion >= 21 }
    }

    /// The 20 of Kubernetes 1.20.
    private static var minorVersion: Int {
        get async throws {
            struct Version: Decodable { let minor: String }
            let version = try await kubectl("get", "--raw", "/version")
            let minor = try JSONDecoder().decode(Version.self, from: Data(version.utf8)).minor
            return Int(minor.prefix { $0.isNumber }) ?? 0
        }
    }

    /// The file that a node has as its /etc/hosts.
    static func hostsFile(of node: String) -> String {
        "\(directory)/nodes/\(node)/hosts"
    }

    /// A node's container runtime, which has a mount namespace of its own.
    static func runtime(of node: String) throws -> pid_t {
        let text = try String(contentsOfFile: "\(directory)/pid/containerd-\(node)", encoding: .utf8)
        return try #require(pid_t(text.trimmingCharacters(in: .newlines)))
    }

    /// Has the control command do something.
    ///
    /// - Returns: what it prints.
    @discardableResult static func control(_ arguments: String...) async throws -> String {
        // In a session of its own: what it starts is to outlive it.
        try await output(["setsid", "--wait", control] + arguments, timeout: .seconds(90))
    }

    /// Runs kubectl with all rights.
    ///
    /// - Returns: what it prints, without the newline at the end.
    @discardableResult static func kubectl(_ arguments: String...) async throws -> String {
        try await kubectl(arguments)
    }

    /// - Parameter program: which kubectl.
    @discardableResult static func kubectl(
        _ arguments: [String], program: String = "kubectl"
    ) async throws -> String {
        try await output([program, "--kubeconfig", adminConfig] + arguments, timeout: .seconds(90))
    }

    private static func output(_ command: [String], timeout: Duration) async throws -> String {
        let outcome = try await run(command, timeout: timeout)
        try #require(outcome.ending == .status(0), "\(command.joined(separator: " ")): \(outcome.stderr)")
        return outcome.text.trimmingCharacters(in: .newlines)
    }

    /// Waits until a node is ready, or until the cluster notices that it is not.
    static func wait(for node: String, toBeReady ready: Bool) async throws {
        try await kubectl(
            "wait", "node", node, "--for=condition=Ready=\(ready ? "True" : "Unknown")", "--timeout=60s")
    }

    /// Has a node's container runtime change the images that it has.
    static func images(of node: String, _ arguments: String...) async throws {
        let socket = "\(directory)/nodes/\(node)/containerd.sock"
        _ = try await output(["ctr", "-a", socket, "-n", "k8s.io", "images"] + arguments, timeout: .seconds(60))
    }

    /// Reboots a node: its processes are killed, its pods' too, what is in /run is gone, and it starts again.
    ///
    /// - Parameter whileOff: what is done before the containers are killed, when its kubelet can't tell of them any more.
    static func reboot(_ node: String, whileOff: () async throws -> Void) async throws {
        try await control("node-stop", node)
        try await whileOff()
        let folder = "\(directory)/nodes/\(node)"
        // The runtime first, which would tell later of what it saw. Of each shim all that descends from it.
        let script = """
            kill_all() { for child in $(pgrep -P "$1"); do kill_all "$child"; done; kill -9 "$1"; }
            kill -9 "$(cat "$2")"
            for shim in $(pgrep -f "[c]ontainerd-shim.* $1/containerd.sock"); do kill_all "$shim"; done
            rm -rf "$1"/state/*
            setsid unshare --mount --propagation private "$1/hosts.run" \\
                containerd --config "$1/containerd.toml" >>"$1/rebooted.log" 2>&1 </dev/null &
            echo $! >"$2"
            until ctr --address "$1/containerd.sock" version >/dev/null 2>&1; do sleep 0.2; done
            """
        _ = try await output(
            ["setsid", "--wait"] + shell(script, [folder, "\(directory)/pid/containerd-\(node)"]), timeout: .seconds(60)
        )
        try await control("node-start", node)
    }

    /// Runs `body`, which may stop these nodes, and then has them back.
    static func repairing<Result>(_ nodes: [String], _ body: () async throws -> Result) async throws -> Result {
        try await undoing(body) {
            for node in nodes {
                try await control("node-stop", node)
                try await control("node-start", node)
            }
            for node in nodes { try await wait(for: node, toBeReady: true) }
        }
    }

    /// Has one more node join while `body` runs.
    static func addingNode<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let node = try await addNode()
        return try await undoing({ try await body(node) }) {
            try await control("node-stop", node)
            try await kubectl("delete", "node", node, "--ignore-not-found")
        }
    }

    private static func addNode() async throws -> String {
        // A node that left keeps its directory and its container runtime, and can join again.
        let known = try await kubectl("get", "nodes", "-o", "name")
        let left = try names(in: directory + "/nodes").first { !known.contains("node/\($0)") }
        guard let left else { return try await control("node-add") }
        try await control("node-start", left)
        try await eventually("\(left) joins again", within: .seconds(60)) {
            try await kubectl("get", "nodes", "-o", "name").contains("node/\(left)")
        }
        return left
    }

    /// Runs `body` while the nodes have these hosts files.
    static func withHosts<Result>(
        _ hosts: [String: String], _ body: () async throws -> Result
    ) async throws -> Result {
        // Other processes of tests may be at work on this cluster: they take turns.
        let lock = open(directory + "/hosts.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        defer { close(lock) }
        try await eventually("no other test changes hosts files", within: .seconds(600)) {
            flock(lock, LOCK_EX | LOCK_NB) == 0
        }
        // They are mounted, so that they must not be replaced.
        let before = try hosts.map { node, _ in
            (file: hostsFile(of: node), bytes: try Data(contentsOf: URL(filePath: hostsFile(of: node))))
        }
        defer {
            for (file, bytes) in before {
                try? bytes.write(to: URL(filePath: file))
                chmod(file, 0o644)
            }
        }
        for (node, text) in hosts { try Data(text.utf8).write(to: URL(filePath: hostsFile(of: node))) }
        return try await body()
    }

    /// The process of a pod's container, which is one of this machine.
    static func process(_ program: String, of pod: String) throws -> pid_t? {
        try names(in: "/proc").compactMap(pid_t.init).first { pid in
            func variables(_ file: String) -> [Substring] {
                // The process may be gone by now.
                let bytes = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/\(file)"))
                return String(decoding: bytes ?? Data(), as: UTF8.self).split(separator: "\0")
            }
            return variables("cmdline").first.map(String.init) == program
                && !variables("cmdline").contains("--ready") && variables("environ").contains("HOSTNAME=\(pod)")
        }
    }
}

/// Runs `body` and then `undo`, also where `body` throws.
func undoing<Result>(
    _ body: () async throws -> Result, with undo: () async throws -> Void
) async throws -> Result {
    let result: Result
    do {
        result = try await body()
    } catch {
        do {
            try await undo()
        } catch let further {
            Issue.record(further)
        }
        throw error
    }
    try await undo()
    return result
}
