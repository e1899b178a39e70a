import Foundation
import Glibc

/// Runs `body` with the path of a new, empty directory, and deletes it afterwards with all it holds.
///
/// Other users may enter it. The path has no symbolic link in it.
public func withTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    var template = Array("\(parent)/run-once-test.XXXXXX".utf8CString)
    guard let created = mkdtemp(&template) else { throw SystemError("mkdtemp") }
    let directory = String(cString: created)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    guard chmod(directory, 0o755) == 0 else { throw SystemError("chmod") }
    return try await body(directory)
}

/// Whether there is a file with this path.
public func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
}

/// The names in a directory, sorted.
public func names(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}
