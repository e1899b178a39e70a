import CLinux

/// An open file descriptor, and the name that failures call it by.
public struct Descriptor: Sendable {
    let number: Int32
    let name: CString

    public static let standardOutput = Descriptor(number: 1, name: "standard output")
    public static let standardError = Descriptor(number: 2, name: "standard error")

    /// Opens a file, never as 0, 1 or 2: where the caller closed a standard stream, no other file takes
    /// its place.
    ///
    /// - Parameters:
    ///   - path: the file, relative to `directory`.
    ///   - flags: those of open(2); `O_CLOEXEC` is added.
    ///   - directory: where a relative path starts; the working directory unless given.
    ///   - name: what failures call the file; `path` unless given.
    /// - Throws: `Failure` as open(2) fails.
    public static func open(
        _ path: CString, _ flags: Int32, in directory: Descriptor? = nil, name: CString? = nil
    ) throws(Failure) -> Descriptor {
        let name = name ?? path
        let number = try systemCall("openat", name) {
            clinux_openat(directory?.number ?? AT_FDCWD, path.start, flags | O_CLOEXEC, 0o644)
        }
        let opened = Descriptor(number: number, name: name)
        guard number <= standardError.number else { return opened }
        let moved = try systemCall("fcntl", name) { clinux_duplicate(number, standardError.number + 1) }
        try opened.close()
        return Descriptor(number: moved, name: name)
    }

    /// Makes a pipe, see pipe(2). Both ends close on exec.
    ///
    /// - Throws: `Failure` as pipe2(2) fails.
    public static func pipe() throws(Failure) -> (reading: Descriptor, writing: Descriptor) {
        var ends: InlineArray<2, Int32> = [-1, -1]
        var span = ends.mutableSpan
        _ = try systemCall("pipe2", "pipe") {
            span.withUnsafeMutableBufferPointer { pipe2($0.baseAddress!, O_CLOEXEC) }
        }
        return (Descriptor(number: ends[0], name: "pipe"), Descriptor(number: ends[1], name: "pipe"))
    }

    /// Reads once.
    ///
    /// - Returns: the number of bytes read; 0 at the end of the file.
    /// - Throws: `Failure` as read(2) fails.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        try systemCall("read", name) { CLinux.read(number, buffer.baseAddress, buffer.count) }
    }

    /// Writes all of `bytes`, in as many calls as it takes; for no bytes in one call, which still fails
    /// where the descriptor is not open for writing.
    ///
    /// - Throws: `Failure` as write(2) fails.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var rest = bytes
        repeat {
            let written = try systemCall("write", name) { CLinux.write(number, rest.baseAddress, rest.count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        } while !rest.isEmpty
    }

    /// Writes all of `text`, without its NUL.
    ///
    /// - Throws: `Failure` as write(2) fails.
    public func write(_ text: CString) throws(Failure) {
        try write(UnsafeRawBufferPointer(start: text.start, count: text.count))
    }

    /// Sets the permissions, whatever the umask.
    ///
    /// - Throws: `Failure` as fchmod(2) fails.
    public func setMode(_ mode: mode_t) throws(Failure) {
        _ = try systemCall("fchmod", name) { fchmod(number, mode) }
    }

    /// Renames a file in this directory, in place of one that has the new name.
    ///
    /// - Throws: `Failure` as rename(2) fails.
    public func rename(_ old: CString, to new: CString) throws(Failure) {
        _ = try systemCall("renameat", name) { renameat(number, old.start, number, new.start) }
    }

    /// Closes the descriptor.
    ///
    /// - Throws: `Failure` as close(2) fails: a write that was accepted before can fail only here.
    public func close() throws(Failure) {
        guard CLinux.close(number) == -1 else { return }
        let code = clinux_errno()
        if code != EINTR { throw Failure("close", name, code: code) }
    }
}
