import Foundation
import Glibc
import Testing

/// What tests of the programs for users need: the script's and the plugin's.
extension FakeAPI {
    /// The folder for temporary files.
    public var temporary: String { directory + "/tmp" }

    /// The folder that is first on the program's PATH.
    public var programs: String { directory + "/bin" }

    /// Makes these folders.
    public func makeFolders() throws {
        for folder in [programs, temporary] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    /// Puts a program on the program's PATH, before all others.
    public func writeProgram(_ name: String, _ text: String) throws {
        try makeFolders()
        try text.write(toFile: "\(programs)/\(name)", atomically: true, encoding: .utf8)
        guard chmod("\(programs)/\(name)", 0o755) == 0 else { throw SystemError("chmod") }
        try awaitNoWriter(of: "\(programs)/\(name)")
    }

    /// A process that another test is just starting has all files open that are open here, until it is another program:
    /// whoever starts this file then is told ETXTBSY. A lease is granted when nobody has it open for writing: fcntl(2).
    private func awaitNoWriter(of file: String) throws {
        let (setLease, read, unlock) = (Int32(1024), Int32(F_RDLCK), Int32(F_UNLCK))
        let descriptor = try checked("open", open(file, O_RDONLY | O_CLOEXEC))
        defer { close(descriptor) }
        let deadline = ContinuousClock.now + defaultDeadline
        while fcntl(descriptor, setLease, read) == -1, errno == EAGAIN {
            guard ContinuousClock.now < deadline else { throw SystemError("fcntl: \(file) is open for writing", 0) }
            usleep(1000)
        }
        _ = fcntl(descriptor, setLease, unlock)
    }

    /// Writes a file, such as a manifest.
    ///
    /// - Returns: its path.
    public func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
        return "\(directory)/\(name)"
    }

    /// What is in a file.
    public func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
    }

    /// Writes the manifest of a DaemonSet with these containers.
    ///
    /// - Returns: its path.
    public func manifest(
        _ containers: String..., metadata: String = "name: task", annotations: String = "{}"
    ) throws -> String {
        try write(
            """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {\(metadata)}
            spec:
              selector: {matchLabels: {task: task}}
              template:
                metadata: {labels: {task: task}, annotations: \(annotations)}
                spec:
                  tolerations: [{operator: Exists}]
                  containers: [\(containers.joined(separator: ", "))]
            """, to: "task.yaml")
    }

    /// Has somebody else have created the DaemonSet of `manifest(probed)`, under this name.
    public func addDaemonSet(
        _ name: String, labels: [String: String] = [:], in namespace: String = "default"
    ) async throws {
        let task: [String: Any] = ["name": "task", "image": "busybox", "readinessProbe": [:]]
        let template: [String: Any] = [
            "metadata": ["labels": ["task": "task"]],
            "spec": ["tolerations": [["operator": "Exists"]], "containers": [task]],
        ]
        let daemonSet: [String: Any] = [
            "kind": "DaemonSet", "metadata": ["name": name, "labels": labels],
            "spec": ["selector": ["matchLabels": ["task": "task"]], "template": template],
        ]
        let body = try JSONSerialization.data(withJSONObject: daemonSet)
        try await request("POST", "apis/apps/v1/namespaces/\(namespace)/daemonsets", body)
    }

    /// Expects that nothing of this kind is left on the cluster.
    public func expectDeleted(
        _ kinds: [String] = ["daemonsets", "pods", "jobs"], namespace: String = "default",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for kind in kinds {
            #expect(try await names(of: kind, namespace: namespace) == [], sourceLocation: sourceLocation)
        }
    }

    /// Expects that the program has left no temporary file and no process.
    public func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try TestSupport.names(in: temporary) == [], sourceLocation: sourceLocation)
        try await eventually("no process is left", sourceLocation: sourceLocation) {
            try processes(mentioning: "TMPDIR=" + temporary).isEmpty
        }
    }
}

/// A container of a manifest that tells when it is done.
public let probed = "{name: task, image: busybox, readinessProbe: {exec: {command: [test, -e, /done]}}}"

extension Outcome {
    /// Expects this exit status, and shows what was said where it is another.
    public func expectStatus(_ status: Int32, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(ending == .status(status), "\(stderr)", sourceLocation: sourceLocation)
    }
}

extension Running {
    /// Waits until this was written to standard error.
    public func says(
        _ text: String, within limit: Duration = defaultDeadline, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await eventually("stderr has \"\(text)\"", within: limit, sourceLocation: sourceLocation) {
            if !isRunning { try #require(stderr.contains(text), "ended: \(stderr)", sourceLocation: sourceLocation) }
            return stderr.contains(text)
        }
    }

    /// Waits for the end.
    public func outcome(
        within limit: Duration = defaultDeadline, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let ending = try await end(within: limit, sourceLocation: sourceLocation)
        return Outcome(ending: ending, stdout: stdout, stderr: stderr)
    }
}
