import EmbeddedAgents
import RunLogic

/// What a run takes to its nodes besides its DaemonSet.
struct Provisions: Sendable {
    var agent: CarriedAgent?
    var input: Input?

    /// The DaemonSets that the manifests become, with what their pods need of these.
    ///
    /// - Parameter task: the container that holds it.
    func given(to manifests: [JSON], task: String, by run: RunIdentity) -> [JSON] {
        let daemonSets = (agent?.divided(manifests) ?? manifests).map { CarriedAgent.given(to: $0, by: run) }
        return input == nil ? daemonSets : daemonSets.map { Input.given(to: $0, task: task, by: run) }
    }

    /// Why nodes that no agent is for do not take part, by name.
    var withoutAgent: [String: String] { agent?.withoutAgent ?? [:] }

    /// What is to be created, and what takes it, for the user.
    ///
    /// - Parameter owner: the uid of the run's Job.
    func objects(of run: RunIdentity, owner: String?) -> [(parcel: Parcel, object: JSON, need: String)] {
        var objects: [(parcel: Parcel, object: JSON, need: String)] = []
        if let agent {
            let need = "the agent goes to the nodes in a ConfigMap, or with --agent-image in an image"
            objects.append((.agent, agent.configMap(of: run, owner: owner), need))
        }
        if let input { objects.append((.input, input.secret(of: run, owner: owner), "-i/--stdin takes a Secret")) }
        return objects
    }
}

extension Request {
    /// The agents for the nodes that the manifests select; nil where they expect none.
    ///
    /// - Throws: `Refusal.usage` where this program has none for any of them; `Refusal.cluster` where no answer comes.
    func agent(for manifests: [JSON], in cluster: Cluster) async throws(Refusal) -> CarriedAgent? {
        let expecting = manifests.filter(CarriedAgent.isExpected)
        guard let manifest = expecting.first else {
            guard architecture == nil else {
                throw .usage(
                    """
                    --arch is for the agent that this program carries: leave it out, or what names an image of the \
                    agent (-f, --agent-image, $RUN_ONCE_AGENT_IMAGE)
                    """)
            }
            return nil
        }
        guard !EmbeddedAgents.architectures.isEmpty else {
            throw .usage(
                """
                \(source.name) takes the agent from this program, which was built without: build it with them, or \
                name an image that has it in the manifest
                """)
        }
        if manifests.count > 1 { return try await agents(asNamedBy: manifests, in: cluster) }
        let nodes = try await cluster.agentNodes(of: manifest)
        let found = nodes.map { Dictionary($0.map { ($0.architecture, $0.name) }) { first, _ in first } }
        let architectures = Architectures(found: found, carried: EmbeddedAgents.architectures)
        let named = architecture ?? manifest.architecture
        let chosen = try architectures.chosen(named: named)
        var agent = CarriedAgent(
            chosen.map { kind in
                let images = (nodes ?? []).filter { $0.architecture == kind }.map(\.images)
                return CarriedAgent.Kit(
                    architecture: kind, programs: EmbeddedAgents.programs(for: kind) ?? [:],
                    pauseImage: CarriedAgent.carrier(of: images) ?? CarriedAgent.pauseImage)
            })
        if nodes == nil, named == nil { agent.assumed = chosen[0] }
        if architectures.areSomeWithoutAgent {
            let others = Architectures.others(than: architectures.carried)
            for name in try await cluster.nodes(of: manifest, and: others) ?? [] {
                agent.withoutAgent[name] = architectures.whyNot
            }
        }
        return agent.asStarted(by: manifests)
    }

    /// The agents for manifests that say themselves which nodes they are for. The run has other nodes, too, where these
    /// are selected but for their architecture.
    private func agents(asNamedBy manifests: [JSON], in cluster: Cluster) async throws(Refusal) -> CarriedAgent {
        guard architecture == nil else {
            throw .usage("--arch: each DaemonSet in \(source.name) says of which nodes it is: leave it out")
        }
        let architectures = Architectures(found: nil, carried: EmbeddedAgents.architectures)
        let kinds = manifests.filter(CarriedAgent.isExpected).compactMap(\.architecture)
        for kind in kinds { try architectures.checkCarried(kind) }
        var agent = CarriedAgent(
            kinds.map { CarriedAgent.Kit(architecture: $0, programs: EmbeddedAgents.programs(for: $0) ?? [:]) })
        var forAll = manifests[0]
        forAll.podSpec["nodeSelector"][Architectures.label] = .null
        // Who may not list nodes does not learn of others.
        guard try await cluster.agentNodes(of: forAll) != nil else { return agent.asStarted(by: manifests) }
        let others = Architectures.others(than: manifests.compactMap(\.architecture))
        for name in try await cluster.nodes(of: forAll, and: others) ?? [] {
            agent.withoutAgent[name] = architectures.whyNot
        }
        return agent.asStarted(by: manifests)
    }
}
