import RunLogic
import System

/// Pods wait for their turn behind a scheduling gate of this program's own name.
/// (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/)
extension Cluster {
    /// Lets pods start, many at a time.
    func release(_ pods: [PodID]) async -> [PodAnswer] {
        let paths = pods.map { "\(self.pods)/\($0.name)" }
        let codes: [String: Int]
        do throws(SystemError) {
            codes = try await api.curl.patch(paths, Cluster.withoutGate, limit: api.limits.request)
        } catch {
            return pods.map { PodAnswer($0, .unclear(error.description)) }
        }
        var answers: [PodAnswer] = []
        var said: [Int: PodAnswer.Outcome] = [:]
        for (pod, path) in zip(pods, paths) {
            let code = codes[path] ?? 0
            let outcome = if let known = said[code] { known } else { await outcome(of: code, path) }
            if outcome != .taken { said[code] = outcome }
            answers.append(PodAnswer(pod, outcome))
        }
        return answers
    }

    /// Takes away the gate of this name, and no other; where it is gone already nothing changes.
    static let withoutGate: JSON = [
        "spec": ["schedulingGates": [["$patch": "delete", "name": .string(Pod.SchedulingGate.turn)]]]
    ]

    /// A refusal is asked for once more, for its words: of many answers only the numbers are kept, 0 where none came.
    private func outcome(of code: Int, _ path: String) async -> PodAnswer.Outcome {
        switch code {
        case 0: return .unclear("no answer came")
        case 200: return .taken
        default: return Cluster.outcome(await api.ask("PATCH", path, body: Cluster.withoutGate))
        }
    }

    /// Deletes pods, ten at a time: these and no others that have their names.
    func delete(_ pods: [PodID]) async -> [PodAnswer] {
        await each(pods, atOnce: 10) { await delete($0) }
    }

    private func delete(_ pod: PodID) async -> PodAnswer {
        let options: JSON = ["apiVersion": "v1", "kind": "DeleteOptions", "preconditions": ["uid": .string(pod.uid)]]
        return PodAnswer(pod, Cluster.outcome(await api.ask("DELETE", "\(pods)/\(pod.name)", body: options)))
    }

    private static func outcome(_ reply: API.Reply) -> PodAnswer.Outcome {
        switch reply {
        case .success: .taken
        case .failure(.refused(let status)): .refused(status.code ?? 0, status.message ?? "no reason given")
        case .failure(.outage(let why)): .unclear(why)
        }
    }
}
