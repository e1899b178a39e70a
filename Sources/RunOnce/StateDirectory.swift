import CLinux

/// The directory that remembers, across restarts of the container, how far the task got.
///
/// In Kubernetes it is an emptyDir: it lives as long as the pod does, so a container that is restarted
/// finds what the one before it left. An empty file tells: `started` from before the task's start, which success
/// renames to `succeeded`, and then to `ready` when all output is closed. Renaming is atomic and needs no space on
/// the disk. Beside it are:
/// - `running`, for `--ready --wait`, see `waitUntilReady`;
/// - `result` and `seal`, where the result is sealed, see `SealedOutput`.
///
/// Each container needs a directory of its own, since the files don't tell whose task it was. Locks do, which
/// end with the process that holds them:
/// - the directory is locked by whoever runs the task or has run it, see flock(2);
/// - whoever finds it locked locks one byte of it, see fcntl(2), whose offset stands for its container. So the
///   readiness probe there knows that `ready` is about another container's task.
public struct StateDirectory: ~Copyable, Sendable {
    /// How far the task got before this process began.
    public enum Progress: Sendable {
        /// It was never started: this process has recorded the start just now, and is the one to run it.
        case notStarted
        /// It was started and did not end in success. It must not run again.
        case interrupted
        /// It ended in success.
        case done
        /// Another process that lives uses the directory. The task must not run.
        case inUse
    }

    private static let started: CString = "started"
    private static let succeeded: CString = "succeeded"
    private static let ready: CString = "ready"

    let directory: Descriptor
    private var running: Int32 = -1

    /// Opens a directory that is there already.
    ///
    /// - Throws: `Failure` as open(2) fails.
    public init(_ path: CString) throws(Failure) {
        directory = try Descriptor.open(path, O_RDONLY | O_DIRECTORY)
    }

    deinit {
        if running != -1 { close(running) }
    }

    /// Records that the task starts now, unless it was started before.
    ///
    /// Where the task is done, nothing is written.
    ///
    /// - Throws: `Failure` where the start can't be recorded, or the directory not be locked; then the task must
    ///   not run.
    public mutating func begin() throws(Failure) -> Progress {
        guard try lock() else { return .inUse }
        try? directory.remove(Self.told)
        if running == -1 {
            running = try directory.open(Self.running, O_RDONLY | O_CREAT).keepOpen()
            try lockRunning(LOCK_EX)
        }
        // Where nobody can tell, the task must not run.
        if try exists(Self.ready) { return .done }
        if try exists(Self.succeeded) { return .done }
        return try recordStart() ? .notStarted : .interrupted
    }

    /// Records that the task ended in success, before all output is closed, so that a failure can be told.
    ///
    /// - Throws: `Failure` as rename(2) fails.
    public func recordSuccess() throws(Failure) {
        try directory.rename(Self.started, to: Self.succeeded)
    }

    /// Brings what was recorded to the disk.
    ///
    /// - Throws: `Failure` as fsync(2) fails.
    func sync() throws(Failure) {
        try directory.sync()
    }

    /// Records that the output of a success is complete: from now on `isReady` holds, and is told at once to whoever
    /// waits for it.
    ///
    /// - Throws: `Failure` as rename(2) and flock(2) fail.
    public func markReady() throws(Failure) {
        if !has(Self.ready) { try directory.rename(Self.succeeded, to: Self.ready) }
        if running != -1 { try lockRunning(LOCK_SH) }
    }

    private func lockRunning(_ operation: Int32) throws(Failure) {
        _ = try systemCall("flock", directory.name) { flock(running, operation) }
    }

    /// Whether the task of this container has ended in success, and its output is complete.
    public var isReady: Bool {
        @inline(never)  // or else it is in the program many times
        get { has(Self.ready) && clinux_is_byte_locked(directory.number, Self.container) == 0 }
    }

    func has(_ file: CString) -> Bool { (try? exists(file)) == true }

    @inline(never)  // or else it is in the program many times
    private func exists(_ file: CString) throws(Failure) -> Bool {
        do {
            try directory.open(file, O_PATH).close()
            return true
        } catch {
            if error.code == ENOENT { return false }
            throw error
        }
    }

    /// Records that the task was started, where that is not recorded.
    ///
    /// - Returns: false where it is.
    /// - Throws: `Failure` as open(2) and fsync(2) fail.
    @inline(never)  // or else it is in the program many times
    public func recordStart() throws(Failure) -> Bool {
        do {
            try directory.open(Self.started, O_WRONLY | O_CREAT | O_EXCL).close()
        } catch {
            if error.code == EEXIST { return false }
            throw error
        }
        // A power cut must not bring the task a second chance.
        try directory.sync()
        return true
    }

    /// - Returns: false where another process has locked the directory; then the container is marked.
    private func lock() throws(Failure) -> Bool {
        do {
            try directory.lock(LOCK_EX | LOCK_NB)
            return true
        } catch {
            guard error.code == EWOULDBLOCK else { throw error }
            _ = try systemCall("fcntl", directory.name) { clinux_lock_byte(directory.number, Self.container) }
            return false
        }
    }

    /// A number that tells containers apart: no two have the same root directory at the same time.
    private static var container: off_t {
        var root = stat()
        _ = clinux_status(AT_FDCWD, "/", &root)
        return off_t(truncatingIfNeeded: (UInt64(root.st_dev) << 32 ^ UInt64(root.st_ino)) & 0x3FFF_FFFF_FFFF_FFFF)
    }
}
