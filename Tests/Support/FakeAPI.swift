import Foundation
import Synchronization
import Testing

/// A Kubernetes API server that kubectl and curl take for a real one, with no cluster behind it.
///
/// `Tests/FakeAPI/apiserver` says what it can do. It ends with the test.
public struct FakeAPI: Sendable {
    /// A folder for the test's files.
    public let directory: String
    /// The server that the kubeconfig file names.
    public let server: String
    /// Where it takes what the test wants.
    fileprivate let control: UInt16
    /// How programs reach it.
    fileprivate let way: Way

    /// The kubeconfig file.
    public var kubeconfig: String { directory + "/kubeconfig" }

    /// What has kubectl use this server, and leave no file elsewhere.
    ///
    /// On one processor, and collecting no garbage, a short kubectl takes a third less CPU time; and a curl a tenth, whose
    /// libraries for TLS, which nobody speaks here, are not made ready.
    public var environment: [String: String] {
        [
            "KUBECONFIG": kubeconfig, "HOME": directory + "/home", "GOMAXPROCS": "1", "GOGC": "400",
            "OPENSSL_CONF": "/dev/null", "GNUTLS_NO_IMPLICIT_INIT": "1",
        ]
    }

    // MARK: What the test has it do

    /// Has nodes join, or change.
    public func join(_ nodes: Node...) async throws { try await tell("nodes", nodes) }

    /// Has a node removed, and its pods with it.
    public func remove(node: String) async throws { try await request("DELETE", "nodes/\(node)") }

    /// Has this become of the pods that are there now.
    ///
    /// - Parameters:
    ///   - node: where they are; on all unless given.
    ///   - daemonSet: whose pods; all unless given.
    public func play(_ steps: Step..., on node: String? = nil, daemonSet: String? = nil) async throws {
        struct Play: Encodable { let node: String?, steps: [Step], daemonset: String? }
        try await tell("steps", Play(node: node, steps: steps, daemonset: daemonSet))
    }

    /// Changes settings.
    public func set(_ settings: Settings) async throws { try await tell("settings", settings) }

    /// Has something go wrong from now on, with the requests that fit.
    ///
    /// - Parameters:
    ///   - verb: `create`, `get`, `list`, `watch`, `patch`, `delete`, `deletecollection`, `log` or `exec`.
    ///   - resource: such as `pods`, or a whole path where it is none: `/version`.
    ///   - node: of the pod that the request names.
    ///   - name: of the object; also of one that is to be created.
    ///   - dryRun: whether it asks for a dry run; both unless given.
    ///   - times: how often; always unless given.
    public func fail(
        _ effect: Fault, verb: String? = nil, resource: String? = nil, node: String? = nil, name: String? = nil,
        dryRun: Bool? = nil, times: Int? = nil
    ) async throws {
        var fault = effect
        (fault.verb, fault.resource, fault.node, fault.name) = (verb, resource, node, name)
        (fault.dryRun, fault.times) = (dryRun, times)
        if fault.breaksConnections { way.needsKubectlProxy() }
        try await tell("faults", fault)
    }

    /// Ends all that goes wrong.
    public func recover() async throws { try await request("DELETE", "faults") }

    /// Has nobody reach the server, and cuts all connections; or ends that.
    public func outage(_ on: Bool) async throws {
        way.needsKubectlProxy()
        try await tell("outage", ["on": on])
    }

    // MARK: What the test asks

    /// All that it was asked, in order.
    public var requests: [Request] {
        get async throws { try await JSONDecoder().decode([Request].self, from: request("GET", "requests")) }
    }

    /// The requests with this method, and with this at the end of their path.
    public func requests(_ method: String, _ pathEnd: String) async throws -> [Request] {
        try await requests.filter { $0.method == method && $0.path.hasSuffix(pathEnd) }
    }

    /// The names of the objects that are there, sorted.
    public func names(of resource: String, namespace: String = "default") async throws -> [String] {
        struct List: Decodable {
            struct Item: Decodable { let metadata: Metadata }
            struct Metadata: Decodable { let name: String }
            let items: [Item]
        }
        let group = ["daemonsets": "apis/apps", "jobs": "apis/batch"][resource] ?? "api"
        let list = try await request("GET", "\(group)/v1/namespaces/\(namespace)/\(resource)")
        return try JSONDecoder().decode(List.self, from: list).items.map(\.metadata.name).sorted()
    }

