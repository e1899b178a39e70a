import FoundationEssentials
import System

/// Folders of this run's own, which only this user can enter: one for its socket, and one for results.
public struct WorkDirectory: Sendable {
    public let path: String
    /// Not in $XDG_RUNTIME_DIR, which is small and in memory.
    /// (https://specifications.freedesktop.org/basedir-spec/latest/)
    public let results: String

    /// Makes them, that for the socket in the first folder in which its name is short enough: unix(7) allows 107 bytes.
    ///
    /// - Throws: `Refusal` where no folder will do.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(Refusal) {
        let large = [environment["TMPDIR"], "/tmp"].compactMap { $0 }.filter { $0.hasPrefix("/") }
        let runtime = environment["XDG_RUNTIME_DIR"].map { [$0] } ?? []
        let short = (runtime + large).filter { $0.hasPrefix("/") && $0.utf8.count <= 75 }
        path = try WorkDirectory.make(in: short)
        do throws(Refusal) {
            results = try WorkDirectory.make(in: large)
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    private static func make(in folders: [String]) throws(Refusal) -> String {
        var why = ""
        for folder in folders {
            do throws(SystemError) {
                return try makeFolder("\(folder)/run-once-")
            } catch {
                why = ": \(error.reason)"
            }
        }
        throw Refusal.cluster("no temporary folder can be made in \(folders.joined(separator: " or "))\(why)")
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Removes them with all that is in them.
    public func remove() {
        for folder in [path, results] { try? FileManager.default.removeItem(atPath: folder) }
    }
}

extension Signals {
    /// Makes the folder. From now on a signal removes it, and ends the program.
    func directory() throws(Refusal) -> WorkDirectory {
        tell { endProgram(128 + $0) }
        let directory = try WorkDirectory()
        end(removing: directory)
        return directory
    }

    /// From now on a signal removes the folder, and ends the program.
    func end(removing directory: WorkDirectory) {
        tell { number in
            directory.remove()
            endProgram(128 + number)
        }
    }
}
