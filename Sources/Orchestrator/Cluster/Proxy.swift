import FoundationEssentials
import Synchronization
import System

/// A `kubectl proxy` on a socket that only this user can reach: every request to the cluster goes through it.
///
/// It ends when this program ends, however it ends: a shell between them holds one end of a pipe, whose other end only
/// this program has, and kills the proxy when the pipe is closed.
actor Proxy {
    private static let guardian = #"kubectl proxy "$@" & exec >&- 2>&-; read -r _; kill $!; wait"#
    /// By itself it lets no exec through, for those who open its port to others. Nobody else reaches this socket.
    private static let allowsExec = "--reject-paths=^$"
    private static let appendServerPath = "--append-server-path"

    private struct Running {
        let shell: Subprocess
        /// Closing it ends the proxy.
        let lifeline: Descriptor
    }

    nonisolated let kubectl: Kubectl
    private let ownOptions: [String]
    nonisolated let socket: String
    private var running: Running?
    /// Until it serves, or has ended.
    private var starting: Task<Void, Never>?
    private var following: Task<Void, Never>?
    private var listening: Task<Void, Never>?
    private let answered = Mutex(false)
    /// What it wrote to standard output.
    private var output = ""
    /// What it said last, and of that what did not reach the user yet.
    private var said = ""
    private var unshown = ""
    /// Takes what kubectl wants the user to know, line by line: it may ask for a login, at any time.
    nonisolated let tell: @Sendable (String) -> Void

    /// - Parameters:
    ///   - kubectl: with the options that say which cluster.
    ///   - serverHasPath: whether the server's URL has a path.
    ///   - directory: where the socket is.
    ///   - tell: takes what kubectl wants the user to know, line by line.
    init(
        _ kubectl: Kubectl, serverHasPath: Bool, in directory: WorkDirectory, tell: @escaping @Sendable (String) -> Void
    ) {
        self.tell = tell
        // Only where it is needed: kubectl knows it since 1.23.
        ownOptions = serverHasPath ? [Proxy.appendServerPath] : []
        self.kubectl = kubectl
        socket = directory.file("api")
    }

    /// Whether the cluster has answered a request.
    nonisolated var hasAnswered: Bool { answered.withLock { $0 } }

    nonisolated func noteAnswer() { answered.withLock { $0 = true } }

    /// Starts it where it does not run.
    ///
    /// - Parameter limit: the seconds that it has.
    /// - Throws: `NoAnswer` with what kubectl says where it ends before it serves, or does not serve in time.
    func start(limit: Double) async throws(NoAnswer) {
        if let starting {
            await starting.value
        } else if running == nil {
            removeFile(socket)
            let output: Descriptor
            do throws(SystemError) {
                output = try launch()
            } catch {
                throw NoAnswer(error.description)
            }
            let start = Task {
                await withCheckedContinuation { served in
                    following = Task { await follow(output, served) }
                }
            }
            starting = start
            let timeout = Task {
                try? await Task.sleep(for: .seconds(limit))
                if !Task.isCancelled { await stop() }
            }
            await start.value
            timeout.cancel()
            starting = nil
        }
        guard running != nil else {
            await hearItOut()
            throw NoAnswer(whyItEnded)
        }
    }

    /// What it said last may still be under way when its end is known; something that it started may never end.
    private func hearItOut() async {
        let words = listening
        let limit = Task {
            try? await Task.sleep(for: .seconds(1))
            words?.cancel()
        }
        await words?.value
        limit.cancel()
    }

    private var whyItEnded: String {
        let words = Kubectl.said(said)
        if words.contains("unknown flag: \(Proxy.appendServerPath)") {
            return "the server's URL has a path, for which kubectl 1.23 or later is needed"
        }
        if output.contains("Please enter") {
            return "kubectl has no credentials for this cluster, and asks for some: see kubectl config view --minify"
        }
        return words.isEmpty ? "kubectl proxy ended" : "kubectl: \(words)"
    }

    /// - Returns: its standard output. Nobody but `running` holds its lifeline.
    private func launch() throws(SystemError) -> Descriptor {
        let (lifeEnd, lifeline) = try Descriptor.pipe()
        let (output, outputEnd) = try Descriptor.pipe()
        let (errors, errorsEnd) = try Descriptor.pipe()
        let shell = try Subprocess(
            ["sh", "-c", Proxy.guardian, "sh", "--unix-socket=\(socket)", Proxy.allowsExec]
                + kubectl.arguments + ownOptions,
            environment: Kubectl.environment.merging(kubectl.variables) { $1 }, input: lifeEnd, output: outputEnd,
            errors: errorsEnd)
        running = Running(shell: shell, lifeline: lifeline)
        listening = Task { await listen(to: errors) }
        return output
    }

    /// It says one line when it serves, and its output ends when it does.
    private func follow(_ output: Descriptor, _ served: CheckedContinuation<Void, Never>) async {
        var waiting: CheckedContinuation? = served
        self.output = ""
        for await bytes in bytes(from: output, label: "proxy") {
            self.output += String(decoding: bytes, as: UTF8.self)
            guard self.output.contains("Starting to serve") else { continue }
            waiting?.resume()
            waiting = nil
        }
        await stop()
        waiting?.resume()
    }

    private func listen(to errors: Descriptor) async {
        for await bytes in bytes(from: errors, label: "proxy's errors") {
            let text = String(decoding: bytes, as: UTF8.self)
            said = String((said + text).suffix(4096))
            unshown += text
            Task { await show() }
        }
    }

    /// After a second, in which it may have ended: what it says then is told in one line with what it means.
    private func show() async {
        try? await Task.sleep(for: .seconds(1))
        defer { unshown = "" }
        guard running != nil else { return }
        for line in unshown.split(separator: "\n") where !Kubectl.isLog(line) { tell(String(line)) }
    }

    /// Ends it, and waits for its end. Something that it started may hold its output for ever.
    func stop() async {
        guard let shell = running?.shell else { return }
        // Both now: meanwhile another one may be started, which has a follower of its own.
        let follower = following
        (running, following) = (nil, nil)
        _ = await shell.end()
        follower?.cancel()
    }
}
