import CLinux
import RunOnce

/// Moves this process, which has one thread, into the namespaces of a process of the host, see namespaces(7): there it
/// has the host's files, names, network, IPC and control groups in sight.
///
/// Its root and working directory become the root directory of the host's mounts. It keeps its user, and its PID
/// namespace, which is the host's where the pod has hostPID.
///
/// - Parameter process: its number, in decimal.
/// - Throws: `NoStart` where that is not permitted, or where the process is in this container.
func enterHost(ofProcess process: CString) throws(NoStart) {
    // The mounts are the last: from then on nothing of the container can be seen.
    let files: InlineArray<5, CString> = ["ns/uts", "ns/ipc", "ns/net", "ns/cgroup", "ns/mnt"]
    let mounts = 4
    var namespaces = InlineArray<5, Int32>(repeating: -1)
    let directory = try open(process, in: open("/proc", in: AT_FDCWD, O_PATH, for: "ns"), O_PATH, for: "ns")
    for index in 0...mounts {
        do throws(NoStart) {
            namespaces[index] = try open(files[index], in: directory, O_RDONLY, for: files[index])
        } catch {
            // A kernel without such namespaces has nothing to enter. But a process that has just ended shows none at
            // all, and then the command must not run here.
            guard case .notOnHost(let failure) = error, failure.code == ENOENT, index != mounts else { throw error }
        }
    }
    if isOwn(namespaces[mounts]) { throw .hostIsHere }
    for index in 0...mounts where namespaces[index] != -1 {
        _ = try call("setns", files[index]) { setns(namespaces[index], 0) }
    }
}

/// - Returns: a descriptor that the command does not get.
private func open(
    _ path: CString, in directory: Int32, _ flags: Int32, for file: CString
) throws(NoStart) -> Int32 {
    try call("open", file) { clinux_openat(directory, path.start, flags | O_CLOEXEC, 0) }
}

private func call(_ operation: CString, _ file: CString, _ body: () -> Int32) throws(NoStart) -> Int32 {
    do throws(Failure) { return try systemCall(operation, file, body) } catch { throw .notOnHost(error) }
}

/// Whether it is the mount namespace of this process.
private func isOwn(_ mounts: Int32) -> Bool {
    var own = stat()
    var other = stat()
    return clinux_status(AT_FDCWD, "/proc/self/ns/mnt", &own) == 0 && clinux_status(mounts, "", &other) == 0
        && own.st_dev == other.st_dev && own.st_ino == other.st_ino
}
