import FoundationEssentials
import RunLogic

/// The runs that are in a cluster, as their DaemonSets tell.
struct Runs: Sendable {
    let api: API
    let namespace: String

    /// The way to the runs of a cluster.
    static func connect(_ place: Place, _ directory: WorkDirectory, _ program: Program) async throws(Refusal) -> Runs {
        let tools = try await Tools.find(for: place).get()
        let (api, namespace) = try API.connect(place, with: tools, directory, program)
        return Runs(api: api, namespace: namespace)
    }

    /// Finds a run.
    ///
    /// - Returns: the run, and what time the cluster has; nil where nothing has this name.
    /// - Throws: `Refusal.cluster` where something else has it, or nobody can tell.
    func find(_ name: String) async throws(Refusal) -> (run: RunThere, now: Timestamp)? {
        guard let (daemonSet, date) = try await get(name) else { return nil }
        guard var run = RunThere(daemonSet) else {
            throw .cluster(
                """
                daemonset/\(name) in namespace \(namespace) is no run, and was left alone; \
                the runs that are there:
                \(api.listCommand(namespace))
                """)
        }
        for name in run.notes?.others ?? [] {
            guard let (other, _) = try await get(name) else { continue }
            if other["metadata"]["labels"][RunIdentity.label].string == run.identity.value { run.others.append(other) }
        }
        return (run, date ?? .now)
    }

    /// A DaemonSet, and the server's clock; nil where nothing has this name.
    private func get(_ name: String) async throws(Refusal) -> (daemonSet: JSON, date: Timestamp?)? {
        do throws(API.Failure) {
            let answer = try await api.answer(to: "\(API.daemonSets(in: namespace))/\(name)")
            return (try API.decode(JSON.self, answer), answer.date)
        } catch {
            if case .refused(let status) = error, status.code == 404 { return nil }
            throw error.refusal
        }
    }

    func unknown(_ name: String, _ rest: String = "") -> Refusal {
        .cluster(
            """
            run \(name) not found in namespace \(namespace)\(rest); the runs that are there:
            \(api.listCommand(namespace))
            """)
    }

    /// All runs, and what time the cluster has.
    ///
    /// - Throws: `Refusal.cluster` where they can't be listed.
    func all(inAllNamespaces: Bool) async throws(Refusal) -> (runs: [RunThere], now: Timestamp) {
        let place = inAllNamespaces ? "/apis/apps/v1/daemonsets" : API.daemonSets(in: namespace)
        let path = "\(place)?labelSelector=\(API.escaped(RunIdentity.label))"
        do throws(API.Failure) {
            let list = try await api.list(JSON.self, path)
            var runs = list.items.compactMap { RunThere($0) }
            for index in runs.indices {
                runs[index].others = list.items.filter { item in
                    item["metadata"]["labels"][RunIdentity.label].string == runs[index].identity.value
                        && item["metadata"]["labels"][RunIdentity.besideLabel] != .null
                }
            }
            return (runs, list.date ?? .now)
        } catch {
            throw error.refusal
        }
    }

    /// What is left of the run of this name though its DaemonSet is not there: its Job, or what it took to the nodes.
    ///
    /// - Throws: `Refusal.cluster` where that can't be looked for.
    func leftover(
        of name: String
    ) async throws(Refusal) -> (identity: RunIdentity, hasJob: Bool, parcels: Set<Parcel>)? {
        // Of a longer name the Job's name holds the beginning only, which another run may share.
        guard name.count <= 50 else { return nil }
        var left: RunIdentity?
        var parcels: Set<Parcel> = []
        var unseen: API.Failure?
        do throws(API.Failure) {
            if let identity = try await owner(of: API.jobs(in: namespace), name, nil, &unseen) {
                return (identity, true, [])
            }
            for parcel in Parcel.allCases {
                let objects = "/api/v1/namespaces/\(namespace)/\(parcel.rawValue)"
                var refusal: API.Failure?
                let identity = try await owner(of: objects, name, left, &refusal)
                left = left ?? identity
                unseen = unseen ?? refusal
                // What may not be listed may yet be deleted, as Examples/role.yaml has it of Secrets.
                if identity != nil || refusal != nil { parcels.insert(parcel) }
            }
            if left == nil, let unseen { throw unseen }
        } catch {
            throw unknown(name, ", and what may be left of it can't be looked for: \(error.refusal.message)")
        }
        return left.map { ($0, false, parcels) }
    }

    /// - Parameters:
    ///   - known: the only run that it may be, where that is known.
    ///   - unseen: takes why such objects may not be listed.
    private func owner(
        of objects: String, _ name: String, _ known: RunIdentity?, _ unseen: inout API.Failure?
    ) async throws(API.Failure) -> RunIdentity? {
        let path = "\(objects)?labelSelector=\(API.escaped(known?.selector ?? RunIdentity.label))"
        do throws(API.Failure) {
            return try await api.list(DaemonSet.self, path).items.lazy.compactMap { object in
                let identity = object.metadata.labels?[RunIdentity.label].map { RunIdentity(name: name, value: $0) }
                return identity?.jobName == object.metadata.name ? identity : nil
            }.first
        } catch .refused(let status) {
            unseen = .refused(status)
            return nil
        }
    }

    /// The run's part of the cluster.
    func cluster(of run: RunThere) -> Cluster {
        Cluster(api: api, namespace: namespace, identity: run.identity, parcels: run.parcels)
    }
}

/// A run that is there.
struct RunThere: Sendable {
    /// That which has its name.
    let daemonSet: JSON
    /// Those for nodes of other architectures.
    var others: [JSON] = []
    let identity: RunIdentity
    let namespace: String
    let created: Timestamp
    /// Nil where they are not there, as of another version of this program.
    let notes: RunNotes?

    /// - Parameter daemonSet: as the cluster has it.
    /// - Returns: nil where it has not the label of a run, or not its name.
    init?(_ daemonSet: JSON) {
        let metadata = daemonSet["metadata"]
        guard let value = metadata["labels"][RunIdentity.label].string, let name = metadata["name"].string,
            let created = metadata["creationTimestamp"].string.flatMap({ Timestamp($0) }),
            metadata["labels"][RunIdentity.besideLabel] == .null
        else { return nil }
        self.daemonSet = daemonSet
        identity = RunIdentity(name: name, value: value)
        namespace = metadata["namespace"].string ?? ""
        self.created = created
        notes = RunNotes(of: daemonSet)
    }

    var parcels: Set<Parcel> { Parcel.all(of: identity, in: daemonSet) }

    /// What is to be deleted with it.
    var parts: Created {
        let owners = daemonSet["metadata"]["ownerReferences"].elements
        let sets = ([daemonSet] + others).map { daemonSet in
            Run.Plan.DaemonSet(
                name: daemonSet["metadata"]["name"].string ?? "", uid: daemonSet["metadata"]["uid"].string ?? "")
        }
        // One that is noted and not there was deleted. Who only looks must not take the rest for all.
        let gone = (notes?.others ?? []).filter { name in !sets.contains { $0.name == name } }.map {
            Run.Plan.DaemonSet(name: $0, uid: "")
        }
        return Created(daemonSets: sets + gone, hasJob: owners.contains { $0["name"].string == identity.jobName })
    }
}
