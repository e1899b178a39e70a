import FoundationEssentials
import System

/// Any JSON value: what this program writes, and changes of what others wrote.
public enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])
}

extension JSON {
    /// A field of an object; setting null removes it, and setting a field of what is no object makes it one.
    public subscript(_ key: String) -> JSON {
        get {
            if case .object(let fields) = self { fields[key] ?? .null } else { .null }
        }
        set {
            var fields: [String: JSON] = if case .object(let fields) = self { fields } else { [:] }
            fields[key] = newValue == .null ? nil : newValue
            self = .object(fields)
        }
    }

    /// The elements of an array, none where it is none; setting none leaves an empty array.
    public var elements: [JSON] {
        get {
            if case .array(let elements) = self { elements } else { [] }
        }
        set { self = .array(newValue) }
    }

    /// Changes each element of an array; what is none stays as it is.
    mutating func changeEach(_ change: (inout JSON) -> Void) {
        guard case .array(var elements) = self else { return }
        for index in elements.indices { change(&elements[index]) }
        self = .array(elements)
    }

    /// Adds an element to an array that has none like it.
    mutating func include(_ element: JSON) {
        if !elements.contains(element) { elements.append(element) }
    }

    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// Any value; null where it is none of JSON.
    init(_ value: some Encodable) {
        let bytes = (try? encoded(value)) ?? []
        self = (try? JSONDecoder().decode(JSON.self, from: Data(bytes))) ?? .null
    }
}

/// A value as JSON, its members in order.
func encoded(
    _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting = []
) throws(SystemError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    guard let bytes = try? encoder.encode(value) else { throw .invalid("write", "JSON") }
    return Array(bytes)
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements) { $1 })
    }
}

extension JSON: Codable {
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .string(text)
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let elements = try? value.decode([JSON].self) {
            self = .array(elements)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .string(let text): try value.encode(text)
        case .array(let elements): try value.encode(elements)
        case .object(let fields): try value.encode(fields)
        }
    }
}
