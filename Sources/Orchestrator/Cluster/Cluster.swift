import FoundationEssentials
import RunLogic

/// A run's part of the cluster: its namespace, what the run created there, and nothing else.
public struct Cluster: Sendable {
    let api: API
    let namespace: String
    let identity: RunIdentity
    /// What the run takes to its nodes besides its DaemonSet, which not everybody may list or delete.
    var parcels: Set<Parcel> = []

    /// Leaves the cluster alone.
    public func disconnect() async {
        await api.proxy.stop()
    }

    var daemonSets: String { API.daemonSets(in: namespace) }
    var ownDaemonSets: String { "\(daemonSets)?labelSelector=\(API.escaped(identity.selector))" }
    var jobs: String { API.jobs(in: namespace) }
    var pods: String { "/api/v1/namespaces/\(namespace)/pods" }
    var ownPods: String { "\(pods)?labelSelector=\(API.escaped(identity.selector))" }

    // MARK: Following

    private static let pending = "status.phase=Pending"
    private static let started = "status.phase!=Pending"

    private func ownPods(_ fields: String) -> String { "\(ownPods)&fieldSelector=\(API.escaped(fields))" }

    /// Follows the run's pods until the task is cancelled.
    ///
    /// - Parameter started: only those that have started, which are half of what there is to follow.
    func followPods(started: Bool, _ tell: @escaping @Sendable (Event) -> Void) async {
        await Follower<Pod>(api: api, path: started ? ownPods(Cluster.started) : ownPods) { news in
            switch news {
            case .all(let pods): tell(.podsListed(pods))
            case .changed(let pod): tell(.pod(pod))
            case .removed(let pod): tell(.podRemoved(pod))
            case .about(let event): tell(event)
            }
        }.follow()
    }

    /// Follows the run's DaemonSets until the task is cancelled.
    func followDaemonSets(
        _ wanted: [Run.Plan.DaemonSet], _ tell: @escaping @Sendable (Event) -> Void
    ) async {
        let see: @Sendable (DaemonSet) -> Void = { daemonSet in
            tell(.daemonSet(uid: daemonSet.metadata.uid, daemonSet.runStatus))
            if let note = daemonSet.note { tell(.note(note)) }
        }
        await Follower<DaemonSet>(api: api, path: ownDaemonSets) { news in
            switch news {
            case .all(let found):
                found.forEach(see)
                let uids = Set(found.map(\.metadata.uid))
                for lost in wanted where !uids.contains(lost.uid) { tell(.daemonSetRemoved(uid: lost.uid)) }
            case .changed(let daemonSet): see(daemonSet)
            case .removed(let daemonSet): tell(.daemonSetRemoved(uid: daemonSet.metadata.uid))
            case .about(let event): tell(event)
            }
        }.follow()
    }

    // MARK: Asking

    /// Nodes are asked as a table, and never followed: thousands of them are large, and change all the time.
    /// (https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables)
    private static let asTable = ["Accept: application/json;as=Table;v=v1;g=meta.k8s.io"]

    /// A table, as these columns.
    private func table(
        _ path: String, _ columns: (Table) -> [[String]]?
    ) async throws(API.Failure) -> [[String]] {
        var rows: [[String]] = []
        var next = ""
        while true {
            let (more, metadata) = try await page(path + next, columns)
            rows += more
            guard let another = metadata?.next else { return rows }
            next = another
        }
    }

    /// A page of a table, with up to 500 rows of these columns.
    func page(
        _ path: String, _ columns: (Table) -> [[String]]?
    ) async throws(API.Failure) -> (rows: [[String]], ListMetadata?) {
        let page = try await api.get(
            Table.self, "\(path)&includeObject=None&limit=500", headers: Cluster.asTable, limit: api.limits.page)
        guard let rows = columns(page) else { throw .outage("a table without the columns that were asked for") }
        return (rows, page.metadata)
    }

    /// All pods of the run, or all that have started.
    func allPods(started: Bool) async throws(API.Failure) -> [Pod] {
        try await api.list(Pod.self, started ? ownPods(Cluster.started) : ownPods).items
    }

    /// The run's pods that have not started.
    func pendingPods() async throws(API.Failure) -> [Pod] {
        try await api.list(Pod.self, ownPods(Cluster.pending)).items
    }

    /// The nodes that are not ready.
    func nodesNotReady() async throws(API.Failure) -> Set<String> {
        let nodes = try await table("/api/v1/nodes?labelSelector=") { $0.values("Name", "Status") }
        return Set(nodes.filter { $0[1].hasPrefix("NotReady") || $0[1].hasPrefix("Unknown") }.map { $0[0] })
    }

    /// The names of all nodes; nil where they may not be listed.
    func nodeNames() async throws(Refusal) -> Set<String>? {
        do throws(API.Failure) {
            return Set(try await table("/api/v1/nodes?labelSelector=") { $0.values("Name") }.map { $0[0] })
        } catch {
            if case .refused = error { return nil }
            throw error.refusal
        }
    }

    /// How many nodes DaemonSets select; nil where that can't be known.
    func matchingNodes(of daemonSets: [JSON]) async -> Int? {
        var names: Set<String> = []
        for daemonSet in daemonSets {
            guard let found = try? await nodes(of: daemonSet) else { return nil }
            names.formUnion(found)
        }
        return names.count
    }

    /// The names of the nodes that a DaemonSet selects; nil where no query can say which they are.
    ///
    /// - Parameter label: one more requirement.
    /// - Throws: `Refusal` where they can't be listed.
    func nodes(of daemonSet: JSON, and label: String? = nil) async throws(Refusal) -> Set<String>? {
        guard let queries = NodeQuery.all(of: daemonSet) else { return nil }
        var names: Set<String> = []
        do throws(API.Failure) {
            for query in queries { names.formUnion(try await nodes(query, and: label)) }
        } catch {
            throw error.refusal
        }
        return names
    }

    /// The names of the nodes that a query finds.
    ///
    /// - Parameter label: one more requirement.
    func nodes(_ query: NodeQuery, and label: String? = nil) async throws(API.Failure) -> Set<String> {
        let rows = try await table("/api/v1/nodes?\(query.text(and: label))") { $0.values("Name") }
        let names = Set(rows.map { $0[0] })
        return query.names.map { names.intersection($0) } ?? names
    }

    /// Warnings about what is in the namespace, and which images are pulled there.
    func warnings() async throws(API.Failure) -> [Warning] {
        let path = "/api/v1/namespaces/\(namespace)/events?fieldSelector="
        let warnings = try await api.list(WarningEvent.self, path + "type%3DWarning").items
        let pulls = try await api.list(WarningEvent.self, path + "reason%3DPulling").items
        return (warnings + pulls).compactMap { event in
            guard let uid = event.involvedObject.uid, let reason = event.reason else { return nil }
            return Warning(uid: uid, reason: reason, message: event.message ?? "")
        }
    }
}
