import RunLogic
import Seal
import System

/// Takes a result from its node, where the agent keeps it: by exec, as often as it takes, until its seal proves it.
struct Collector: Sendable {
    /// How much is tried.
    struct Limits: Sendable {
        /// How long nothing may come before a transfer counts as broken.
        var patience = Duration.seconds(30)
        /// How many transfers in a row may bring next to nothing.
        var tries = 5
        /// What a transfer has to bring, in bytes, so as not to count.
        var leap = 1 << 16
        /// Between two tries.
        var pause = Duration.seconds(1)
    }

    /// A seal and the newline before it are no longer: so much of what came last may be no result.
    private static let longestEnd = Seal.longestLine + 2

    let limits: Limits
    /// Begins to fetch what the agent keeps, and then the seal, from an offset on.
    let open: @Sendable (_ offset: Int) async throws(NoAnswer) -> Exec

    /// Takes a result.
    ///
    /// - Parameters:
    ///   - path: of the file that gets it. What it held before is lost.
    ///   - pod: the UID of the pod whose result it is.
    /// - Returns: what the file holds now. Where there is no seal, the task runs, or was interrupted.
    func collect(into path: String, pod: String) async -> Fetched.Outcome {
        do throws(SystemError) {
            return try await collect(into: Descriptor.open(path, for: .replacing), pod)
        } catch {
            // Such as too many open files, or a full disk: it may pass.
            return .failed(error.description)
        }
    }

    private func collect(into file: Descriptor, _ pod: String) async throws(SystemError) -> Fetched.Outcome {
        var outcome = Fetched.Outcome.failed("it was not tried")
        // How far any transfer came, and how many came no further.
        var (furthest, vain) = (0, 0)
        // Where the next one begins.
        var offset = 0
        while vain < limits.tries && !Task.isCancelled {
            if vain > 0 { try? await Task.sleep(for: limits.pause) }
            try file.cut(to: offset)
            let ending = try await transfer(from: offset, into: file)
            let size = try file.size()
            switch ending {
            case .success:
                guard let (seal, range) = try file.lastSeal(of: pod, .end) else { return .unsealed }
                if 0...1 ~= range.lowerBound - seal.kept, try file.sha256(of: 0..<seal.kept) == seal.digest {
                    try file.cut(to: seal.kept)
                    return .proved(Proof(seal, from: .node))
                }
                (outcome, offset) = (.sealed(Proof(seal, from: .node)), 0)
                vain += 1
                continue
            case .refused(let code, let why) where code != 401:
                let needed = ": to take a result from its node, the rights to get and create pods/exec are needed"
                return .lost(code == 403 ? why + needed : why)
            case .refused(_, let why), .broken(let why), .failure(let why): outcome = .failed(why)
            }
            vain = size >= furthest + limits.leap ? 0 : vain + 1
            furthest = max(furthest, size)
            offset = max(size - Collector.longestEnd, 0)
        }
        return outcome
    }

    /// - Throws: `SystemError` where the file does not take it.
    private func transfer(from offset: Int, into file: Descriptor) async throws(SystemError) -> ExecStream.Ending {
        let exec: Exec
        do throws(NoAnswer) { exec = try await open(offset) } catch { return .broken(error.reason) }
        return try await exec.receive(into: file, patience: limits.patience)
    }
}

extension Cluster {
    /// Takes results from their nodes.
    ///
    /// - Parameters:
    ///   - slots: of the run, since each transfer is a process with its pipes.
    ///   - command: what writes a result to standard output in the container, see `Sealing`.
    ///   - file: the path of the file that gets the result of a node.
    ///   - ended: takes what came of each as soon as it has ended.
    func collect(
        _ requests: [LogRequest], container: String, command: [String], limits: Collector.Limits, slots: Slots,
        file: @escaping @Sendable (String) -> String, ended: @escaping @Sendable (LogRequest, Fetched.Outcome) -> Void
    ) async {
        await each(requests, atOnce: requests.count) { request in
            let collector = Collector(limits: limits) { offset throws(NoAnswer) in
                try await exec(in: request.pod, container, command + ["--from", "\(offset)"])
            }
            let outcome = await slots.take(first: !request.isPart) {
                await collector.collect(into: file(request.node), pod: request.podUID)
            }
            ended(request, outcome)
        }
    }

    private func exec(in pod: String, _ container: String, _ command: [String]) async throws(NoAnswer) -> Exec {
        try await api.proxy.start(limit: api.limits.request)
        do throws(SystemError) {
            return try api.curl.exec(Exec.path("\(pods)/\(pod)", container: container, command: command))
        } catch {
            throw NoAnswer(error.description)
        }
    }
}
