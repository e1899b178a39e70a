import CLinux
import RunOnce

/// What a program gets as its environment, see environ(7).
struct Environment {
    /// The folders that it is looked up in.
    let path: CString
    /// All variables, as `NAME=value`, and a null pointer.
    let variables: UnsafePointer<UnsafeMutablePointer<CChar>?>

    /// This program's.
    static var own: Environment {
        Environment(path: value(of: "PATH=") ?? "/usr/local/bin:/bin:/usr/bin", variables: clinux_environment())
    }
}

/// The value of a variable that this program has, nil where it has no such one.
///
/// - Parameter name: with a `=`.
private func value(of name: CString) -> CString? {
    guard var next = clinux_environment() else { return nil }
    while let variable = next.pointee {
        if let value = CString(variable).dropping(prefix: name) { return value }
        next += 1
    }
    return nil
}

/// Passes the environment for a command on the host: root's, and the node's name, but nothing else of the container.
func withHostEnvironment<Result>(_ body: (Environment) -> Result) -> Result {
    // The last is where NixOS has its programs.
    let path: CString = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin"
    let home: CString = "HOME=/root"
    // A value is followed from its variable's name, in the same string.
    let node = value(of: "NODE=").map { UnsafeMutablePointer(mutating: $0.start - 5) }
    let variables: InlineArray<4, UnsafeMutablePointer<CChar>?> = [
        UnsafeMutablePointer(mutating: path.start), UnsafeMutablePointer(mutating: home.start), node, nil,
    ]
    return variables.span.withUnsafeBufferPointer {
        body(Environment(path: CString(path.start + 5), variables: $0.baseAddress!))
    }
}
