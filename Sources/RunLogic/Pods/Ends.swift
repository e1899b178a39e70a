/// How a container ended, and where the log of its first run is.
extension Pod.ContainerStatus {
    /// How the container before this one ended, where that one had started.
    var endBefore: Pod.Terminated? {
        lastState?.terminated.flatMap { $0.hadStarted || $0.isUnknown ? $0 : nil }
    }

    /// How this one ended, where it had started. kubelet says of containers that it lost sight of that they ended,
    /// also of those that it never made: these have no ID.
    var end: Pod.Terminated? {
        state?.terminated.flatMap { $0.hadStarted || $0.isUnknown && containerID?.isEmpty == false ? $0 : nil }
    }

    /// How many of its containers have ended before the one that is there now, or that comes next: while kubelet
    /// waits before it restarts one, the restart is not counted yet.
    var ends: Int {
        restartCount + (state?.waiting != nil && lastState?.terminated != nil ? 1 : 0)
    }

    /// The log of its first run, now that it ended; nil where it is lost: Kubernetes keeps one log before.
    var firstLog: LogSource? {
        ends == 1 ? LogSource(previous: true, restarts: 1) : nil
    }
}

extension Pod.Terminated {
    /// Whether the container had started before it ended: one that can't be started ends as well, and kubelet
    /// tries it again.
    var hadStarted: Bool {
        if reason == "StartError" || reason == "ContainerCannotRun" { return false }
        guard let startedAt else { return false }
        return !startedAt.hasPrefix("1970-")
    }

    /// What the task said last: kubelet takes it from the end of the log, where a sealing agent's own lines are. These
    /// say no more than the exit code.
    var lastWords: String? {
        message.map { message in
            message.split(separator: "\n", omittingEmptySubsequences: false).filter { !isAgents($0) }
                .joined(separator: "\n")
        }
    }

    private func isAgents(_ line: Substring) -> Bool {
        let isSeal = line.hasPrefix("# run-once ") && line.contains(" bytes, sha256 ")
        let isEnd = line.hasPrefix("run-once: ") && line.contains(": exit status ")
        return isSeal || isEnd || line == "# run-once: the rest is kept on the node"
    }

    /// kubelet lost sight of it.
    var isUnknown: Bool { reason == "ContainerStatusUnknown" }
}