    /// Sends a request to the API that meets no fault, and leaves no trace in `requests`.
    ///
    /// - Parameters:
    ///   - path: such as `api/v1/namespaces/default/pods`.
    ///   - type: of the body; a patch has another.
    /// - Returns: the answer's body.
    /// - Throws: where the answer is an error.
    @discardableResult public func request(
        _ method: String, _ path: String, _ body: Data = Data(), type: String = "application/json"
    ) async throws -> Data {
        let answer = try await answer(fromPort: control, to: method, path, body, type: type)
        guard (200..<300).contains(answer.status) else {
            throw Unanswered(description: "\(path): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return answer.body
    }

    private struct Unanswered: Error, CustomStringConvertible { let description: String }

    fileprivate func tell(_ path: String, _ value: some Encodable) async throws {
        try await request("POST", path, JSONEncoder().encode(value))
    }
}

/// Runs `body` with an API server of its own.
///
/// - Parameters:
///   - nodes: that are there from the beginning.
///   - settings: that differ from the server's own.
///   - proxied: whether programs always come through the real `kubectl proxy`: what becomes of a connection that breaks
///     is its doing.
public func withFakeAPI<Result>(
    nodes: [FakeAPI.Node] = [], settings: FakeAPI.Settings = .init(), proxied: Bool = false,
    _ body: (FakeAPI) async throws -> Result
) async throws -> Result {
    try await Turns.take {
        try await withTemporaryDirectory { directory in
            let (server, ports) = try await Servers.all.start()
            // The server ends with this connection.
            defer { withExtendedLifetime(server) {} }
            try FileManager.default.createDirectory(atPath: directory + "/home", withIntermediateDirectories: false)
            let api = FakeAPI(
                directory: directory, server: "http://127.0.0.1:\(ports[0])\(settings.prefix ?? "")", control: ports[1],
                way: FakeAPI.Way(isProxied: proxied || settings.prefix != nil))
            try api.kubeconfigText.write(toFile: api.kubeconfig, atomically: true, encoding: .utf8)
            try await api.tell("start", FakeAPI.Start(settings: settings, nodes: nodes, socket: api.socket))
            return try await body(api)
        }
    }
}

extension FakeAPI {
    /// Whether programs come through the real `kubectl proxy`, which takes as much of a processor as all else that a
    /// short run does, or through a socket of the server's own.
    fileprivate final class Way: Sendable {
        private enum Choice { case undecided, direct, proxied }

        private let choice: Mutex<Choice>

        init(isProxied: Bool) {
            choice = Mutex(isProxied ? .proxied : .undecided)
        }

        /// Connections are to break.
        func needsKubectlProxy() {
            let isTooLate = choice.withLock { choice in
                if choice == .undecided { choice = .proxied }
                return choice == .direct
            }
            if isTooLate { Issue.record("a test that breaks connections needs withFakeAPI(proxied: true)") }
        }

        /// - Returns: whether no connection is to break that far.
        func goesDirectly() -> Bool {
            choice.withLock { choice in
                if choice == .undecided { choice = .direct }
                return choice == .direct
            }
        }
    }

    /// Where the server can be reached without a `kubectl proxy`.
    fileprivate var socket: String { directory + "/socket" }

    /// The same, nil where the test needs the proxy.
    public func directSocket() -> String? { way.goesDirectly() ? socket : nil }

    fileprivate struct Start: Encodable { let settings: Settings, nodes: [Node], socket: String }
}

/// Starts the servers: a process that all tests share makes one for each, since Python takes long to start.
private actor Servers {
    static let all = Servers()

    /// The process, the pipe with which it ends, at the latest when this process does, and its port.
    private var maker: Task<(Running, FIFO, UInt16), any Error>?

    /// - Returns: the connection with which the new server ends, and the server's ports.
    func start() async throws -> (Connection, [UInt16]) {
        let maker = maker ?? Task { try await Servers.makeMaker() }
        self.maker = maker
        let (process, _, port) = try await maker.value
        let connection = try Connection(toPort: port)
        var text = Data()
        try await eventually("the API server listens") {
            let isOpen = try connection.receive(into: &text)
            return text.last == UInt8(ascii: "\n") || !isOpen
        }
        let ports = Servers.numbers(in: String(decoding: text, as: UTF8.self))
        guard ports.count == 2 else { throw SystemError("\(Servers.program): \(process.stderr)", 0) }
        return (connection, ports)
    }

    private static func makeMaker() async throws -> (Running, FIFO, UInt16) {
        try await withTemporaryDirectory { directory in
            let life = try FIFO(directory + "/life")
            let process = try Running(
                shell(#"exec "$1" -SE "$2" --many <"$3""#, [python, program, life.path]))
            try await eventually("API servers can be made") { process.text.hasSuffix("\n") || !process.isRunning }
            guard let port = numbers(in: process.text).first else {
                throw SystemError("\(program): \(process.stderr)", 0)
            }
            return (process, life, port)
        }
    }

    private static func numbers(in text: String) -> [UInt16] {
        text.split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
    }

    private static let program = repositoryRoot + "/Tests/FakeAPI/apiserver"

    /// The system's own where it is there: what manages versions of Python may stand before it, and takes longer to start.
    private static let python = exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3"
}

extension FakeAPI {
    /// What is in the kubeconfig file at the beginning.
    public var kubeconfigText: String {
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: fake, cluster: {server: "\(server)"}}]
        users: [{name: me, user: {}}]
        contexts: [{name: fake, context: {cluster: fake, user: me}}]
        current-context: fake

        """
    }

    /// A node of the cluster.
    public struct Node: Encodable, ExpressibleByStringLiteral, Sendable {
        var name: String
        var labels: [String: String]?
        var ready: Bool?
        var message: String?
        var images: [[String]]?
        var pods: [[Step]]?

        /// - Parameters:
        ///   - message: what it says of why it is not ready.
        ///   - images: that it has, each with its names.
        ///   - steps: what becomes of the first pod on the node, and of later ones unless `then` is given.
        ///   - then: what becomes of the pods after the first.
        public init(
            _ name: String, labels: [String: String]? = nil, isReady: Bool? = nil, message: String? = nil,
            images: [[String]]? = nil,
            _ steps: Step..., then later: [Step]? = nil
        ) {
            self.name = name
            self.labels = labels
            self.message = message
            self.images = images
            ready = isReady
            pods = steps.isEmpty && later == nil ? nil : [steps] + (later.map { [$0] } ?? [])
        }

        public init(stringLiteral name: String) { self.init(name) }
    }

    /// What becomes of a pod.
    public struct Step: Encodable, Sendable {
        var state: String
        var after: Double?
        var container: String?
        var log64: Data?
        var begins: Int?
        var exitCode: Int?
        var reason: String?
        var message: String?
        var restarted: Bool?
        var seal: Seal?
        var lines: Int?
        var every: Double?

        /// The task has started.
        public static var running: Step { Step(state: "running") }

        /// The task is done, and this is its log.
        public static func done(_ log: String = "") -> Step { done(Data(log.utf8)) }

        public static func done(_ log: Data) -> Step { Step(state: "done", log64: log) }

        /// The log is this, and nothing else changes.
        public static func writes(_ log: String) -> Step { Step(state: "log", log64: Data(log.utf8)) }

        /// The task writes so many lines, each with its number and the time, and is done then.
        public static func writes(lines: Int, every seconds: Double) -> Step {
            Step(state: "log", lines: lines, every: seconds)
        }

        /// The task's container ended, and was restarted, unless `restarted` says otherwise.
        ///
        /// - Parameters:
        ///   - reason: `Error` unless given, or `Completed` where the exit code is 0.
        ///   - log: of the container that ended; what was there unless given.
        public static func failed(
            _ exitCode: Int, _ message: String? = nil, reason: String? = nil, log: String? = nil, restarted: Bool = true
        ) -> Step {
            Step(
                state: "failed", log64: log.map { Data($0.utf8) }, exitCode: exitCode, reason: reason, message: message,
                restarted: restarted)
        }

        /// A container can't run.
        ///
        /// - Parameter container: the first unless given.
        public static func waiting(_ reason: String, _ message: String? = nil, container: String? = nil) -> Step {
            Step(state: "waiting", container: container, reason: reason, message: message)
        }

        /// The pod failed as a whole, while it ran.
        public static func evicted(_ message: String? = nil) -> Step { Step(state: "evicted", message: message) }

        /// The node did not take the pod.
        public static func rejected(_ reason: String, _ message: String? = nil) -> Step {
            Step(state: "rejected", reason: reason, message: message)
        }

        /// Somebody deletes the pod.
        public static var deleted: Step { Step(state: "deleted") }

        /// The same, and an agent seals what the log is given as: that is what the task wrote.
        public func sealed(_ seal: Seal = .init()) -> Step {
            var step = self
            step.seal = seal
            return step
        }

        /// The same, and the log's first line is of so many seconds later.
        public func begins(after seconds: Int) -> Step {
            var step = self
            step.begins = seconds
            return step
        }

        /// The same some time after the step before.
        public func after(seconds: Double) -> Step {
            var step = self
            step.after = seconds
            return step
        }

        /// The same for another container than the first.
        public func of(_ container: String) -> Step {
            var step = self
            step.container = container
            return step
        }
    }

    /// What an agent keeps of a result, and what becomes of it in the log: `Tests/FakeAPI/results.py` explains it.
    public struct Seal: Encodable, Sendable {
        public var exitStatus, kept, passes: Int?
        public var says: String?
        public var unsealed, corrupt: Bool?

        public init(_ change: (inout Seal) -> Void = { _ in }) { change(&self) }
    }

    /// Settings that differ from the server's own, which it explains.
    public struct Settings: Encodable, Sendable {
        public var namespaces: [String]?
        public var prefix: String?
        public var controller: Controller?
        public var rejection: String?
        /// How many pods the controller says it wants; -1 for the truth.
        public var desired: Int?
        /// How long a pod takes to stop; -1 for ever.
        public var stopSeconds: Double?
        /// After how long the controller replaces a pod that failed.
        public var replaceSeconds: Double?
        public var version: String?
        /// Whether pods can wait for their turn.
        public var gates: Bool?
        /// What the user may do, as the rules of a Role; everything unless given.
        public var rights: [Rule]?
        /// By how much the server's clock is ahead of this machine's.
        public var clockSeconds: Double?
        /// By resource, what a policy makes of each that is created: a strategic merge patch.
        public var policies: [String: String]?

        public enum Controller: String, Encodable, Sendable { case works, sleeps, rejected }

        public init(_ change: (inout Settings) -> Void = { _ in }) { change(&self) }
    }

    /// A rule of a Role.
    public struct Rule: Codable, Sendable {
        public var apiGroups, resources, verbs: [String]

        public init(apiGroups: [String], resources: [String], verbs: [String]) {
            (self.apiGroups, self.resources, self.verbs) = (apiGroups, resources, verbs)
        }
    }

    /// What goes wrong with a request.
    public struct Fault: Encodable, Sendable {
        /// Whether a connection breaks, where an answer that is slow, or never comes, is the same by each way.
        fileprivate var breaksConnections: Bool {
            drop == true || late != nil || cut != nil
        }

        fileprivate var verb, resource, node, name: String?
        fileprivate var dryRun: Bool?
        fileprivate var times: Int?
        private var status: Int?
        private var reason, message, text, warning: String?
        private var drop, performed, hang, expired, stall: Bool?
        private var cut, bytesPerSecond: Int?
        private var garbled: Bool?
        private var late: Double?

        private init(_ change: (inout Fault) -> Void) { change(&self) }

        /// The answer is a `Status`, such as 403 and `Forbidden`.
        public static func refused(_ status: Int, _ reason: String, _ message: String) -> Fault {
            Fault { ($0.status, $0.reason, $0.message) = (status, reason, message) }
        }

        /// The answer is text, as that of a kubelet or a gateway.
        public static func text(_ status: Int, _ text: String) -> Fault {
            Fault { ($0.status, $0.text) = (status, text) }
        }

        /// The connection is cut without an answer: before it is done what was asked, or afterwards.
        public static func dropped(performed: Bool) -> Fault { Fault { ($0.drop, $0.performed) = (true, performed) } }

        /// The connection is cut without an answer, and it is done so many seconds later.
        public static func late(seconds: Double) -> Fault { Fault { $0.late = seconds } }

        /// No answer comes until `recover()`.
        public static var hanging: Fault { Fault { $0.hang = true } }

        /// An exec moves no more after so many bytes.
        public static func stalled(after count: Int) -> Fault { Fault { ($0.cut, $0.stall) = (count, true) } }

        /// A watch is cut in the middle of the event after so many, a log or an exec after so many bytes.
        public static func cut(after count: Int) -> Fault { Fault { $0.cut = count } }

        /// A log comes no faster.
        public static func slow(bytesPerSecond: Int) -> Fault { Fault { $0.bytesPerSecond = bytesPerSecond } }

        /// What a watch tells can't be read.
        public static var garbled: Fault { Fault { $0.garbled = true } }

        /// A watch says that its version is too old.
        public static var expired: Fault { Fault { $0.expired = true } }

        /// The answer comes with a warning.
        public static func warning(_ text: String) -> Fault { Fault { $0.warning = text } }
    }

    /// What the server was asked.
    public struct Request: Decodable, Sendable {
        public let method, path: String
        public let query, headers: [String: String]
        public let body: String

        public var userAgent: String { headers["User-Agent"] ?? "" }
    }
}
