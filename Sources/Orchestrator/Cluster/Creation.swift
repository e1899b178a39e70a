import FoundationEssentials
import RunLogic

extension Cluster {
    /// Asks the cluster whether it would take the DaemonSets: nothing is created.
    ///
    /// - Parameters:
    ///   - takesTurns: the pods are to wait for their turn, which not every cluster knows.
    ///   - insistence: how long it is tried while the cluster can't do it.
    /// - Returns: what the user should know of it, each once.
    /// - Throws: `Refusal` with what the cluster says where it would not, or where none can be reached.
    func rehearse(
        _ daemonSets: [JSON], source: String, takesTurns: Bool, _ insistence: Insistence
    ) async throws(Refusal) -> Remarks {
        var remarks = Remarks()
        for daemonSet in daemonSets {
            remarks.take(try await rehearse(daemonSet, source, takesTurns: takesTurns, insistence))
        }
        return remarks
    }

    private func rehearse(
        _ manifest: JSON, _ source: String, takesTurns: Bool, _ insistence: Insistence
    ) async throws(Refusal) -> Remarks {
        let tooOld = Refusal.usage(
            "--parallel takes Kubernetes 1.27 or later: this cluster does not know pods that wait for their turn")
        let daemonSet = identity.mark(manifest, owner: nil)
        let path = "\(daemonSets)?dryRun=All&fieldValidation=Strict"
        switch await insistence.ask(api, for: "daemonset/\(name(of: daemonSet))", path, daemonSet) {
        case .success(let answer):
            guard let made = try? API.decode(JSON.self, answer) else {
                throw .cluster("an answer that is not Kubernetes'")
            }
            let alterations = daemonSet.alterations(in: made)
            if takesTurns, alterations.contains(where: \.isOfGates) { throw tooOld }
            if let dropped = alterations.first(where: \.mayBeUnknown), await isOlder(than: 25) {
                throw .usage("\(source): the cluster does not know the field \(dropped.path), or a policy removes it")
            }
            let warnings = answer.warnings + [daemonSet.lackOfRoom(in: made)].compactMap(\.self)
            return try Remarks(alterations, warnings: warnings)
        case .failure(.refused(let status)):
            if takesTurns, status.message?.contains("\"\(Alteration.gates)\"") == true { throw tooOld }
            // An admission webhook may not take part in rehearsals.
            guard let why = status.message, why.contains("dry run") else {
                throw await refusal(status, source, daemonSet)
            }
            guard !takesTurns else {
                throw .cluster("--parallel has to ask first whether pods can wait for their turn: \(why)")
            }
            return Remarks()
        case .failure(.outage(let why)):
            let answers = api.proxy.hasAnswered || why.contains("webhook")
            throw answers ? .cluster("the cluster can't create it just now: \(why)") : .unreachable(why)
        }
    }

    private func refusal(_ status: Status, _ source: String, _ daemonSet: JSON) async -> Refusal {
        let why = Reason(nil, status.message ?? "no reason given").text
        switch status.code {
        case 409 where status.reason == "AlreadyExists": return await whatExists(name(of: daemonSet))
        case 400, 422: return .usage("\(source): the cluster refused it: \(why)")
        case 401: return .cluster("the cluster refused: \(why): log in again, or name another --user or --context")
        case 404: return .cluster("namespace \(namespace) not found")
        default: return .cluster("the cluster refused: \(why)")
        }
    }

    private func name(of daemonSet: JSON) -> String { daemonSet["metadata"]["name"].string ?? "" }

    /// What to do about a DaemonSet that has this name.
    private func whatExists(_ name: String) async -> Refusal {
        let next: String
        switch try? await api.get(DaemonSet.self, "\(daemonSets)/\(name)") {
        case let found? where found.metadata.labels?[RunIdentity.label] != nil:
            // That of a second architecture is called as its run is, with the architecture behind it: check-arm64.
            let kind = found.metadata.labels?[RunIdentity.besideLabel]
            let run = kind.map { String(name.dropLast($0.count + 1)) } ?? name
            next = """
                another run is under way, or one was left; to follow it:
                \(api.command("kubectl run-once attach \(run)", namespace))
                to remove it:
                \(api.command("kubectl run-once delete \(run)", namespace))
                """
        case .some:
            next = "it is no run; to remove it:\n\(api.command("kubectl delete daemonset \(name)", namespace))"
        case nil: next = "the runs that are there:\n\(api.listCommand(namespace))"
        }
        return .cluster("daemonset/\(name) exists already and was left alone: \(next)")
    }

