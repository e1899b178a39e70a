import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// A child process.
///
/// It starts with an empty signal mask and the dispositions that a child of a program on a terminal must have here:
/// what this process ignores it ignores too (`Signals` ignores SIGINT, SIGQUIT and SIGHUP, which a terminal sends to
/// all processes at once, while cleaning up needs the children), SIGTERM and SIGPIPE act as usual. See posix_spawn(3).
public final class Subprocess: Sendable {
    /// How a process ended: its exit status, or 128 and the number of the signal that ended it, as shells say it.
    public typealias Status = Int32

    private let name: String
    /// The process, until it is waited for: its number means another process after that.
    private let pid: Mutex<pid_t?>

    /// - Parameters:
    ///   - command: the program, looked up in PATH, and its arguments.
    ///   - environment: what differs from this process's own environment.
    ///   - input: its standard input, output and errors; nil is nothing, /dev/null.
    /// - Throws: `SystemError`, where the program is not there too.
    public init(
        _ command: [String], environment: [String: String] = [:], input: Descriptor? = nil, output: Descriptor? = nil,
        errors: Descriptor? = nil
    ) throws(SystemError) {
        name = command[0]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in [(Int32(0), input), (1, output), (2, errors)] {
            if let stream {
                posix_spawn_file_actions_adddup2(&actions, stream.number, number)
            } else {
                posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
            }
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        let settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + settings).forEach { free($0) } }
        var number: pid_t = 0
        let code = posix_spawnp(&number, command[0], &actions, &attributes, arguments, settings)
        guard code == 0 else { throw SystemError("start", command[0], code: code) }
        pid = Mutex(number)
    }

    /// Asks it to end.
    public func terminate() {
        pid.withLock { pid in
            if let pid { kill(pid, SIGTERM) }
        }
    }

    /// Waits for its end; where the task is cancelled, it is asked to end.
    public func end() async -> Status {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // waitid and read block: a thread of its own.
                DispatchQueue(label: name).async { continuation.resume(returning: self.waitForEnd()) }
            }
        } onCancel: {
            terminate()
        }
    }

    /// Waits for its end, and has the thread wait.
    public func waitForEnd() -> Status {
        guard let number = pid.withLock({ $0 }) else { return 0 }
        var information = siginfo_t()
        while waitid(P_PID, id_t(number), &information, WEXITED | WNOWAIT) == -1 && errno == EINTR {}
        return pid.withLock { pid in
            pid = nil
            var status: Int32 = 0
            while waitpid(number, &status, 0) == -1 && errno == EINTR {}
            return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f
        }
    }
}

/// What a command that ended left.
public struct CommandResult: Sendable {
    public let status: Subprocess.Status
    public let output: [UInt8]
    public let errors: [UInt8]

    /// Its standard output and its standard error as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// Runs a command to its end.
///
/// - Parameters:
///   - command: the program, looked up in PATH, and its arguments.
///   - input: what it finds on its standard input.
///   - environment: what differs from this process's own environment.
public func run(
    _ command: [String], input: [UInt8] = [], environment: [String: String] = [:]
) async throws(SystemError) -> CommandResult {
    let (given, output, errors) = (try Descriptor.memory(input), try Descriptor.memory(), try Descriptor.memory())
    let process = try Subprocess(command, environment: environment, input: given, output: output, errors: errors)
    let status = await process.end()
    return CommandResult(status: status, output: try output.contents(), errors: try errors.contents())
}

/// The bytes that come from a descriptor, as they come, until its end. Who takes them slowly has the writer wait: no
/// more than a megabyte is kept here.
///
/// - Parameter pause: the microseconds after a small piece in which more may gather: to be woken for each of thousands
///   of small ones takes longer than to read them. Where much comes there is no pause.
public func bytes(from descriptor: Descriptor, label: String, pause: UInt32 = 0) -> AsyncStream<[UInt8]> {
    let piece = 65_536
    return AsyncStream(bufferingPolicy: .bufferingOldest(16)) { continuation in
        DispatchQueue(label: label).async {
            var muchCame: ContinuousClock.Instant?
            while let bytes = try? descriptor.read(piece), !bytes.isEmpty {
                while case .dropped = continuation.yield(bytes) { usleep(1000) }
                guard pause > 0 else { continue }
                let now = ContinuousClock.now
                if bytes.count == piece { muchCame = now }
                if let last = muchCame, last.duration(to: now) < .seconds(1) { continue }
                usleep(pause)
            }
            continuation.finish()
        }
    }
}
