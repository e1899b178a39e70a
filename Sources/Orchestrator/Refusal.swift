/// Why the run can't be, in one line for the user.
public enum Refusal: Error, Equatable, Sendable {
    /// The command line or the manifest is wrong: exit status 2, nothing was created.
    case usage(String)
    /// The cluster refused, can't be reached, or something that is needed here is missing: exit status 3.
    case cluster(String)

    public var exitStatus: Int32 {
        switch self {
        case .usage: 2
        case .cluster: 3
        }
    }

    public var message: String {
        switch self {
        case .usage(let text), .cluster(let text): text
        }
    }
}
