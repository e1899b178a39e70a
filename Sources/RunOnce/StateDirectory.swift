import CLinux

/// The directory that remembers, across restarts of the container, how far the task got.
///
/// In Kubernetes it is an emptyDir: it lives as long as the pod does, so a container that is restarted
/// finds what the one before it left. It holds one empty file: `started` from before the task's start,
/// which success renames to `ready`. Renaming is atomic and needs no space on the disk.
public struct StateDirectory: Sendable {
    /// How far the task got before this process began.
    public enum Progress: Sendable {
        /// It was never started: this process has recorded the start just now, and is the one to run it.
        case notStarted
        /// It was started and did not end in success. It must not run again.
        case interrupted
        /// It ended in success.
        case done
    }

    private static let started: CString = "started"
    private static let ready: CString = "ready"

    private let directory: Descriptor

    /// Opens a directory that is there already.
    ///
    /// - Throws: `Failure` as open(2) fails.
    public init(_ path: CString) throws(Failure) {
        directory = try Descriptor.open(path, O_RDONLY | O_DIRECTORY)
    }

    /// Records that the task starts now, unless it was started before.
    ///
    /// Where the task is done, nothing is written. Of two processes that ask at once, one is told `notStarted`.
    ///
    /// - Throws: `Failure` where the start can't be recorded; then the task must not run.
    public func begin() throws(Failure) -> Progress {
        if isReady { return .done }
        let isFirst = try create(Self.started)
        // Another process may have been done, and renamed its file, between the two lines above.
        if isReady { return .done }
        return isFirst ? .notStarted : .interrupted
    }

    /// Records that the task ended in success: from now on `isReady` holds.
    ///
    /// - Throws: `Failure` as rename(2) fails.
    public func markReady() throws(Failure) {
        try directory.rename(Self.started, to: Self.ready)
    }

    /// Whether the task has ended in success.
    public var isReady: Bool {
        faccessat(directory.number, Self.ready.start, F_OK, 0) == 0
    }

    /// - Returns: whether the file was created here, false where it was there before.
    private func create(_ file: CString) throws(Failure) -> Bool {
        do {
            try Descriptor.open(file, O_WRONLY | O_CREAT | O_EXCL, in: directory, name: directory.name).close()
        } catch {
            if error.code == EEXIST { return false }
            throw error
        }
        // A power cut must not bring the task a second chance.
        _ = try systemCall("fsync", directory.name) { fsync(directory.number) }
        return true
    }
}
