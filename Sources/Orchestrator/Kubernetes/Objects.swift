import FoundationEssentials
import RunLogic

/// An answer of the API that is no object: a refusal, or a success without more to say.
/// (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/)
struct Status: Decodable {
    let kind: String
    let message: String?
    let reason: String?
    let code: Int?

    /// The status in an answer, nil where the answer is something else.
    init?(_ body: [UInt8]) {
        guard let status = try? JSONDecoder().decode(Status.self, from: Data(body)), status.kind == "Status" else {
            return nil
        }
        self = status
    }
}

/// A page of a list.
struct ListPage<Item: Decodable>: Decodable {
    let metadata: ListMetadata
    let items: [Item]
}

struct ListMetadata: Decodable {
    let resourceVersion: String?
    private let `continue`: String?
    /// What the query of the next page has more; nil on the last one.
    var next: String? { `continue`.flatMap { $0.isEmpty ? nil : "&continue=\(API.escaped($0))" } }
}

/// A line of a watch.
/// (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes)
enum WatchLine<Object: Decodable>: Decodable {
    case changed(Object, version: String)
    case deleted(Object, version: String)
    case bookmark(version: String)
    case error(Status)

    private enum Key: CodingKey {
        case type, object
    }

    private struct Versioned: Decodable {
        struct Metadata: Decodable { let resourceVersion: String }
        let metadata: Metadata
    }

    init(from decoder: any Decoder) throws {
        let line = try decoder.container(keyedBy: Key.self)
        let type = try line.decode(String.self, forKey: .type)
        if type == "ERROR" {
            self = .error(try line.decode(Status.self, forKey: .object))
            return
        }
        let version = try line.decode(Versioned.self, forKey: .object).metadata.resourceVersion
        switch type {
        case "BOOKMARK": self = .bookmark(version: version)
        case "DELETED": self = .deleted(try line.decode(Object.self, forKey: .object), version: version)
        default: self = .changed(try line.decode(Object.self, forKey: .object), version: version)
        }
    }
}

/// The slice of a DaemonSet that a run follows.
struct DaemonSet: Decodable, Sendable {
    struct Metadata: Decodable, Sendable {
        let name: String
        let uid: String
        let creationTimestamp: String?
        let generation: Int?
        let labels: [String: String]?
        let annotations: [String: String]?
    }
    struct Status: Decodable, Sendable {
        let observedGeneration: Int?
        let desiredNumberScheduled: Int?
        let currentNumberScheduled: Int?
    }
    let metadata: Metadata
    let status: Status?

    /// What the one who started the run has noted on it.
    var note: Note? { Note(noted: metadata.annotations?[RunNotes.soFar]) }

    var runStatus: DaemonSetStatus {
        DaemonSetStatus(
            isObserved: status?.observedGeneration ?? 0 >= metadata.generation ?? 1,
            wanted: status?.desiredNumberScheduled ?? 0, scheduled: status?.currentNumberScheduled ?? 0,
            generation: metadata.generation ?? 1)
    }
}

/// The slice of an Event that tells why something does not happen.
struct WarningEvent: Decodable {
    struct Involved: Decodable { let uid: String? }
    let involvedObject: Involved
    let reason: String?
    let message: String?
}

/// What `kubectl get` would show: columns, and a row of cells for each object.
/// (https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables)
struct Table: Decodable {
    struct Column: Decodable { let name: String }
    struct Row: Decodable { let cells: [JSON] }
    let metadata: ListMetadata?
    let columnDefinitions: [Column]
    let rows: [Row]?

    /// The cells of these columns, a row for each object; nil where one of them is not there.
    func values(_ names: String...) -> [[String]]? {
        let columns = names.compactMap { name in columnDefinitions.firstIndex { $0.name == name } }
        guard columns.count == names.count else { return nil }
        return (rows ?? []).map { row in columns.map { $0 < row.cells.count ? row.cells[$0].string ?? "" : "" } }
    }
}
