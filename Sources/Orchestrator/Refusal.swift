/// Why the run can't be, in one line for the user.
public enum Refusal: Error, Equatable, Sendable {
    /// The command line or the manifest is wrong: exit status 2, nothing was created.
    case usage(String)
    /// The cluster refused, can't be reached, or something that is needed here is missing: exit status 3.
    case cluster(String)
    /// A signal asked for the end, and what was under way did not come about.
    case stopped(Int32, String)

    /// No answer comes from a cluster.
    static func unreachable(_ why: String) -> Refusal {
        // Where kubectl looks for one when it knows of none.
        let isUnknown = why.contains("127.0.0.1:8080") || why.contains("localhost:8080") || why.contains("[::1]:8080")
        let hint = isUnknown ? ": is one configured? --kubeconfig, $KUBECONFIG or --context names it" : ""
        return .cluster("no cluster can be reached: \(why)\(hint)")
    }

    public var exitStatus: Int32 {
        switch self {
        case .usage: 2
        case .cluster: 3
        case .stopped(let signal, _): 128 + signal
        }
    }

    public var message: String {
        switch self {
        case .usage(let text), .cluster(let text), .stopped(_, let text): text
        }
    }
}
