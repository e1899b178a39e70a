import FoundationEssentials
import RunLogic
import System

/// Follows a list of objects: the list, and every change of it after that, for as long as the task is not cancelled.
/// (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes)
struct Follower<Object: Decodable & Sendable>: Sendable {
    enum News: Sendable {
        case all([Object])
        case changed(Object)
        case removed(Object)
        /// Whether the cluster can be reached, and lets the user look.
        case about(Event)
    }

    let api: API
    /// The list's path with a selection, such as `/api/v1/namespaces/default/pods?labelSelector=a%3Db`.
    let path: String
    /// Takes what comes, in order.
    let tell: @Sendable (News) -> Void

    /// How a watch ended.
    private enum End {
        /// It can be taken up where it was.
        case over
        /// What was seen is too old to go on from: list again.
        case expired
        case failed(API.Failure)
    }

    func follow() async {
        var version: String?
        var pause: Double = 0
        var lists = Refusals(patience: api.limits.passing)
        var watches = Refusals(patience: api.limits.passing)
        while !Task.isCancelled {
            if version == nil {
                do throws(API.Failure) {
                    let list = try await api.list(Object.self, path)
                    version = list.version
                    lists.renew()
                    tell(.about(.reachable))
                    tell(.all(list.items))
                } catch {
                    if Task.isCancelled || isFinal(error, &lists) { return }
                }
            }
            let start = ContinuousClock.now
            if version != nil {
                switch await watch(&version) {
                case .over: watches.renew()
                case .expired:
                    watches.renew()
                    version = nil
                case .failed(let failure):
                    version = nil
                    if Task.isCancelled || isFinal(failure, &watches) { return }
                }
            }
            // What fails at once is tried again with a pause that grows.
            pause = start.duration(to: .now) > .seconds(5) ? 0 : min(max(pause * 2, 0.5), 4)
            if pause > 0 { try? await Task.sleep(for: .seconds(pause)) }
        }
    }

    /// Tells of a failed request; whether it is the last word.
    private func isFinal(_ failure: API.Failure, _ refusals: inout Refusals) -> Bool {
        switch failure {
        case .outage(let why):
            refusals.renew()
            tell(.about(.outage(why)))
        case .refused(let status):
            guard status.code != 410 else { return false }
            let why = status.message ?? "HTTP \(status.code ?? 0)"
            if refusals.mayPass(status, answeredBefore: api.proxy.hasAnswered) {
                tell(.about(.outage(why)))
            } else {
                tell(.about(.forbidden(why)))
                return true
            }
        }
        return false
    }

    private func watch(_ version: inout String?) async -> End {
        let query = "&watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=\(version ?? "")"
        do throws(SystemError) {
            let (end, rest, code, status) = try await api.curl.lines(of: path + query, limit: 330) {
                read($0, &version)
            }
            if let end { return end }
            // 28: the time is up. 18: the answer was cut off, as when the API server ends.
            guard [0, 18, 28].contains(status) else {
                return .failed(.outage("curl ended with exit status \(status)"))
            }
            return !rest.isEmpty ? notice(Data(rest)) : code < 300 ? .over : .failed(.outage("HTTP \(code)"))
        } catch {
            return .failed(.outage(error.description))
        }
    }

    /// Takes in a line; returns how the watch ends where it ends with it.
    private func read(_ line: Data, _ version: inout String?) -> End? {
        guard let news = try? JSONDecoder().decode(WatchLine<Object>.self, from: line) else {
            guard line.starts(with: Follower.start) else { return notice(line) }
            return .failed(.outage("a watch tells what can't be read: \(API.firstLine(Array(line)) ?? "")"))
        }
        switch news {
        case .changed(let object, let new):
            tell(.changed(object))
            version = new
        case .deleted(let object, let new):
            tell(.removed(object))
            version = new
        case .bookmark(let new): version = new
        case .error: return .expired
        }
        return nil
    }

    private static var start: Data { Data(#"{"type":"#.utf8) }

    /// What comes in place of a watch: a refusal, half a line of one that was cut off, or a text.
    private func notice(_ line: Data) -> End {
        line.starts(with: Follower.start) ? .over : .failed(API.failure(Array(line), 500))
    }
}
