import CTestSupport
import Foundation
import Glibc
import Testing

/// How a process ended.
public enum Ending: Equatable, Sendable {
    case status(Int32)
    case signal(Int32)
}

/// What a process left behind.
public struct Outcome: Equatable, Sendable {
    public let ending: Ending
    public let stdout: Data
    public let stderr: String

    public init(ending: Ending, stdout: Data, stderr: String) {
        self.ending = ending
        self.stdout = stdout
        self.stderr = stderr
    }

    /// Standard output as text.
    public var text: String { String(decoding: stdout, as: UTF8.self) }

    /// What nodes wrote that are done: standard output up to what others wrote, which failed or did not end.
    public var results: String {
        let lines = text.components(separatedBy: "\n")
        let end = lines.firstIndex { $0.wholeMatch(of: /==> .+ \((failed|unfinished)\b.*\) <==/) != nil }
        return end.map { lines[..<$0].joined(separator: "\n") } ?? text
    }
}

/// Runs a command to its end.
///
/// - Parameters:
///   - command: the program, looked up in PATH, and its arguments.
///   - environment: what differs from the test's own environment.
///   - input: what the command finds on its standard input.
///   - directory: where it runs; where the tests run unless given.
///   - timeout: when it is killed, and the test fails.
/// - Throws: where the command can't be started, or does not end in time.
public func run(
    _ command: [String], environment: [String: String] = [:], input: Data = Data(), directory: String? = nil,
    timeout: Duration = defaultDeadline, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> Outcome {
    try await withProcess(command, environment: environment, input: input, directory: directory) { process in
        try await process.outcome(within: timeout, sourceLocation: sourceLocation)
    }
}

/// The command that has a shell run `script` with `arguments` as its `"$@"`.
public func shell(_ script: String, _ arguments: [String] = []) -> [String] {
    ["/bin/sh", "-c", script, "sh"] + arguments
}

/// Whether a command can be run here and succeeds: for the tests that need one.
public func succeeds(_ command: String...) async -> Bool {
    await (try? run(command))?.ending == .status(0)
}

/// Starts a command, runs `body`, and kills the command with its whole process group.
///
/// It is the test's turn then: only so many tests at a time have programs running.
///
/// The command starts as from a login: no signal is ignored or blocked, and no file is open but the
/// standard streams.
///
/// - Parameters:
///   - command: the program, looked up in PATH, and its arguments.
///   - environment: what differs from the test's own environment.
///   - input: what the command finds on its standard input.
///   - output: takes its standard output, which `Running.stdout` holds unless given.
///   - errors: takes its standard error, which `Running.stderr` holds unless given.
///   - directory: where it runs; where the tests run unless given.
///   - body: what to do while the command runs.
/// - Throws: what `body` throws, or where the command can't be started.
public func withProcess<Result>(
    _ command: [String], environment: [String: String] = [:], input: Data = Data(),
    output: OutputPipe? = nil, errors: OutputPipe? = nil, directory: String? = nil,
    _ body: (Running) async throws -> Result
) async throws -> Result {
    try await Turns.take {
        let process = try Running(
            command, environment: environment, input: input, output: output, errors: errors, directory: directory)
        defer { process.kill() }
        return try await body(process)
    }
}

/// A process in the background.
public final class Running: Sendable {
    public let pid: pid_t
    private let command: [String]
    private let collectedOutput: NamelessFile
    private let collectedErrors: NamelessFile

    /// Starts a command that ends by itself, at the latest with this process: nobody kills it.
    init(
        _ command: [String], environment: [String: String] = [:], input: Data = Data(),
        output: OutputPipe? = nil, errors: OutputPipe? = nil, directory: String? = nil
    ) throws {
        self.command = command
        collectedOutput = try NamelessFile()
        collectedErrors = try NamelessFile()
        let standardInput = try NamelessFile(input)

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput.descriptor, 0)
        let outputNumber = output?.withWritingEnd { $0 } ?? collectedOutput.descriptor
        let errorsNumber = errors?.withWritingEnd { $0 } ?? collectedErrors.descriptor
        posix_spawn_file_actions_adddup2(&actions, outputNumber, 1)
        posix_spawn_file_actions_adddup2(&actions, errorsNumber, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        if let directory { posix_spawn_file_actions_addchdir_np(&actions, directory) }

        // Whatever runs the tests may ignore SIGINT or SIGPIPE, and a process group can be killed as a whole.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        let settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + settings).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, command[0], &actions, &attributes, arguments, settings)
        guard code == 0 else { throw SystemError("can't start \(command[0])", code) }
        self.pid = pid
        output?.closeWritingEnd()
        errors?.closeWritingEnd()
    }

    /// What it wrote to standard output up to now.
    public var stdout: Data { collectedOutput.contents }

    /// What it wrote to standard error up to now.
    public var stderr: String { String(decoding: collectedErrors.contents, as: UTF8.self) }

    /// Standard output up to now, as text.
    public var text: String { String(decoding: stdout, as: UTF8.self) }

    /// Whether it has not ended yet.
    public var isRunning: Bool { ending == nil }

    /// How it ended, nil while it runs.
    public var ending: Ending? {
        // It is not waited for before `kill()`, so until then no other process gets its number.
        var information = siginfo_t()
        guard waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return nil }
        let child = information._sifields._sigchld
        guard child.si_pid == pid else { return nil }
        return information.si_code == CLD_EXITED ? .status(child.si_status) : .signal(child.si_status)
    }

    /// Waits for the end.
    ///
    /// - Throws: where it does not end in time; the test fails.
    public func end(
        within limit: Duration = defaultDeadline, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Ending {
        try await eventually(
            "the end of \(command.joined(separator: " "))", within: limit, sourceLocation: sourceLocation
        ) { !isRunning }
        return try #require(ending, sourceLocation: sourceLocation)
    }

    /// Sends a signal to it alone, not to its process group.
    public func send(_ signal: Int32) {
        Glibc.kill(pid, signal)
    }

    /// The children it has now.
    public var children: [pid_t] { TestSupport.children(of: pid) }

    /// Kills the process group, with the groups that children of the process lead, and releases what is left of it.
    fileprivate func kill() {
        let leaders = children.filter { getpgid($0) == $0 }
        for group in [pid] + leaders { Glibc.kill(-group, SIGKILL) }
        while waitpid(pid, nil, 0) == -1 && errno == EINTR {}
    }
}

/// A file without a name.
private final class NamelessFile: Sendable {
    let descriptor: Int32

    init(_ contents: Data = Data()) throws {
        descriptor = try checked("memfd_create", memfd_create("stream", 1 /* MFD_CLOEXEC */))
        let written = contents.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard written == contents.count else { throw SystemError("pwrite") }
    }

    deinit {
        close(descriptor)
    }

    /// What was written up to now. Reading it does not move the position that the writer shares.
    var contents: Data {
        var status = stat()
        fstat(descriptor, &status)
        var bytes = Data(count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return bytes.prefix(max(count, 0))
    }
}
