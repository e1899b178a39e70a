import FoundationEssentials
import RunLogic

extension Cluster {
    /// Fetches logs, many at a time; those that come whole are in the store afterwards.
    func fetch(_ requests: [LogRequest], container: String, into store: ResultStore) async -> [Fetched] {
        let transfers = requests.map { request in
            let previous = request.source.previous ? "&previous=true" : ""
            let path = "\(pods)/\(request.pod)/log?container=\(API.escaped(container))\(previous)"
            return (path: path, file: store.part(of: request.node))
        }
        do throws(SystemError) {
            let codes = try await api.curl.download(transfers, limit: api.limits.logs)
            return zip(requests, transfers).map { request, transfer in
                Fetched(request, outcome(request, codes[transfer.file], store))
            }
        } catch {
            return requests.map { Fetched($0, .failed(error.description)) }
        }
    }

    private func outcome(_ request: LogRequest, _ code: Int?, _ store: ResultStore) -> Fetched.Outcome {
        guard let code else {
            store.dropPart(of: request.node)
            return .failed("the log did not come whole")
        }
        if code == 200, kubeletsExcuse(request, store) == nil { return store.accept(request.node) }
        let body = store.beginning(ofPartOf: request.node)
        store.dropPart(of: request.node)
        let why = Status(body)?.message ?? API.oneLine(body) ?? "HTTP \(code)"
        let isLost = code == 200 || code == 404 || code == 403 || why.contains("previous terminated container")
        return isLost ? .lost(why) : .failed(why)
    }

    /// A kubelet whose log file is gone may answer with 200 and say so in place of the log.
    private func kubeletsExcuse(_ request: LogRequest, _ store: ResultStore) -> String? {
        let text = String(decoding: store.beginning(ofPartOf: request.node), as: UTF8.self)
        let excuses = ["failed to try resolving symlinks in path", "unable to retrieve container logs for"]
        guard excuses.contains(where: text.hasPrefix), text.contains(request.podUID) || text.contains("://") else {
            return nil
        }
        return text
    }
}
