import RunLogic
import System

/// The story of `delete`: find each run, delete all of it, wait until it is gone.
public struct Deletion: Sendable {
    let names: [String]
    let place: Place
    let program: Program

    public init(_ names: [String], _ place: Place, in program: Program) {
        self.names = names
        self.place = place
        self.program = program
    }

    /// What can't be deleted keeps nothing else from being deleted.
    ///
    /// - Returns: the exit status: 0 when all of them are gone.
    /// - Throws: `Refusal` where the cluster can't be reached.
    public func delete() async throws(Refusal) -> Int32 {
        let directory = try program.signals.directory()
        defer { directory.remove() }
        let runs = try await Runs.connect(place, directory, program)
        program.signals.tell { number in
            let again = runs.api.command("kubectl run-once delete \(names.joined(separator: " "))", runs.namespace)
            program.terminal.say("stopped; to remove what is left:\n\(again)")
            program.terminal.flush(patience: .seconds(1))
            directory.remove()
            endProgram(128 + number)
        }
        var status: Int32 = 0
        for name in names {
            do throws(Refusal) {
                if try await !delete(name, runs) { status = 3 }
            } catch {
                program.terminal.complain(error.message)
                status = error.exitStatus
            }
        }
        await runs.api.proxy.stop()
        return status
    }

    private func delete(_ name: String, _ runs: Runs) async throws(Refusal) -> Bool {
        let (cluster, created) = try await find(name, runs)
        let rest = await Removal(
            cluster: cluster, created: created, leavesPodsToCollector: false, terminal: program.terminal
        ).remove()
        if rest == .nothing {
            program.terminal.say("deleted daemonset/\(name) in namespace \(runs.namespace), with all of its run")
        }
        return rest == .nothing
    }

    /// Whoever was stopped while he deleted a run has left its Job, which is deleted last; whoever deleted only the
    /// DaemonSet of a run without one has left what it took to the nodes.
    private func find(_ name: String, _ runs: Runs) async throws(Refusal) -> (Cluster, Created) {
        if let (run, _) = try await runs.find(name) { return (runs.cluster(of: run), run.parts) }
        guard let left = try await runs.leftover(of: name) else { throw runs.unknown(name) }
        let cluster = Cluster(
            api: runs.api, namespace: runs.namespace, identity: left.identity, parcels: left.parcels)
        // That of another architecture may be there still.
        let there: [DaemonSet]
        do throws(API.Failure) {
            there = try await runs.api.list(DaemonSet.self, cluster.ownDaemonSets).items
        } catch {
            throw error.refusal
        }
        let sets = there.map { Run.Plan.DaemonSet(name: $0.metadata.name, uid: $0.metadata.uid) }
        let own = Run.Plan.DaemonSet(name: name, uid: "")
        return (cluster, Created(daemonSets: [own] + sets, hasJob: left.hasJob))
    }
}
