import FoundationEssentials
import RunLogic

extension Cluster {
    /// Asks the cluster whether it would take the DaemonSets: nothing is created.
    ///
    /// - Parameter takesTurns: the pods are to wait for their turn, which not every cluster knows.
    /// - Returns: what the cluster warns of, each warning once.
    /// - Throws: `Refusal` with what the cluster says where it would not, or where none can be reached.
    func rehearse(_ daemonSets: [JSON], source: String, takesTurns: Bool = false) async throws(Refusal) -> [String] {
        var warnings: [String] = []
        for daemonSet in daemonSets {
            for warning in try await rehearse(daemonSet, source, takesTurns: takesTurns)
            where !warnings.contains(warning) {
                warnings.append(warning)
            }
        }
        return warnings
    }

    private func rehearse(_ manifest: JSON, _ source: String, takesTurns: Bool) async throws(Refusal) -> [String] {
        let gates = "spec.template.spec.schedulingGates"
        let tooOld = Refusal.usage(
            "--parallel takes Kubernetes 1.27 or later: this cluster does not know pods that wait for their turn")
        let daemonSet = identity.mark(manifest, owner: nil)
        switch await api.ask("POST", "\(daemonSets)?dryRun=All&fieldValidation=Strict", body: daemonSet) {
        case .answer(let answer):
            let taken = try? API.decode(JSON.self, answer)
            guard let taken else { throw .cluster("an answer that is not Kubernetes'") }
            if let field = daemonSet.firstField(missingIn: taken) {
                if takesTurns, field == gates { throw tooOld }
                throw .usage("\(source): the cluster does not know the field \(field)")
            }
            return answer.warnings
        case .refused(let status):
            if takesTurns, status.message?.contains("\"\(gates)\"") == true { throw tooOld }
            // An admission webhook may not take part in rehearsals.
            guard let why = status.message, why.contains("dry run") else { throw await refusal(status, source, daemonSet) }
            guard !takesTurns else {
                throw .cluster("--parallel has to ask first whether pods can wait for their turn: \(why)")
            }
            return []
        case .outage(let why): throw .unreachable(why)
        }
    }

    private func refusal(_ status: Status, _ source: String, _ daemonSet: JSON) async -> Refusal {
        let why = Reason(nil, status.message ?? "no reason given").text
        switch status.code {
        case 409 where status.reason == "AlreadyExists": return await whatExists(name(of: daemonSet))
        case 400, 422: return .usage("\(source): the cluster refused it: \(why)")
        case 401: return .cluster("the cluster refused: \(why): log in again, or name another --user or --context")
        case 404:
            return .cluster("no namespace is called \(namespace): kubectl get namespaces tells their names (\(why))")
        default: return .cluster("the cluster refused: \(why)")
        }
    }

    private func name(of daemonSet: JSON) -> String { daemonSet["metadata"]["name"].string ?? "" }

    /// What to do about a DaemonSet that has this name.
    private func whatExists(_ name: String) async -> Refusal {
        let next: String
        switch try? await api.get(DaemonSet.self, "\(daemonSets)/\(name)") {
        case let found? where found.metadata.labels?[RunIdentity.label] != nil: next = """
            another run is under way, or one was left; to follow it: \(attachCommand); to remove it: \(deleteCommand)
            """
        case .some:
            next = "it is no run; to remove it: kubectl delete daemonset \(name) \(api.place(namespace))"
        case nil: next = "the runs that are there: \(listCommand)"
        }
        return .cluster("daemonset/\(name) exists already and was left alone: \(next)")
    }

    /// Creates the run's Job.
    ///
    /// - Parameter deadline: the seconds after which the cluster ends the run.
    /// - Throws: `Refusal.cluster` with what the cluster says where it takes none.
    func createJob(deadline: Seconds) async throws(Refusal) -> DaemonSet.Metadata {
        switch await api.ask("POST", jobs, body: identity.job(deadline: deadline)) {
        case .answer(let answer):
            if let job = try? API.decode(DaemonSet.self, answer) { return job.metadata }
            throw .cluster("an answer that is not Kubernetes'")
        case .refused(let status): throw .cluster(status.message ?? "it takes no Job")
        case .outage(let why):
            if let job = try? await api.get(DaemonSet.self, "\(jobs)/\(identity.jobName)") { return job.metadata }
            throw .cluster(why)
        }
    }

