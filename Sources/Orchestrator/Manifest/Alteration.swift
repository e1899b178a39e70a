import FoundationEssentials

/// A field of an object that the cluster made another of than was asked for: a policy changed it, or the API server
/// does not know it.
struct Alteration: Equatable, Sendable {
    /// Such as `spec.template.spec.containers[task].command`.
    let path: String
    let asked: JSON
    /// Null where it was dropped.
    let made: JSON

    /// For the user, with both values.
    var text: String {
        let made = made == .null ? "removes it" : "makes it \(Alteration.text(made))"
        return "\(path) is asked to be \(Alteration.text(asked)), and the cluster \(made)"
    }

    private static func text(_ value: JSON) -> String {
        let bytes = (try? encoded(value)) ?? []
        return oneLine(String(decoding: bytes, as: UTF8.self), atMost: 200)
    }

    /// What a task depends on, and which nodes run it. What else a policy changes, such as resources, is its affair.
    var isOfMoment: Bool {
        if path.hasPrefix("spec.updateStrategy") { return true }
        let template = "spec.template.spec."
        guard path.hasPrefix(template) else { return false }
        // That there is less room is told with what fits.
        if path.hasSuffix(".sizeLimit") { return false }
        let parts = path.dropFirst(template.count).split(separator: ".")
        guard let field = parts.first?.prefix(while: { $0 != "[" }) else { return false }
        guard field == "containers" || field == "initContainers" else {
            return Alteration.ofPods.contains(String(field))
        }
        guard parts.count > 1 else { return true }
        return Alteration.ofContainers.contains(String(parts[1].prefix { $0 != "[" }))
    }

    private static let ofPods: Set = [
        "volumes", "schedulingGates", "securityContext", "hostPID", "hostNetwork", "hostIPC", "nodeSelector",
        "affinity", "tolerations",
    ]
    private static let ofContainers: Set = [
        "command", "args", "env", "readinessProbe", "volumeMounts", "securityContext",
    ]

    /// It may be a field that the API server does not know. What users call something, such as a label, is none.
    var mayBeUnknown: Bool {
        made == .null && !["resources.", "labels.", "annotations."].contains { path.contains($0) }
    }

    /// Where pods are told to wait for their turn.
    static let gates = "spec.template.spec.schedulingGates"

    var isOfGates: Bool { path.hasPrefix(Alteration.gates) }

    var isProbe: Bool { made == .null && path.hasSuffix(".readinessProbe") }
}

extension JSON {
    /// What is other in what the cluster made of it. What was added is left alone.
    func alterations(in made: JSON, at path: String = "") -> [Alteration] {
        switch (self, made) {
        case (.object(let fields), .object(let taken)):
            return fields.sorted { $0.key < $1.key }.flatMap { name, value in
                let there = taken[name] ?? .null
                // What is asked as 0 and is 1 is another value; what is not there is 0.
                if value == .null || value.isEmpty && there.isEmpty { return [Alteration]() }
                return value.alterations(in: there, at: path.isEmpty ? name : "\(path).\(name)")
            }
        case (.array(let elements), .array(let taken)):
            return JSON.alterations(of: elements, in: taken, at: path)
        default:
            return isSame(as: made) ? [] : [Alteration(path: path, asked: self, made: made)]
        }
    }

    /// Elements are matched by their mountPath or name, such as two containers. A list of words, such as a command, is
    /// compared as a whole.
    private static func alterations(of elements: [JSON], in taken: [JSON], at path: String) -> [Alteration] {
        let keys = ["mountPath", "name"]
        guard let key = keys.first(where: { key in elements.allSatisfy { $0[key].string != nil } }) else {
            let isObjects = elements.allSatisfy { if case .object = $0 { true } else { false } }
            let isSame =
                isObjects
                ? elements.allSatisfy { one in taken.contains { one.alterations(in: $0).isEmpty } } : elements == taken
            return isSame ? [] : [Alteration(path: path, asked: .array(elements), made: .array(taken))]
        }
        return elements.flatMap { element in
            let found = taken.first { $0[key] == element[key] } ?? .null
            return element.alterations(in: found, at: "\(path)[\(element[key].string ?? "")]")
        }
    }

    /// An API server writes quantities in its own way: 1024Mi is 1Gi.
    private func isSame(as other: JSON) -> Bool {
        if self == other { return true }
        guard let one = string.flatMap(quantity), let two = other.string.flatMap(quantity) else { return false }
        return one == two
    }

    /// It says as much as a field that is not there: an API server may leave it out.
    private var isEmpty: Bool {
        switch self {
        case .null, .object([:]), .array([]), .string(""), .bool(false), .integer(0): true
        default: false
        }
    }
}
