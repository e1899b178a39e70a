import CTestSupport
import Foundation
import Glibc
import Synchronization
import Testing

/// A terminal, of which the test is the screen and the keyboard.
public final class Terminal: Sendable {
    private let path: String
    private let screen: Mutex<Int32?>

    fileprivate init() throws {
        let descriptor = try checked("posix_openpt", posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC))
        screen = Mutex(descriptor)
        guard grantpt(descriptor) == 0, unlockpt(descriptor) == 0, let name = ptsname(descriptor) else {
            throw SystemError("ptsname")
        }
        path = String(cString: name)
    }

    deinit {
        close()
    }

    /// Presses keys.
    public func press(_ keys: String) throws {
        let count = screen.withLock { screen in keys.withCString { Glibc.write(screen!, $0, strlen($0)) } }
        guard count == keys.utf8.count else { throw SystemError("write") }
    }

    /// Takes what is there to show now.
    ///
    /// - Returns: no text where there is none now; nil at the end: nobody has the terminal open.
    public func take() throws -> String? {
        try screen.withLock { screen in
            var bytes = Data(count: 65_536)
            let count = bytes.withUnsafeMutableBytes { Glibc.read(screen!, $0.baseAddress, $0.count) }
            if count == -1 && errno == EIO { return nil }
            if count == -1 && errno != EAGAIN { throw SystemError("read") }
            return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        }
    }

    /// Changes the size of the screen, which the kernel tells the processes in the foreground.
    public func resize() throws {
        try screen.withLock { screen in
            var size = winsize(ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
            _ = try checked("ioctl", ioctl(screen!, UInt(TIOCSWINSZ), &size))
        }
    }

    /// Takes the terminal away from all that use it.
    public func close() {
        screen.withLock { screen in
            if let screen { Glibc.close(screen) }
            screen = nil
        }
    }

    /// The command that runs another as the leader of a session with this terminal, as a container runtime does.
    fileprivate func command(_ command: [String]) -> [String] {
        // In the background a shell has it ignore SIGINT and SIGQUIT.
        let script = """
            terminal=$1; shift
            setsid --ctty env --default-signal=INT --default-signal=QUIT "$@" <"$terminal" >"$terminal" 2>&1 &
            wait $!
            """
        return shell(script, [path] + command)
    }
}

/// Runs `body` with a new terminal and a command that has it, and kills the command afterwards.
///
/// - Parameter body: gets, besides, the command's process id, and the process that ends as the command does.
public func withTerminal<Result>(
    _ command: [String], _ body: (Terminal, pid_t, Running) async throws -> Result
) async throws -> Result {
    let terminal = try Terminal()
    return try await withProcess(terminal.command(command)) { process in
        try await eventually("the command is there") {
            guard let child = process.children.first else { return false }
            let words = try? Data(contentsOf: URL(filePath: "/proc/\(child)/cmdline"))
            return words?.starts(with: Data(command[0].utf8)) == true
        }
        let leader = try #require(process.children.first)
        defer { kill(leader, SIGKILL) }
        return try await body(terminal, leader, process)
    }
}
