import FoundationEssentials
import RunLogic
import System

extension Cluster {
    /// Fetches logs, many at a time; those that come whole are in the store afterwards, and of one that its seal proves
    /// the result alone.
    ///
    /// - Parameters:
    ///   - isSealed: the logs end with a seal.
    ///   - remark: takes what the user should know.
    ///   - tell: takes what came of each, as it ends.
    func fetch(
        _ requests: [LogRequest], container: String, isSealed: Bool, into store: ResultStore,
        remark: @Sendable (String) -> Void, _ tell: @Sendable ([Fetched]) -> Void
    ) async {
        let logs = requests.map { request in
            let previous = request.source.previous ? "&previous=true" : ""
            return (path: log(of: request.pod, container) + previous, file: store.part(of: request.node))
        }
        // Each beginning stands before its log: of many transfers the first ones end first.
        let transfers = isSealed ? logs : logs.flatMap { [LogBeginnings.transfer(beside: $0), $0] }
        let unsealed = LogBeginnings(of: requests)
        do throws(SystemError) {
            try await api.curl.download(transfers, patience: api.limits.standstill) { ended in
                tell(
                    ended.compactMap { index, came in
                        let number = isSealed ? index : index / 2
                        if !isSealed, index % 2 == 0 { return unsealed.beginning(number, in: transfers[index].file) }
                        let request = requests[number]
                        let flaw = flaw(of: request, came, store)
                        guard isSealed else { return unsealed.log(number, flaw ?? .complete) }
                        return Fetched(request, flaw ?? proof(of: request, in: store, remark))
                    })
            }
        } catch {
            tell(requests.map { Fetched($0, .failed(error.description)) })
        }
    }

    /// Why a log is not in the store; nil where it is.
    private func flaw(
        of request: LogRequest, _ transferred: Curl.Transferred, _ store: ResultStore
    ) -> Fetched.Outcome? {
        let code: Int
        switch transferred {
        case .answer(let number): code = number
        case .failed(let why):
            store.dropPart(of: request.node)
            return .failed("the log did not come whole: \(why)")
        case .unwritable:
            store.dropPart(of: request.node)
            return .failed("the log can't be written: \(store.whyUnwritable)")
        }
        if code == 200, !isExcuse(request, store) { return store.accept(request.node) }
        let body = store.beginning(ofPartOf: request.node)
        store.dropPart(of: request.node)
        let why = Status(body)?.message ?? API.firstLine(body) ?? "HTTP \(code)"
        let isLost = code == 200 || code == 404 || why.contains("previous terminated container")
        return isLost ? .lost(why) : .failed(why)
    }

    /// What the log that is in the store proves.
    private func proof(
        of request: LogRequest, in store: ResultStore, _ remark: (String) -> Void
    ) -> Fetched.Outcome {
        do throws(SystemError) {
            switch try SealedLog.reduce(store.file(of: request.node), pod: request.podUID) {
            case .proved(let seal, _, let strays):
                if strays.count > 0 { remark("\(request.node): \(strays)") }
                return .proved(Proof(seal, from: .log))
            case .unfitting(let seal): return .sealed(Proof(seal, from: .log))
            case .unsealed: return .unsealed
            }
        } catch {
            return .failed(error.description)
        }
    }

    /// The path of a container's log.
    func log(of pod: String, _ container: String) -> String {
        "\(pods)/\(pod)/log?container=\(API.escaped(container))"
    }

    /// Whether this is what a kubelet says in place of a log.
    static func isExcuse(_ text: some Sequence<UInt8>) -> Bool {
        let excuses = ["failed to try resolving symlinks in path", "unable to retrieve container logs for"]
        return excuses.contains { text.starts(with: $0.utf8) }
    }

    /// A kubelet whose log file is gone may answer with 200 and say so in place of the log.
    private func isExcuse(_ request: LogRequest, _ store: ResultStore) -> Bool {
        let bytes = store.beginning(ofPartOf: request.node)
        let text = String(decoding: bytes, as: UTF8.self)
        return Cluster.isExcuse(bytes) && (text.contains(request.podUID) || text.contains("://"))
    }
}
