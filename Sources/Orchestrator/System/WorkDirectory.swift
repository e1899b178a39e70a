import FoundationEssentials
import Glibc

/// A folder of this run's own, which only this user can enter.
public struct WorkDirectory: Sendable {
    public let path: String

    /// Makes it in the first of these folders in which a socket's name is short enough: unix(7) allows 107 bytes.
    ///
    /// - Throws: `Refusal` where none of them will do.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(Refusal) {
        let folders = [environment["XDG_RUNTIME_DIR"], environment["TMPDIR"], "/tmp"].compactMap { $0 }
        var why = ""
        for folder in folders where folder.hasPrefix("/") && folder.utf8.count <= 75 {
            var template = Array("\(folder)/run-once-XXXXXX".utf8CString)
            if mkdtemp(&template) != nil {
                path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
                return
            }
            why = ": \(String(cString: strerror(errno)))"
        }
        throw Refusal.cluster("no temporary folder can be made in \(folders.joined(separator: " or "))\(why)")
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Removes it with all that is in it.
    public func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}

extension Signals {
    /// Makes the folder. From now on a signal removes it, and ends the program.
    func directory() throws(Refusal) -> WorkDirectory {
        tell { exit(128 + $0) }
        let directory = try WorkDirectory()
        end(removing: directory)
        return directory
    }

    /// From now on a signal removes the folder, and ends the program.
    func end(removing directory: WorkDirectory) {
        tell { number in
            directory.remove()
            exit(128 + number)
        }
    }
}
