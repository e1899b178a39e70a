import CLinux
import RunOnce

/// Becomes another program, looked up as execvp(3) does. Like a shell, and unlike execvp(3) of musl, it has a
/// shell run a script that has no `#!`.
///
/// - Parameters:
///   - words: the program, and its arguments. The word before them may be overwritten.
///   - environment: what it gets.
/// - Returns: only where that fails: the error number.
func execute(_ words: Arguments, in environment: Environment) -> Int32 {
    guard let name = words.first, name.count > 0 else { return ENOENT }
    if name.following(47) != nil { return execute(name, words, environment) }
    var result = ENOENT
    var folders = environment.path
    while true {
        let next = folders.following(58)
        let length = next.map { $0.start - folders.start - 1 } ?? folders.count
        let code = execute(name, in: folders.start, length, words, environment)
        // Another folder may have it; if not, one that may not be executed is what to tell.
        if code == EACCES { result = code } else if code != ENOENT && code != ENOTDIR { return code }
        guard let next else { return result }
        folders = next
    }
}

/// - Returns: the error number, where there is no such program in the folder, or it can't be executed.
private func execute(
    _ name: CString, in folder: UnsafePointer<CChar>, _ length: Int, _ words: Arguments, _ environment: Environment
) -> Int32 {
    // PATH_MAX, with the NUL.
    var path = InlineArray<4096, CChar>(repeating: 0)
    guard length + 1 + name.count < path.count else { return ENOENT }
    var span = path.mutableSpan
    return span.withUnsafeMutableBufferPointer { path in
        let start = path.baseAddress!
        memcpy(start, folder, length)
        // No folder is the working directory.
        if length > 0 { start[length] = 47 }
        memcpy(start + (length > 0 ? length + 1 : 0), name.start, name.count)
        return execute(CString(start), words, environment)
    }
}

private func execute(_ path: CString, _ words: Arguments, _ environment: Environment) -> Int32 {
    execve(path.start, words.vector, environment.variables)
    let code = clinux_errno()
    guard code == ENOEXEC, isText(path) else { return code }
    // The word before is this program's own name, or one of its options.
    let command = words.vector - 1
    let shell: CString = "/bin/sh"
    command[0] = UnsafeMutablePointer(mutating: shell.start)
    command[1] = UnsafeMutablePointer(mutating: path.start)
    execve(shell.start, command, environment.variables)
    return code
}

/// Whether a file may be a script: what is built for another machine is not.
private func isText(_ path: CString) -> Bool {
    var start = InlineArray<64, UInt8>(repeating: 0)
    var span = start.mutableSpan
    let count = try? span.withUnsafeMutableBytes { bytes throws(Failure) in
        try Descriptor.open(path, O_RDONLY).read(into: bytes)
    }
    guard let count else { return false }
    for index in 0..<count where start[index] == 0 { return false }
    return true
}
