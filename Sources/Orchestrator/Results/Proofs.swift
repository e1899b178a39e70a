import RunLogic
import Seal

extension Proof {
    /// What a seal says, where the bytes came in this way.
    init(_ seal: Seal, from origin: Origin) {
        self.init(
            exitStatus: Int(seal.exitStatus), bytes: seal.kept, sha256: seal.digest.hex, written: seal.written,
            from: origin)
    }
}

extension Cluster {
    /// Takes results from their nodes, which the logs did not prove; those that come are in the store afterwards.
    ///
    /// - Parameters:
    ///   - slots: of the run, since each transfer is a process with its pipes.
    ///   - tell: takes what came of each, as it ends.
    func collect(
        _ requests: [LogRequest], _ sealing: Sealing, container: String, into store: ResultStore, slots: Slots,
        _ tell: @escaping @Sendable (Fetched) -> Void
    ) async {
        var limits = Collector.Limits()
        limits.patience = .seconds(api.limits.standstill)
        await collect(
            requests, container: container, command: sealing.resultCommand, limits: limits, slots: slots,
            file: store.part(of:)
        ) { tell(Fetched($0, stored($1, $0.node, store))) }
    }

    private func stored(_ came: Fetched.Outcome, _ node: String, _ store: ResultStore) -> Fetched.Outcome {
        switch came {
        case .failed, .lost:
            store.dropPart(of: node)
            return came
        case .complete, .proved, .sealed, .unsealed: return store.accept(node) ?? came
        }
    }
}
