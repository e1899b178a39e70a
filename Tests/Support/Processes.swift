import CTestSupport
import Foundation
import Glibc

/// The processes that have `text` in their environment or their command line.
///
/// Each test asks, some more than once, and the machine has many processes: so it does not take long.
public func processes(mentioning text: String) throws -> [pid_t] {
    guard let list = opendir("/proc") else { throw SystemError("opendir") }
    defer { closedir(list) }
    var found: [pid_t] = [], content = [UInt8](repeating: 0, count: 65_536)
    while let entry = readdir(list) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        guard let pid = pid_t(name) else { continue }
        if ["environ", "cmdline"].contains(where: { file in has(text, in: "/proc/\(name)/\(file)", &content) }) {
            found.append(pid)
        }
    }
    return found
}

/// Whether a file can be read and has `text` in it.
private func has(_ text: String, in file: String, _ content: inout [UInt8]) -> Bool {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var size = 0
    while true {
        if size == content.count { content += content }
        let count = content.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + size, $0.count - size) }
        guard count > 0 else { break }
        size += count
    }
    return content.withUnsafeBytes { memmem($0.baseAddress, size, text, text.utf8.count) != nil }
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
