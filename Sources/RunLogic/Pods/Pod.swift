/// The slice of a Kubernetes Pod from which a run learns what became of its node.
///
/// The names are those of the API (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/);
/// what is not read here is not decoded.
public struct Pod: Decodable, Equatable, Sendable {
    public var metadata: Metadata
    public var spec = Spec()
    public var status = Status()

    public struct Metadata: Decodable, Equatable, Sendable {
        public var name: String
        public var uid: String
        /// Grows with each change of the pod (https://kubernetes.io/docs/reference/using-api/api-concepts).
        public var resourceVersion: String?
        /// Set while the pod is being deleted.
        public var deletionTimestamp: String?
    }

    public struct Spec: Decodable, Equatable, Sendable {
        /// The node that runs the pod, once the scheduler has decided.
        public var nodeName: String?
        public var affinity: Affinity?
        public var schedulingGates: [SchedulingGate]?
        public var initContainers: [InitContainer]?
    }

    public struct InitContainer: Decodable, Equatable, Sendable {
        public var name: String
        /// `Always` of one that goes on beside the others, which start when it has.
        public var restartPolicy: String?
    }

    public struct SchedulingGate: Decodable, Equatable, Sendable {
        /// The gate that holds a pod back until it is its node's turn.
        public static let turn = "run-once/turn"

        public var name: String
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
    }

    public struct Condition: Decodable, Equatable, Sendable {
        public var type: String
        public var status: String
        public var reason: String?
        public var message: String?
        /// Since when it is so.
        public var lastTransitionTime: String?
    }

    public struct ContainerStatus: Decodable, Equatable, Sendable {
        public var name: String
        public var ready = false
        /// Those after it may start, where it is one that goes on beside them.
        public var started: Bool?
        public var restartCount = 0
        public var state: ContainerState?
        /// How the container before this one ended.
        public var lastState: ContainerState?
        /// Empty until there is one.
        public var containerID: String?
    }

    public struct ContainerState: Decodable, Equatable, Sendable {
        public var waiting: Waiting?
        public var running: Running?
        public var terminated: Terminated?
    }

    public struct Waiting: Decodable, Equatable, Sendable {
        public var reason: String?
        public var message: String?
    }

    public struct Running: Decodable, Equatable, Sendable {
        public var startedAt: String?
    }

    public struct Terminated: Decodable, Equatable, Sendable {
        public var exitCode: Int
        public var reason: String?
        public var message: String?
        public var startedAt: String?
    }
}

extension Pod.Spec {
    private enum Key: CodingKey {
        case nodeName, affinity, schedulingGates, initContainers
    }

    /// The affinity says nothing once the node is known, and of thousands of pods it is much to decode.
    public init(from decoder: any Decoder) throws {
        let spec = try decoder.container(keyedBy: Key.self)
        nodeName = try spec.decodeIfPresent(String.self, forKey: .nodeName)
        affinity = nodeName == nil ? try spec.decodeIfPresent(Pod.Affinity.self, forKey: .affinity) : nil
        schedulingGates = try spec.decodeIfPresent([Pod.SchedulingGate].self, forKey: .schedulingGates)
        initContainers = try spec.decodeIfPresent([Pod.InitContainer].self, forKey: .initContainers)
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

    /// Which of its versions it is.
    var version: UInt64? { metadata.resourceVersion.flatMap { UInt64($0) } }

    public var isBeingDeleted: Bool { metadata.deletionTimestamp != nil }

    /// Whether it has the gate that a run takes away.
    var isHeldBack: Bool { spec.schedulingGates?.contains { $0.name == SchedulingGate.turn } == true }

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
