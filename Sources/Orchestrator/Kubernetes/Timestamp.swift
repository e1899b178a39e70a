import FoundationEssentials
import RunLogic

/// A moment, to the second, as the cluster's clock has it.
public struct Timestamp: Equatable, Sendable {
    /// Since the beginning of 1970, in UTC.
    let seconds: Int

    init(seconds: Int) {
        self.seconds = seconds
    }

    /// - Parameter text: as Kubernetes writes it, such as `2026-11-25T10:14:59Z`, or as a container's log has it, in the
    ///   time zone of its node, such as `2026-11-25T12:14:59.123456789+02:00` (RFC 3339).
    public init?(_ text: String) {
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        self.init(seconds: Int(date.timeIntervalSince1970))
    }

    /// - Parameter text: as HTTP's `Date` has it, such as `Wed, 25 Nov 2026 10:14:59 GMT` (RFC 9110, 5.6.7).
    init?(httpDate text: String) {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        self.init("\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z")
    }

    /// This machine's clock, where the cluster does not tell the time.
    static var now: Timestamp { Timestamp(seconds: Int(Date().timeIntervalSince1970)) }

    /// As Kubernetes writes it.
    var text: String { Date(timeIntervalSince1970: Double(seconds)).ISO8601Format() }

    /// How much time has passed since another moment, negative where that is later.
    func since(_ other: Timestamp) -> Seconds { Seconds(seconds - other.seconds) }
}
