/// On which nodes the agent's image is missing, as long as none is known to have it.
struct AgentImage {
    var isThere = false
    var missing: Set<String> = []
    /// Since when it is missing on one of them.
    var since: Seconds = 0
}

/// An image that no node can get is the first thing that goes wrong on a new cluster: soon said, with the next step.
extension Run {
    mutating func noteAgentImage(_ pod: Pod, on name: String, _ isRemoved: Bool) {
        guard let agent = plan.agent, !agentImage.isThere else { return }
        let container = pod.status(of: agent.container)
        agentImage.isThere = [container?.state, container?.lastState].contains {
            $0?.running != nil || $0?.terminated != nil
        }
        guard !isRemoved, !pod.isBeingDeleted, container?.state?.waiting?.reason?.contains("Image") == true else {
            agentImage.missing.remove(name)
            return
        }
        if agentImage.missing.isEmpty { agentImage.since = now }
        agentImage.missing.insert(name)
    }

    mutating func endWithoutAgent() {
        guard let agent = plan.agent, !agentImage.isThere, !agentImage.missing.isEmpty else { return }
        guard hasLasted(agentImage.since, plan.limits.agentImage) else { return }
        tell("""
            no node that answered can get the agent's image \(agent.image): \(plan.agentAdvice)
            """)
        close(.failed)
    }
}
