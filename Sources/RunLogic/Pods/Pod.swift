/// The slice of a Kubernetes Pod from which a run learns what became of its node.
///
/// The names are those of the API (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/);
/// what is not read here is not decoded.
public struct Pod: Decodable, Equatable, Sendable {
    public var metadata: Metadata
    public var spec: Spec
    public var status: Status

    public init(metadata: Metadata, spec: Spec = Spec(), status: Status = Status()) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    public struct Metadata: Decodable, Equatable, Sendable {
        public var name: String
        public var uid: String
        public var creationTimestamp: String?
        /// Set while the pod is being deleted.
        public var deletionTimestamp: String?

        public init(name: String, uid: String, creationTimestamp: String? = nil, deletionTimestamp: String? = nil) {
            self.name = name
            self.uid = uid
            self.creationTimestamp = creationTimestamp
            self.deletionTimestamp = deletionTimestamp
        }
    }

    public struct Spec: Decodable, Equatable, Sendable {
        /// The node that runs the pod, once the scheduler has decided.
        public var nodeName: String?
        public var affinity: Affinity?
        public var schedulingGates: [SchedulingGate]?

        public init(nodeName: String? = nil, affinity: Affinity? = nil, schedulingGates: [SchedulingGate]? = nil) {
            self.nodeName = nodeName
            self.affinity = affinity
            self.schedulingGates = schedulingGates
        }

        private enum Key: CodingKey {
            case nodeName, affinity, schedulingGates
        }

        /// The affinity says nothing once the node is known, and of thousands of pods it is much to decode.
        public init(from decoder: any Decoder) throws {
            let spec = try decoder.container(keyedBy: Key.self)
            nodeName = try spec.decodeIfPresent(String.self, forKey: .nodeName)
            affinity = nodeName == nil ? try spec.decodeIfPresent(Affinity.self, forKey: .affinity) : nil
            schedulingGates = try spec.decodeIfPresent([SchedulingGate].self, forKey: .schedulingGates)
        }
    }

    public struct SchedulingGate: Decodable, Equatable, Sendable {
        /// The gate that holds a pod back until it is its node's turn.
        public static let turn = "run-once/turn"

        public var name: String

        public init(name: String) {
            self.name = name
        }
    }

    /// A DaemonSet's controller names here the node that a pod is for, before it is scheduled.
    public struct Affinity: Decodable, Equatable, Sendable {
        public var nodeAffinity: NodeAffinity?

        public struct NodeAffinity: Decodable, Equatable, Sendable {
            public var requiredDuringSchedulingIgnoredDuringExecution: NodeSelector?
        }
        public struct NodeSelector: Decodable, Equatable, Sendable {
            public var nodeSelectorTerms: [Term]?
        }
        public struct Term: Decodable, Equatable, Sendable {
            public var matchFields: [Requirement]?
        }
        public struct Requirement: Decodable, Equatable, Sendable {
            public var key: String
            public var `operator`: String
            public var values: [String]?
        }
    }

    public struct Status: Decodable, Equatable, Sendable {
        public var phase: String?
        public var reason: String?
        public var message: String?
        public var conditions: [Condition]?
        public var initContainerStatuses: [ContainerStatus]?
        public var containerStatuses: [ContainerStatus]?

        public init(
            phase: String? = nil, reason: String? = nil, message: String? = nil, conditions: [Condition]? = nil,
            initContainerStatuses: [ContainerStatus]? = nil, containerStatuses: [ContainerStatus]? = nil
        ) {
            self.phase = phase
            self.reason = reason
            self.message = message
            self.conditions = conditions
            self.initContainerStatuses = initContainerStatuses
            self.containerStatuses = containerStatuses
        }
    }

    public struct Condition: Decodable, Equatable, Sendable {
        public var type: String
        public var status: String
        public var reason: String?
        public var message: String?
        /// Since when it is so.
        public var lastTransitionTime: String?

        public init(
            type: String, status: String, reason: String? = nil, message: String? = nil,
            lastTransitionTime: String? = nil
        ) {
            self.type = type
            self.status = status
            self.reason = reason
            self.message = message
            self.lastTransitionTime = lastTransitionTime
        }
    }

    public struct ContainerStatus: Decodable, Equatable, Sendable {
        public var name: String
        public var ready: Bool
        public var restartCount: Int
        public var state: ContainerState?
        /// How the container before this one ended.
        public var lastState: ContainerState?
        /// Empty until there is one.
        public var containerID: String?

        public init(
            name: String, ready: Bool = false, restartCount: Int = 0, state: ContainerState? = nil,
            lastState: ContainerState? = nil, containerID: String? = nil
        ) {
            self.name = name
            self.ready = ready
            self.restartCount = restartCount
            self.state = state
            self.lastState = lastState
            self.containerID = containerID
        }
    }

    public struct ContainerState: Decodable, Equatable, Sendable {
        public var waiting: Waiting?
        public var running: Running?
        public var terminated: Terminated?

        public init(waiting: Waiting? = nil, running: Running? = nil, terminated: Terminated? = nil) {
            self.waiting = waiting
            self.running = running
            self.terminated = terminated
        }
    }

    public struct Waiting: Decodable, Equatable, Sendable {
        public var reason: String?
        public var message: String?

        public init(reason: String? = nil, message: String? = nil) {
            self.reason = reason
            self.message = message
        }
    }

    public struct Running: Decodable, Equatable, Sendable {
        public init() {}
    }

    public struct Terminated: Decodable, Equatable, Sendable {
        public var exitCode: Int
        public var reason: String?
        public var message: String?
        public var startedAt: String?

        public init(exitCode: Int, reason: String? = nil, message: String? = nil, startedAt: String? = nil) {
            self.exitCode = exitCode
            self.reason = reason
            self.message = message
            self.startedAt = startedAt
        }
    }
}

extension Pod {
    /// The node that the pod runs on, or that it is meant for; nil where nobody said so yet.
    public var node: String? {
        if let name = spec.nodeName, !name.isEmpty { return name }
        let terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
        let field = terms?.first?.matchFields?.first { $0.key == "metadata.name" && $0.operator == "In" }
        return field?.values?.first
    }

    public var isBeingDeleted: Bool { metadata.deletionTimestamp != nil }

    /// Whether it has the gate that a run takes away.
    var isHeldBack: Bool { spec.schedulingGates?.contains { $0.name == SchedulingGate.turn } == true }

    /// When it got its node, as Kubernetes writes it; nil where it has none, or waits for its turn.
    var scheduled: String? {
        status.conditions?.first { $0.type == "PodScheduled" && $0.status == "True" }?.lastTransitionTime
    }

    /// What the pod says of a container, whichever kind of container it is.
    func status(of container: String) -> ContainerStatus? {
        status.containerStatuses?.first { $0.name == container }
            ?? status.initContainerStatuses?.first { $0.name == container }
    }

    /// What the pod says of all its containers, those that come first first.
    var allContainers: [ContainerStatus] {
        (status.initContainerStatuses ?? []) + (status.containerStatuses ?? [])
    }
}
