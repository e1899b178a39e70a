import Foundation
import Glibc

/// The processes that have `text` in their environment or their command line.
public func processes(mentioning text: String) throws -> [pid_t] {
    try names(in: "/proc").compactMap { pid_t($0) }.filter { pid in
        ["environ", "cmdline"].contains { file in
            let content = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/\(file)"))
            return content?.range(of: Data(text.utf8)) != nil
        }
    }
}

/// The children that a process has now, also those that have ended and are not reaped.
public func children(of process: pid_t) -> [pid_t] {
    let list = try? String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
    return (list ?? "").split(separator: " ").compactMap { pid_t($0) }
}

/// Kills the processes that have `text` in their environment or their command line.
public func killProcesses(mentioning text: String) {
    for process in (try? processes(mentioning: text)) ?? [] { kill(process, SIGKILL) }
}