    /// Creates the DaemonSet, once.
    ///
    /// - Throws: `Refusal` where it was not created, or where nobody can tell.
    func createDaemonSet(_ manifest: JSON, owner: String?, source: String) async throws(Refusal) -> DaemonSet {
        let body = identity.mark(manifest, owner: owner)
        switch await api.ask("POST", "\(daemonSets)?fieldValidation=Strict", body: body) {
        case .answer(let answer):
            if let daemonSet = try? API.decode(DaemonSet.self, answer) { return daemonSet }
            throw .cluster("an answer that is not Kubernetes'")
        case .refused(let status):
            // Something between us and the cluster may have repeated the request.
            if status.reason == "AlreadyExists", let own = try await ownDaemonSet(name(of: body), mayArrive: false) { return own }
            throw await refusal(status, source, body)
        case .outage(let why):
            if let own = try await ownDaemonSet(name(of: body), mayArrive: true) { return own }
            throw .cluster("the cluster did not create daemonset/\(name(of: body)): \(why)")
        }
    }

    /// The DaemonSet if it is there; asked for a while where no answer comes. It is listed, since a run has to list it
    /// anyway.
    ///
    /// - Parameter mayArrive: the request that is to create it may still be under way: that it is not there is believed
    ///   only after a while.
    private func ownDaemonSet(_ name: String, mayArrive: Bool) async throws(Refusal) -> DaemonSet? {
        let path = "\(daemonSets)?labelSelector=\(API.escaped(identity.selector))"
        var why = ""
        let start = ContinuousClock.now
        var missed: ContinuousClock.Instant?
        asking: while start.duration(to: .now) < .seconds(api.limits.creation) {
            do throws(API.Failure) {
                let found = try await api.list(DaemonSet.self, path, limit: api.limits.briefRequest).items
                if let own = found.first(where: { $0.metadata.name == name }) { return own }
                let since = missed ?? .now
                missed = since
                if !mayArrive || since.duration(to: .now) >= .seconds(api.limits.arrival) { return nil }
            } catch {
                switch error {
                case .refused(let status):
                    why = status.message ?? "the cluster refused"
                    break asking
                case .outage(let reason): why = reason
                }
            }
            try? await Task.sleep(for: .seconds(2))
        }
        throw .cluster("""
            the cluster did not say whether it created daemonset/\(name): \(why); \
            to remove what may be there: \(removalCommand)
            """)
    }

    /// Deletes the run's Job, and with it what it owns; tries for a while where no answer comes.
    /// (https://kubernetes.io/docs/concepts/architecture/garbage-collection/)
    ///
    /// - Parameter deadline: when one more try is all that is made, where that is sooner.
    /// - Returns: why it may still be there; nil where it is not.
    func deleteJob(until deadline: ContinuousClock.Instant? = nil) async -> String? {
        // Left alone, a Job would leave behind what it owns.
        await delete("\(jobs)/\(identity.jobName)?propagationPolicy=Background", until: deadline)
    }

    /// Deletes an object; tries for a while where no answer comes.
    ///
    /// - Parameter deadline: when one more try is all that is made, where that is sooner.
    /// - Returns: why it may still be there; nil where it is not.
    func delete(_ path: String, until deadline: ContinuousClock.Instant? = nil) async -> String? {
        let last = ContinuousClock.now + .seconds(api.limits.deletion)
        let deadline = min(deadline ?? last, last)
        while true {
            switch await api.ask("DELETE", path, limit: api.limits.briefRequest) {
            case .answer: return nil
            case .refused(let status) where status.code == 404: return nil
            case .refused(let status): return status.message ?? "the cluster refused"
            case .outage(let why):
                if ContinuousClock.now >= deadline { return why }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}

extension JSON {
    /// The path of the first field that is not in what the cluster made of it: an API server that does not know a field
    /// drops it without a word unless it validates (Kubernetes 1.25).
    func firstField(missingIn other: JSON, at path: String = "") -> String? {
        switch (self, other) {
        case (.object(let fields), .object(let taken)):
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
                let path = path.isEmpty ? name : "\(path).\(name)"
                guard let there = taken[name] else { return path }
                if let missing = value.firstField(missingIn: there, at: path) { return missing }
            }
            return nil
        case (.array(let elements), .array(let taken)) where elements.count == taken.count:
            for (index, (element, there)) in zip(elements, taken).enumerated() {
                if let missing = element.firstField(missingIn: there, at: "\(path)[\(index)]") { return missing }
            }
            return nil
        default: return nil
        }
    }

    /// What an API server leaves out when it writes an object.
    private var isEmpty: Bool {
        switch self {
        case .null, .object([:]), .array([]), .string(""), .bool(false), .integer(0): true
        default: false
        }
    }
}
