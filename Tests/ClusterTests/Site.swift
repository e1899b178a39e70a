import Foundation
import Glibc
import TestSupport
import Testing

/// Where a test runs the plugin or the script: a namespace of its own, and a directory that its tasks have as /test.
struct Site {
    let namespace: String
    let directory: String

    /// The kubeconfig file that is used.
    private(set) var kubeconfig = Cluster.adminConfig

    /// `RUN_ONCE_PLUGIN`, or the package's own build.
    private static let pluginPath =
        ProcessInfo.processInfo.environment["RUN_ONCE_PLUGIN"] ?? productsDirectory + "/kubectl-run_once"

    /// The command that runs the plugin in this namespace.
    func plugin(_ arguments: String...) -> [String] {
        [Site.pluginPath, "--namespace", namespace] + arguments
    }

    /// Runs a command line that the plugin told the user, in a shell where kubectl finds the plugin.
    func follow(_ advice: Substring, timeout: Duration = .seconds(180)) async throws -> Outcome {
        let folder = directory + "/bin"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if !exists(folder + "/kubectl-run_once") {
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/kubectl-run_once", withDestinationPath: Site.pluginPath)
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try await run(
            shell(String(advice)), environment: environment.merging(["PATH": "\(folder):\(path)"]) { $1 },
            timeout: timeout)
    }

    var environment: [String: String] {
        ["KUBECONFIG": kubeconfig, "TMPDIR": directory, "XDG_RUNTIME_DIR": ""]
    }

    /// Runs the plugin to its end.
    func runOnce(_ arguments: String..., timeout: Duration = .seconds(180)) async throws -> Outcome {
        try await run(plugin() + arguments, environment: environment, timeout: timeout)
    }

    /// Runs the plugin while `body` runs.
    func withRun<Result>(
        _ arguments: String..., body: (Running) async throws -> Result
    ) async throws -> Result {
        try await withProcess(plugin() + arguments, environment: environment, body)
    }

    /// The command that runs the script in this namespace.
    func script(_ arguments: String...) -> [String] {
        [repositoryRoot + "/run-once-daemonset.sh", "-n", namespace] + arguments
    }

    /// Writes the manifest of a DaemonSet that runs a task of its own, without an agent.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - task: a shell script, which knows its node as $NODE and has the site's directory at /test.
    ///   - ignoringSignals: the pod ignores being told to stop, for up to half a minute.
    ///   - image: what the task runs in.
    ///   - cpu: how much of a processor its pod asks for.
    ///   - hostPath: a file that must be there on the node.
    /// - Returns: the path of the manifest.
    func manifest(
        _ name: String = "task", task: String = "echo $NODE", ignoringSignals: Bool = false,
        image: String = "busybox:stable", cpu: String = "1m", hostPath: String = "/etc/hosts"
    ) throws -> String {
        // It does what is expected of any run-once DaemonSet: the task runs once, also where the container is
        // restarted, and the pod becomes Ready when the task is done and the output is closed.
        let script = """
            trap \(ignoringSignals ? "''" : "exit") TERM
            block() { while :; do sleep 2147483647 & wait; done; }
            if ! mkdir /run/started; then
                echo not run again
                block
            fi
            echo $NODE >>/test/\(name).started
            \(task)
            exec >&- 2>&-
            touch /run/done
            block
            """
        try write(script, to: "\(name).sh")
        return try write(
            """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata:
              name: \(name)
            spec:
              selector: {matchLabels: {task: \(name)}}
              template:
                metadata: {labels: {task: \(name)}}
                spec:
                  automountServiceAccountToken: false
                  enableServiceLinks: false
                  terminationGracePeriodSeconds: \(ignoringSignals ? 30 : 1)
                  tolerations: [{operator: Exists}]
                  containers:
                    - name: task
                      image: \(image)
                      imagePullPolicy: IfNotPresent
                      command: [sh, /test/\(name).sh]
                      env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
                      readinessProbe: {exec: {command: [test, -e, /run/done]}, periodSeconds: 1}
                      resources: {requests: {cpu: \(cpu)}}
                      terminationMessagePolicy: FallbackToLogsOnError
                      volumeMounts:
                        - {name: test, mountPath: /test}
                        - {name: file, mountPath: /file}
                        - {name: run, mountPath: /run}
                  volumes:
                    - {name: test, hostPath: {path: "\(directory)", type: Directory}}
                    - {name: file, hostPath: {path: \(hostPath), type: File}}
                    - {name: run, emptyDir: {}}
            """, to: "\(name).yaml")
    }

    /// Replaces a part of a manifest.
    ///
    /// - Returns: the path of the new manifest.
    func edit(_ manifest: String, _ part: String, _ replacement: String) throws -> String {
        let text = try String(contentsOfFile: manifest, encoding: .utf8)
        try #require(text.contains(part))
        let name = "\((manifest as NSString).lastPathComponent).\(UInt32.random(in: 0...UInt32.max)).yaml"
        return try write(text.replacing(part, with: replacement), to: name)
    }

    /// Creates a file in the site's directory.
    ///
    /// - Returns: its path.
    @discardableResult func write(_ text: String, to name: String) throws -> String {
        let path = directory + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data((text + "\n").utf8).write(to: URL(filePath: path))
        return path
    }

    /// The nodes on which the task of this DaemonSet was started, sorted; twice where it was started twice.
    func starts(of name: String = "task") -> [String] {
        let list = try? String(contentsOfFile: "\(directory)/\(name).started", encoding: .utf8)
        return (list ?? "").split(separator: "\n").map(String.init).sorted()
    }

    /// Opens the gate at which tasks wait with `Site.wait`.
    func open(_ gate: String) throws {
        try write("", to: gate)
    }

    /// The shell command with which a task waits until the gate of this name is open.
    static func wait(_ gate: String) -> String {
        "until [ -e /test/\(gate) ]; do sleep 0.2; done"
    }

    /// Runs kubectl in this namespace, with all rights.
    @discardableResult func kubectl(_ arguments: String...) async throws -> String {
        try await Cluster.kubectl(["--namespace", namespace] + arguments)
    }

    /// This site, where the user "viewer" runs what is run.
    var asViewer: Site {
        var site = self
        site.kubeconfig = Cluster.viewerConfig
        return site
    }

    /// Gives the user "viewer" rights in this namespace.
    ///
    /// - Parameters:
    ///   - name: of the role.
    ///   - rules: of the role, in YAML.
    func allowViewer(_ name: String, to rules: String) async throws {
        let role = try write(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: \(name)}
            rules:
            \(rules)
            """, to: "role.\(name).yaml")
        try await kubectl("create", "-f", role)
        try await kubectl("create", "rolebinding", name, "--role=\(name)", "--user=viewer")
    }

    /// What `get` says of all Jobs, DaemonSets and pods that are here, with kubectl's JSONPath.
    func objects(_ path: String) async throws -> String {
        try await kubectl("get", "jobs,daemonsets,pods", "-o", "jsonpath=\(path)")
    }

    /// The pod on a node.
    func pod(on node: String) async throws -> String {
        let pods = try await kubectl("get", "pods", "--field-selector=spec.nodeName=\(node)", "-o", "name")
        try #require(pods.hasPrefix("pod/") && !pods.contains("\n"))
        return String(pods.dropFirst(4))
    }

    /// What `get` says of a pod, with kubectl's JSONPath.
    func pod(_ pod: String, _ path: String) async throws -> String {
        try await kubectl("get", "pod", pod, "-o", "jsonpath=\(path)")
    }

    /// Expects that a run has left nothing behind, neither on the cluster nor on this machine.
    func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await expectNoObjectLeft(sourceLocation: sourceLocation)
        let parcels = try await kubectl("get", "secrets,configmaps", "-l", "run-once-daemonset/run", "-o", "name")
        #expect(parcels == "", sourceLocation: sourceLocation)
        let files = try names(in: directory).filter { $0.hasPrefix("run-once") }
        #expect(files == [], sourceLocation: sourceLocation)
    }

    /// Expects that each Job, DaemonSet and pod that is still here is being deleted, and goes.
    func expectNoObjectLeft(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let list = #"{range .items[*]}{.kind}/{.metadata.name} {.metadata.deletionTimestamp}{"\n"}{end}"#
        // A kubelet of 1.20 lets go of a pod that has failed when it next collects containers, which it does once a
        // minute: the plugin waits for half a minute, and then tells which pods are still there.
        try await eventually("what is being deleted is gone", within: .seconds(120), sourceLocation: sourceLocation) {
            let left = try await objects(list).split(separator: "\n")
            let overlooked = left.filter { $0.hasSuffix(" ") }
            try #require(overlooked == [], "nobody deletes it", sourceLocation: sourceLocation)
            return left.isEmpty
        }
    }
}

/// Runs `body` with a new site, and then removes it with all that is left there.
func withSite<Result>(_ body: (Site) async throws -> Result) async throws -> Result {
    try await withTemporaryDirectory { directory in
        let suffix = UInt32.random(in: 0...UInt32.max)
        let site = Site(namespace: "run-once-test-\(String(suffix, radix: 36))", directory: directory)
        try await Cluster.kubectl("create", "namespace", site.namespace)
        return try await undoing({
            try await eventually("there is a service account for pods") {
                try await site.kubectl("get", "serviceaccounts", "-o", "name") == "serviceaccount/default"
            }
            return try await body(site)
        }) {
            try await Cluster.kubectl("delete", "namespace", site.namespace, "--wait=false")
        }
    }
}

extension Outcome {
    /// Expects this exit status, and shows what the command said where it is another.
    func expectStatus(_ status: Int32, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(ending == .status(status), "\(stderr)", sourceLocation: sourceLocation)
    }

    /// The lines of standard error that have this text in them.
    func lines(with text: String) -> [Substring] {
        stderr.split(separator: "\n").filter { $0.contains(text) }
    }
}

extension Running {
    /// Waits until it has said this on standard error.
    func says(
        _ text: String, within limit: Duration = .seconds(90), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await eventually("it says: \(text)", within: limit, sourceLocation: sourceLocation) {
            let said = stderr
            try #require(
                isRunning || said.contains(text), "it ended and said: \(said)", sourceLocation: sourceLocation)
            return said.contains(text)
        }
    }

    /// Waits for the end, and tells what it left behind.
    func outcome(
        within limit: Duration = .seconds(180), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let ending = try await end(within: limit, sourceLocation: sourceLocation)
        return Outcome(ending: ending, stdout: stdout, stderr: stderr)
    }
}

/// What `DIR/summary.json` says.
struct Summary: Decodable, Equatable {
    struct Run: Decodable, Equatable {
        let name: String
        let namespace: String
        let started: String
        let seconds: Int
        let verdict: String
    }

    struct Node: Decodable, Equatable {
        let node: String
        let state: String
        let exitCode: Int?
        let reason: String
        let seconds: Int?
        let partial: Bool
    }

    let schema: Int
    let run: Run
    let nodes: [Node]

    init(in directory: String) throws {
        let file = URL(filePath: directory + "/summary.json")
        self = try JSONDecoder().decode(Summary.self, from: Data(contentsOf: file))
    }
}

/// What is in a file.
func contents(_ path: String) throws -> Data {
    try Data(contentsOf: URL(filePath: path))
}
