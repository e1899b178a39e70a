/// How many nodes are at work at once, and how long that takes.
public struct Pace: Equatable, Sendable {
    /// How many are at work at once, of those that are meant.
    public var window: Share
    /// The seconds that a pod has to end in when it is told to.
    public var grace: Seconds = 30
    /// When the cluster ends the run at the latest, in seconds since the run began.
    public var latest: Seconds = .infinity

    public init(window: Share) { self.window = window }

    /// How many nodes a cluster can have: so many are reckoned with where they can't be counted.
    /// (https://kubernetes.io/docs/setup/best-practices/cluster-large/)
    public static let mostNodes = 5000

    /// How long the run may take, in seconds. Each node may take the timeout, at least the minute that it has to start
    /// in, half a minute until its log is here, and the grace period until its pod is gone. There is a minute to spare.
    ///
    /// - Parameters:
    ///   - nodes: how many are meant.
    ///   - timeout: of each node, in seconds.
    public func deadline(nodes: Int, timeout: Seconds) -> Seconds {
        let window = max(1, window.rounded(of: nodes))
        return (max(timeout, 60) + grace + 30) * Seconds(max(1, (nodes + window - 1) / window)) + 60
    }
}

/// A number of nodes, or so many percent of them.
public enum Share: Equatable, Sendable, CustomStringConvertible {
    case number(Int)
    case percent(Int)

    /// - Parameter text: a number of at most six digits, such as `10`, or percent, such as `10%`.
    public init?(_ text: String) {
        guard let parts = text.wholeMatch(of: /([0-9]{1,6})(%?)/), let number = Int(parts.1) else { return nil }
        self = parts.2.isEmpty ? .number(number) : .percent(number)
    }

    var isPercent: Bool {
        if case .percent = self { true } else { false }
    }

    /// So many of all, rounded up.
    func rounded(of all: Int) -> Int {
        switch self {
        case .number(let number): number
        case .percent(let percent): (all * percent + 99) / 100
        }
    }

    /// Whether so many of all are more than this.
    func isExceeded(by count: Int, of all: Int) -> Bool {
        switch self {
        case .number(let number): count > number
        case .percent(let percent): count * 100 > all * percent
        }
    }

    public var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .percent(let percent): "\(percent)%"
        }
    }
}