    /// Creates the run's Job.
    ///
    /// - Parameter deadline: the seconds after which the cluster ends the run.
    /// - Returns: what it is, and why the cluster does not end the run by itself, where it does not.
    /// - Throws: `Refusal.cluster` with what the cluster says where it takes none. One that may be there is deleted.
    func createJob(
        deadline: Seconds, _ insistence: Insistence
    ) async throws(Refusal) -> (job: DaemonSet.Metadata, flaw: String?) {
        let body = identity.job(deadline: deadline)
        let path = "\(jobs)/\(identity.jobName)"
        let reply = await insistence.ask(api, for: "the run's Job", jobs, body) {
            (try? await api.get(JSON.self, path)) != nil
        }
        let answer: Answer?
        var why = "an answer that is not Kubernetes'"
        switch reply {
        case .success(let made): answer = made
        case .failure(.refused(let status)) where status.reason == "AlreadyExists":
            answer = try? await api.answer(to: path)
        case .failure(.refused(let status)): throw .cluster(status.message ?? "it takes no Job")
        case .failure(.outage(let reason)):
            answer = try? await api.answer(to: path)
            if answer == nil { why = reason }
        }
        guard let answer, let job = try? API.decode(DaemonSet.self, answer),
            let made = try? API.decode(JSON.self, answer)
        else {
            // It may be there, and nobody would delete it.
            guard await deleteJob() != nil else { throw .cluster(why) }
            let command = api.command("kubectl delete job \(identity.jobName)", namespace)
            throw .cluster("\(why); to remove what may be there:\n\(command)")
        }
        return (job.metadata, await flaw(of: made, asked: body))
    }

    /// Why the cluster does not end the run's Job in time, or starts pods of it; nil where it does as it was asked.
    private func flaw(of job: JSON, asked: JSON) async -> String? {
        if job["spec"]["suspend"] == true { return "a policy of the cluster suspends it: spec.suspend is true" }
        let fields = ["parallelism", "activeDeadlineSeconds", "ttlSecondsAfterFinished"]
        let altered = asked.alterations(in: job).first { one in fields.contains { one.path == "spec.\($0)" } }
        guard let altered else { return nil }
        // What an old Kubernetes does not know is told otherwise.
        if altered.made == .null, await isOlder(than: 23) { return nil }
        return altered.text
    }

    /// Creates the DaemonSet, once.
    ///
    /// - Returns: the DaemonSet, how the cluster changed it, and what it warns of.
    /// - Throws: `Refusal` where it was not created, or where nobody can tell.
    func createDaemonSet(
        _ manifest: JSON, owner: String?, source: String, _ insistence: Insistence
    ) async throws(Refusal) -> (daemonSet: DaemonSet, alterations: [Alteration], warnings: [String]) {
        let body = identity.mark(manifest, owner: owner)
        let what = "daemonset/\(name(of: body))"
        let reply = await insistence.ask(api, for: what, "\(daemonSets)?fieldValidation=Strict", body) {
            (try? await ownDaemonSet(name(of: body), mayArrive: false)) != nil
        }
        let why: String
        switch reply {
        case .success(let answer):
            if let made = try? API.decode(JSON.self, answer), let own = try? API.decode(DaemonSet.self, answer) {
                return (own, body.alterations(in: made), answer.warnings)
            }
            why = "an answer that is not Kubernetes'"
        case .failure(.refused(let status)):
            // Something between us and the cluster may have repeated the request.
            if status.reason == "AlreadyExists", let own = try await ownDaemonSet(name(of: body), mayArrive: false) {
                return (own, [], [])
            }
            throw await refusal(status, source, body)
        case .failure(.outage(let reason)): why = reason
        }
        if let own = try await ownDaemonSet(name(of: body), mayArrive: true) { return (own, [], []) }
        throw .cluster("the cluster did not create \(what): \(why)")
    }

    /// The DaemonSet if it is there; asked for a while where no answer comes. It is listed, since a run has to list it
    /// anyway.
    ///
    /// - Parameter mayArrive: the request that is to create it may still be under way: that it is not there is believed
    ///   only after a while.
    private func ownDaemonSet(_ name: String, mayArrive: Bool) async throws(Refusal) -> DaemonSet? {
        var why = ""
        let start = ContinuousClock.now
        var missed: ContinuousClock.Instant?
        asking: while start.duration(to: .now) < .seconds(api.limits.creation) {
            do throws(API.Failure) {
                let found = try await api.list(DaemonSet.self, ownDaemonSets, limit: api.limits.briefRequest).items
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
        throw .cluster(
            """
            the cluster did not say whether it created daemonset/\(name): \(why); \
            to remove what may be there:
            \(removalCommand)
            """)
    }
}
