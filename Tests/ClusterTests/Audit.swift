import Foundation

/// What a rule allows.
struct Right: Hashable, CustomStringConvertible {
    let verb: String
    let group: String
    let resource: String

    var description: String { "\(verb) \(resource)\(group.isEmpty ? "" : ".\(group)")" }
}

/// A request as the cluster's audit log has it.
/// (https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/)
struct AuditedRequest: Decodable {
    struct Object: Decodable { let resource: String, subresource: String?, apiGroup: String? }

    let verb: String
    let requestURI: String
    let objectRef: Object?
    let annotations: [String: String]?

    var isAllowed: Bool { annotations?["authorization.k8s.io/decision"] == "allow" }

    /// The right that it takes; nil where it is about no object.
    var right: Right? {
        objectRef.map { object in
            let path = [object.resource] + [object.subresource].compactMap { $0 }
            return Right(verb: verb, group: object.apiGroup ?? "", resource: path.joined(separator: "/"))
        }
    }
}

extension Cluster {
    /// All that a user asked of the API server.
    static func requests(by user: String) throws -> [AuditedRequest] {
        let log = try String(contentsOfFile: directory + "/log/audit.log", encoding: .utf8)
        // What is after the last newline is still being written.
        return try log[..<(log.lastIndex(of: "\n") ?? log.startIndex)].split(separator: "\n")
            .filter { $0.contains("\"\(user)\"") }
            .map { try JSONDecoder().decode(AuditedRequest.self, from: Data($0.utf8)) }
    }
}
