extension Run {
    /// What is known of a run when it begins.
    public struct Plan: Sendable {
        /// One of the run's DaemonSets; there are several where its nodes have different architectures.
        public struct DaemonSet: Equatable, Sendable {
            public let name: String
            public let uid: String

            public init(name: String, uid: String) {
                self.name = name
                self.uid = uid
            }
        }

        public var task: TaskContainer
        /// In seconds: of the run, or of each node where they take turns.
        public var timeout: Seconds
        public var daemonSets: [DaemonSet]
        /// When more than may fail have, those at work are stopped, too.
        public var failFast = false
        /// When more than these have failed, or with a pace were not reached, no further node is started, and where all
        /// were started at once they are stopped; nil where all may fail.
        public var budget: Share?
        /// How many nodes are started at once; nil where all are.
        public var pace: Pace?
        /// The tasks seal their results: a node is done when its result is proved.
        public var isSealed = false
        /// Its pods use their nodes' own network.
        public var usesHostNetwork = false
        /// The cluster warned that its pods violate the namespace's Pod Security level.
        public var violatesPodSecurity = false
        /// Fetch the logs of failed nodes too, and of those whose tasks go on when their time, or the run, ends.
        public var keepsEveryLog = false
        /// The user may list nodes, as far as is known; where not, it was told.
        public var mayListNodes = true
        /// The nodes that the user named: one without a pod fails the run.
        public var named: [String] = []
        /// Nodes that can't take part, by name, and why: they fail the run.
        public var unmet: [String: String] = [:]
        /// The container that needs the agent's image, and that image; nil where the manifest is the user's own.
        public var agent: (container: String, image: String)?
        /// Any image would do, since it only holds the agent's place.
        public var mayReplaceImage = false
        /// What to do where no node can get that image.
        public var agentAdvice = "build it and push it to where the nodes find it, or name it with --agent-image"
        /// Where to look when no node is meant, as in "look at the node selector in FILE".
        public var selection = "look at the node selector, the affinity and the tolerations in the manifest"
        public var limits = Limits()
        /// When the look at somebody else's run begins, in seconds since the run began, which changes nothing; nil where
        /// the run is this one's.
        public var lookBegins: Seconds?

        public init(task: TaskContainer, timeout: Seconds, daemonSets: [DaemonSet]) {
            self.task = task
            self.timeout = timeout
            self.daemonSets = daemonSets
        }

        /// Pods that have not started are to be followed too: an init container runs in such a pod, and those that wait
        /// for their turn are such.
        public var followsPending: Bool { task.isInitContainer || pace != nil }

        var onlyLooks: Bool { lookBegins != nil }
    }
}
