import Foundation
import Testing

/// A kubectl that the tests have.
public enum Kubectl: String, CaseIterable, Sendable {
    /// The one on PATH.
    case current
    /// Of Kubernetes 1.20, the oldest that is supported.
    case oldest

    /// Those that are there.
    public static let installed = allCases.filter { exists($0.directory + "/kubectl") }

    /// The folder that holds it.
    public var directory: String {
        let environment = ProcessInfo.processInfo.environment
        return switch self {
        case .current:
            (environment["PATH"] ?? "").split(separator: ":").map(String.init).first { exists($0 + "/kubectl") } ?? ""
        case .oldest: environment["RUN_ONCE_OLD_KUBECTL"] ?? repositoryRoot + "/.build/old-kubectl/usr/bin"
        }
    }

    /// The PATH that finds it before any other.
    public var path: String { directory + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "") }
}

extension FakeAPI {
    /// Runs a kubectl to its end.
    public func kubectl(_ arguments: String..., by kubectl: Kubectl = .current) async throws -> Outcome {
        try await run([kubectl.directory + "/kubectl"] + arguments, environment: environment, directory: directory)
    }
}
