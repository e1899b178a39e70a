/// The commands that the user is told as the next step.
extension Cluster {
    /// Shows the runs that are there.
    var listCommand: String { "kubectl run-once list --namespace=\(namespace)" }

    /// Follows the run.
    var attachCommand: String { "kubectl run-once attach \(identity.name) --namespace=\(namespace)" }

    /// Removes the run whose DaemonSet is there.
    var deleteCommand: String { "kubectl run-once delete \(identity.name) --namespace=\(namespace)" }

    /// Removes all that this run created and nothing else, also where its DaemonSet is not there, or is another run's
    /// that has the same name.
    var removalCommand: String {
        "kubectl delete jobs,daemonsets,pods -l \(identity.selector) --namespace=\(namespace)"
    }
}
