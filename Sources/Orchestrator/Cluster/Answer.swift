import RunLogic

/// The cluster did not answer: it can't be reached, or something between it and us answered in its place.
struct NoAnswer: Error, Equatable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// An answer to a request.
struct Answer: Sendable {
    let code: Int
    /// What the API warns of, such as a policy that pods will not meet.
    /// (https://kubernetes.io/docs/reference/using-api/deprecation-policy/#warnings)
    let warnings: [String]
    /// The server's clock.
    let date: Timestamp?
    let body: [UInt8]

    /// - Parameter bytes: the head and the body of an answer in HTTP/1.1; heads of interim answers come before.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while true {
            guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
            rest = rest[end.upperBound...]
            guard let first = lines.first?.split(separator: " "), first.count > 1, let number = Int(first[1]) else {
                return nil
            }
            if number < 200 { continue }
            code = number
            warnings = lines.filter { $0.lowercased().hasPrefix("warning:") }.compactMap(Answer.warning)
            let dates = lines.filter { $0.lowercased().hasPrefix("date:") }
            date = dates.first.flatMap { Timestamp(httpDate: String($0.dropFirst(5).drop { $0 == " " })) }
            body = Array(rest)
            return
        }
    }

    /// The text of a line such as `Warning: 299 - "would violate PodSecurity"`.
    private static func warning(_ line: Substring) -> String? {
        guard let start = line.firstIndex(of: "\""), let end = line.lastIndex(of: "\""), start < end else { return nil }
        return String(line[line.index(after: start)..<end]).replacing(/\\(.)/) { $0.1 }
    }
}
