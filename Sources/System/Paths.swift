import Glibc

/// Whether there is anything at a path, as far as this user may know.
public func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Whether a name is one of those that a pattern such as `web-*` means, see fnmatch(3).
public func matches(_ name: String, _ pattern: String) -> Bool { fnmatch(pattern, name, 0) == 0 }

/// Removes a file. Where it can't be removed, nothing is left to do about that here.
public func removeFile(_ path: String) { unlink(path) }

/// Gives a file another name, in place of the file that has it, see rename(2).
public func move(_ path: String, to new: String) throws(SystemError) {
    try check("write", new) { rename(path, new) }
}

/// Makes a folder that nobody has, which only this user can enter, see mkdtemp(3).
///
/// - Parameter prefix: the path that its path begins with.
public func makeFolder(_ prefix: String) throws(SystemError) -> String {
    var template = Array("\(prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make", "\(prefix)…") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
