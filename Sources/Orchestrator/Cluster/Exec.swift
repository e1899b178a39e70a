import Dispatch
import FoundationEssentials
import System

/// A command in a container, whose output comes by websocket through the proxy: one curl, where `kubectl exec` would be
/// 50 MB and one login each. (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/, connect)
struct Exec: Sendable {
    /// Its standard output as the API answers with it, see `ExecStream`.
    let output: Descriptor
    /// Asks it to end.
    let stop: @Sendable () -> Void
    /// Ends it where it has not ended; says why it ended where its answer does not.
    let end: @Sendable () async -> String?

    /// The path of the request.
    ///
    /// - Parameter pod: the path of the pod's own.
    static func path(_ pod: String, container: String, command: [String]) -> String {
        let words = command.map { "command=\(API.escaped($0))&" }.joined()
        return "\(pod)/exec?\(words)container=\(API.escaped(container))&stdout=true&stderr=true"
    }
}

extension Curl {
    /// Begins an exec, see `Exec.path`.
    ///
    /// - Throws: `SystemError` where curl can't be started.
    func exec(_ path: String) throws(SystemError) -> Exec {
        var generator = SystemRandomNumberGenerator()
        let key = Data((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }).base64EncodedString()
        let headers = [
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)",
            "Sec-WebSocket-Protocol: v4.channel.k8s.io",
        ]
        let command = common + ["--no-buffer", "--http1.1", "--include"] + headers.flatMap { ["--header", $0] }
        let errors = try Descriptor.memory()
        let (process, output) = try Curl.start(command + [Curl.url(path)], errors: errors)
        return Exec(output: output, stop: process.terminate) {
            process.terminate()
            let status = await process.end()
            let text = String(decoding: (try? errors.contents()) ?? [], as: UTF8.self)
            return text.isEmpty || status > 128 ? nil : Curl.said(text)
        }
    }

    /// - Returns: the reading end of its standard output. No other end is left here that would keep it from ending.
    static func start(
        _ command: [String], errors: Descriptor? = nil
    ) throws(SystemError) -> (process: Subprocess, output: Descriptor) {
        let (reading, writing) = try Descriptor.pipe()
        return (try Subprocess(command, output: writing, errors: errors), reading)
    }
}

extension Exec {
    /// Has what the command writes go to a file, piece by piece, until it ends or does not move.
    ///
    /// - Parameters:
    ///   - file: takes it, from where it is written next.
    ///   - patience: how long nothing may come.
    /// - Throws: `SystemError` where the file does not take it.
    func receive(into file: Descriptor, patience: Duration) async throws(SystemError) -> ExecStream.Ending {
        let received: Result<(ExecStream, String?), SystemError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // poll, read and write block: a thread of its own.
                DispatchQueue(label: "exec").async {
                    do throws(SystemError) {
                        continuation.resume(returning: .success(try copy(to: file, patience)))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            }
        } onCancel: {
            stop()
        }
        let said = await end()
        let (stream, why) = try received.get()
        return stream.ending(why ?? said)
    }

    /// - Returns: what came, and why nothing more does where that is known here.
    private func copy(to file: Descriptor, _ patience: Duration) throws(SystemError) -> (ExecStream, String?) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        var stream = ExecStream()
        while !stream.isOver {
            guard let count = try output.read(into: buffer, within: patience) else {
                return (stream, "nothing came for \(patience)")
            }
            if count == 0 { break }
            try stream.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { bytes throws(SystemError) in
                try file.write(bytes)
            }
        }
        return (stream, nil)
    }
}
