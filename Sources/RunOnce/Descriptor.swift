import CLinux

/// An open file descriptor, which it closes at the end of its life, and the name that failures call it by.
@frozen  // or else it may not be discarded, in Embedded Swift
public struct Descriptor: ~Copyable, Sendable {
    /// The number that system calls take.
    public let number: Int32
    let name: CString

    /// - Parameters:
    ///   - number: an open descriptor that nobody else closes.
    ///   - name: what failures call it.
    public init(owning number: Int32, name: CString) {
        self.number = number
        self.name = name
    }

    deinit {
        CLinux.close(number)
    }

    /// The process's standard output, to be taken once.
    public static func standardOutput() -> Descriptor {
        Descriptor(owning: 1, name: "standard output")
    }

    /// None: poll(2) takes no notice of it.
    public static func none() -> Descriptor {
        Descriptor(owning: -1, name: "")
    }

    /// Takes a new descriptor, never as 0, 1 or 2: where the caller closed a standard stream, no other file takes
    /// its place.
    ///
    /// - Parameters:
    ///   - number: what a system call gave.
    ///   - name: what failures call it.
    /// - Throws: `Failure` as fcntl(2) fails.
    public init(new number: Int32, name: CString) throws(Failure) {
        self.init(owning: number, name: name)
        guard number <= 2 else { return }
        self = Descriptor(owning: try systemCall("fcntl", name) { clinux_duplicate(number, 3) }, name: name)
    }

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: the file, also what failures call it.
    ///   - flags: those of open(2); `O_CLOEXEC` is added.
    /// - Throws: `Failure` as open(2) fails.
    public static func open(_ path: CString, _ flags: Int32) throws(Failure) -> Descriptor {
        try open(path, flags, at: AT_FDCWD, name: path)
    }

    /// Opens a file in this directory.
    ///
    /// - Parameters:
    ///   - file: its name. Failures call it by the directory's, which is the one that the user knows.
    ///   - flags: those of open(2); `O_CLOEXEC` is added.
    /// - Throws: `Failure` as open(2) fails.
    public func open(_ file: CString, _ flags: Int32) throws(Failure) -> Descriptor {
        try Self.open(file, flags, at: number, name: name)
    }

    @inline(never)  // or else it is in the program many times
    private static func open(
        _ path: CString, _ flags: Int32, at directory: Int32, name: CString
    ) throws(Failure) -> Descriptor {
        try Descriptor(
            new: systemCall("openat", name) {
                clinux_openat(directory, path.start, flags | O_CLOEXEC, 0o644)
            }, name: name)
    }

    /// Reads once.
    ///
    /// - Returns: the number of bytes read; 0 at the end of the file.
    /// - Throws: `Failure` as read(2) fails.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        try systemCall("read", name) { CLinux.read(number, buffer.baseAddress, buffer.count) }
    }

    /// Writes once.
    ///
    /// - Returns: the number of bytes written.
    /// - Throws: `Failure` as write(2) fails.
    func writeSome(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Int {
        try systemCall("write", name) { CLinux.write(number, bytes.baseAddress, bytes.count) }
    }

    /// Locks the file for as long as it is open here, in place of the lock that it has here.
    ///
    /// - Throws: `Failure` as flock(2) fails.
    func lock(_ operation: Int32) throws(Failure) {
        _ = try systemCall("flock", name) { flock(number, operation) }
    }

    /// Waits until all that was written is on the disk.
    ///
    /// - Throws: `Failure` as fsync(2) fails.
    func sync() throws(Failure) {
        _ = try systemCall("fsync", name) { fsync(number) }
    }

    /// Writes all of `bytes`, in as many calls as it takes; for no bytes in one call, which still fails
    /// where the descriptor is not open for writing.
    ///
    /// Where whoever started the program made the descriptor non-blocking, and it is full, it waits all the same.
    ///
    /// - Throws: `Failure` as write(2) fails.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var rest = bytes
        repeat {
            do {
                rest = UnsafeRawBufferPointer(rebasing: rest[try writeSome(rest)...])
            } catch {
                guard error.code == EAGAIN else { throw error }
                var full = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
                _ = try systemCall("poll", name) { poll(&full, 1, -1) }
            }
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
        _ = try systemCall("fchmod", name) { clinux_set_mode(number, mode) }
    }

    /// Renames a file in this directory, in place of one that has the new name.
    ///
    /// - Throws: `Failure` as rename(2) fails.
    public func rename(_ old: CString, to new: CString) throws(Failure) {
        _ = try systemCall("renameat", name) { renameat(number, old.start, number, new.start) }
    }

    /// Removes a file from this directory.
    ///
    /// - Throws: `Failure` as unlink(2) fails.
    public func remove(_ file: CString) throws(Failure) {
        _ = try systemCall("unlinkat", name) { unlinkat(number, file.start, 0) }
    }

    /// Makes the file this process's standard input, too.
    ///
    /// - Throws: `Failure` as dup2(2) fails.
    public func becomeStandardInput() throws(Failure) {
        _ = try systemCall("dup2", name) { dup2(number, 0) }
    }

    /// Leaves the file open for as long as this process lives.
    ///
    /// - Returns: the descriptor's number.
    public consuming func keepOpen() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Closes the descriptor.
    ///
    /// - Throws: `Failure` as close(2) fails: a write that was accepted before can fail only here.
    public consuming func close() throws(Failure) {
        let (number, name) = (number, name)
        discard self
        guard CLinux.close(number) == -1 else { return }
        let code = clinux_errno()
        if code != EINTR { throw Failure("close", name, code: code) }
    }
}
