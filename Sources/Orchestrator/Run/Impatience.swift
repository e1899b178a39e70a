import RunLogic
import Synchronization
import System

/// What a second Ctrl-C does: the program ends at once, and says what it leaves.
struct Impatience: Sendable {
    let cluster: Cluster
    let directory: WorkDirectory
    let terminal: Terminal

    /// While the run is created: by its label, since its DaemonSet may not be there, or be another run's.
    func abandon(_ number: Int32) {
        abandon(with: 128 + number, cluster.removalCommand)
    }

    private func abandon(with status: Int32, _ command: String) {
        terminal.say("stopped; to remove what may be left:\n\(command)")
        terminal.flush(patience: .seconds(1))
        directory.remove()
        endProgram(status)
    }

    /// After the run has ended: the first signal is the second where a signal ended the run.
    func abandon(after verdict: Verdict, of created: Created) -> @Sendable (Int32) -> Void {
        let isSecond = Atomic(false)
        if case .stopped = verdict { isSecond.store(true, ordering: .relaxed) }
        // Without a Job there may be something that only the run's label leads to.
        let command = created.hasJob ? cluster.deleteCommand : cluster.removalCommand
        return { number in
            if isSecond.exchange(true, ordering: .relaxed) || terminal.offersToLeave {
                abandon(with: verdict.exitStatus == 0 ? 128 + number : verdict.exitStatus, command)
            }
            let rest = created.hasJob ? "that to the cluster" : "it as it is"
            terminal.say("deleting what the run created; once more to leave \(rest)")
        }
    }
}
