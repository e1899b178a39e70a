/// A moment, to the second, as the cluster's clock has it.
public struct Timestamp: Comparable, Hashable, Sendable {
    /// Since the beginning of 1970, in UTC.
    public let seconds: Int

    public init(seconds: Int) {
        self.seconds = seconds
    }

    /// - Parameter text: as Kubernetes writes it, such as `2026-11-25T10:14:59Z` (RFC 3339, in UTC).
    public init?(_ text: String) {
        let pattern = "0000-00-00T00:00:00Z"
        let fits = zip(text.utf8, pattern.utf8).allSatisfy { byte, wanted in
            wanted == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == wanted
        }
        guard fits, text.utf8.count == pattern.utf8.count else { return nil }
        let parts = text.split { !$0.isNumber }.compactMap { Int($0) }
        self.init(year: parts[0], month: parts[1], day: parts[2], time: Array(parts[3...]))
    }

    /// - Parameter text: as a container's log has it, in the time zone of its node, such as
    ///   `2026-11-25T12:14:59.123456789+02:00` (RFC 3339).
    public init?(logTime text: String) {
        let seconds = "2026-11-25T12:14:59".utf8.count
        let zone = text.dropFirst(seconds).drop { $0 == "." || $0.isNumber }
        guard let local = Timestamp(text.prefix(seconds) + "Z") else { return nil }
        if zone == "Z" { self = local; return }
        let parts = zone.dropFirst().split(separator: ":").compactMap { Int($0) }
        guard let sign = zone.first, "+-".contains(sign), parts.count == 2 else { return nil }
        let ahead = (parts[0] * 60 + parts[1]) * 60
        self.init(seconds: local.seconds - (sign == "-" ? -ahead : ahead))
    }

    /// - Parameter text: as HTTP's `Date` has it, such as `Wed, 25 Nov 2026 10:14:59 GMT` (RFC 9110, 5.6.7).
    public init?(httpDate text: String) {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])),
            let day = Int(words[1]), let year = Int(words[3])
        else { return nil }
        self.init(year: year, month: month + 1, day: day, time: words[4].split(separator: ":").compactMap { Int($0) })
    }

    /// Days are counted from 1 March of the year 0, so that a leap day is the last of its year.
    private init?(year: Int, month: Int, day: Int, time: [Int]) {
        guard (0...9999).contains(year), (1...12).contains(month), (1...31).contains(day), time.count == 3,
            time.allSatisfy((0...60).contains)
        else { return nil }
        let year = month > 2 ? year : year - 1
        let daysBefore = 365 * year + year / 4 - year / 100 + year / 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let days = daysBefore + dayOfYear - 719_468
        seconds = ((days * 24 + time[0]) * 60 + time[1]) * 60 + time[2]
    }

    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.seconds < other.seconds }

    /// How much time has passed since another moment, negative where that is later.
    public func since(_ other: Timestamp) -> Seconds { Seconds(seconds - other.seconds) }
}
