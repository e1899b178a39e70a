import FoundationEssentials
import RunLogic
import Synchronization
import System

/// curl, through the proxy's socket: every request to the cluster is one of it.
struct Curl: Sendable {
    let socket: String
    let userAgent: String

    /// Not the user's own settings, which could add headers to a body, and no proxy but ours.
    var common: [String] {
        [
            "curl", "-q", "--silent", "--show-error", "--globoff", "--noproxy", "*", "--unix-socket", socket,
            "--user-agent", userAgent,
        ]
    }

    /// - Returns: what is wrong with the curl that is there; nil where it will do.
    static func flaw() async -> Refusal? {
        // It is the first that knows all options used here.
        let need = "curl 7.75 or later is needed"
        let result: CommandResult
        do throws(SystemError) {
            result = try await run(["curl", "-q", "--version"])
        } catch {
            return .cluster("\(need), and can't be started: \(error)")
        }
        let words = result.text.split(separator: " ", maxSplits: 2)
        let version = words.count > 1 ? words[1].split(separator: ".").compactMap { Int($0) } : []
        guard version.count > 1, (version[0], version[1]) >= (7, 75) else {
            return .cluster("\(need): this one is \(words.count > 1 ? String(words[1]) : "unknown")")
        }
        return nil
    }

    /// Makes one request.
    ///
    /// - Parameter limit: the seconds after which it is given up.
    func request(
        _ method: String, _ path: String, body: JSON?, headers: [String], limit: Seconds
    ) async throws(NoAnswer) -> Answer {
        var command = common + ["--include", "--max-time", "\(limit)", "--request", method]
        for header in headers + ["Expect:"] { command += ["--header", header] }
        if body != nil {
            let type = method == "PATCH" ? Curl.patchType : "application/json"
            command += ["--header", "Content-Type: \(type)", "--data-binary", "@-"]
        }
        let result: CommandResult
        do throws(SystemError) {
            let input = try body.map { body throws(SystemError) in try encoded(body) } ?? []
            result = try await run(command + [Curl.url(path)], input: input)
        } catch {
            throw NoAnswer(error.description)
        }
        guard result.status == 0 else {
            let why = result.errorText.isEmpty ? "curl ended with exit status \(result.status)" : result.errorText
            throw NoAnswer(Curl.said(why))
        }
        guard let answer = Answer(result.output) else { throw NoAnswer("no answer") }
        return answer
    }

    /// Reads an answer line by line as it comes, for up to some seconds.
    ///
    /// - Parameters:
    ///   - found: takes each line; what it returns ends the request.
    /// - Returns: what was found; the part of a line at the end, the answer's code, and curl's exit status.
    func lines<Found>(
        of path: String, limit: Int, _ found: (Data) -> Found?
    ) async throws(SystemError) -> (found: Found?, rest: ArraySlice<UInt8>, code: Int, status: Int32) {
        let options = ["--no-buffer", "--max-time", "\(limit)", "--write-out", "%{http_code}"]
        let (process, output) = try Curl.start(common + options + [Curl.url(path)])
        output.holdMore()
        var lines = LineReader()
        let result: Found? = await withTaskCancellationHandler {
            for await bytes in bytes(from: output, label: "watch", pause: 50_000) {
                for line in lines.take(bytes) {
                    if let result = found(line) { return result }
                }
            }
            return nil
        } onCancel: {
            process.terminate()
        }
        process.terminate()
        // curl writes the code, such as 200, behind the answer.
        let code = Int(String(decoding: lines.rest.suffix(3), as: UTF8.self)) ?? 0
        return (result, lines.rest.dropLast(3), code, await process.end())
    }

    /// How a transfer ended: with an answer, or without, and why.
    enum Transferred: Sendable {
        case answer(Int)
        case failed(String)
        /// The file did not take what came.
        case unwritable
    }

    /// Fetches many at a time, each for as long as it moves.
    ///
    /// - Parameters:
    ///   - transfers: paths, and the file that takes the body of each. A file is there afterwards for each that came.
    ///   - patience: the seconds after which a transfer that does not move is given up.
    ///   - ended: takes the numbers of those that have ended, as they end, each once.
    func download(
        _ transfers: [(path: String, file: String)], patience: Seconds,
        ended: @Sendable ([(index: Int, Transferred)]) -> Void
    ) async throws(SystemError) {
        let options = ["--speed-limit", "1", "--speed-time", "\(max(1, Int(patience)))"]
        try await many(transfers, options, ended: ended)
    }

    /// Fetches as many at a time as one curl can, for as long as they go on, and writes what comes at once. One that
    /// breaks, or is refused, begins anew: its file is then cut first. After 150 times it ends, as nobody may be there
    /// any more who would end it; what is then not shown comes with the result.
    func follow(_ transfers: [(path: String, file: String)]) async throws(SystemError) {
        let retry = ["--retry", "150", "--retry-all-errors", "--retry-delay", "2"]
        try await many(transfers, ["--no-buffer", "--fail", "--parallel-max", "\(Live.mostNodes)"] + retry) { _ in }
    }

    /// Elements of lists, such as a pod's gates and containers, are told apart by their names.
    /// (https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/)
    private static let patchType = "application/strategic-merge-patch+json"

    /// Patches many at a time, all in the same way.
    ///
    /// - Parameter limit: the seconds after which all are given up.
    /// - Returns: the HTTP status of each, by its path; none where no answer came.
    func patch(
        _ paths: [String], _ patch: JSON, limit: Seconds
    ) async throws(SystemError) -> [String: Int] {
        let options = [
            "--request", "PATCH", "--header", "Content-Type: \(Curl.patchType)", "--max-time", "\(limit)",
            "--data-raw", String(decoding: try encoded(patch), as: UTF8.self),
        ]
        let codes = Mutex<[String: Int]>([:])
        try await many(paths.map { (path: $0, file: "/dev/null") }, options) { ended in
            for case (let index, .answer(let code)) in ended { codes.withLock { $0[paths[index]] = code } }
        }
        return codes.withLock { $0 }
    }

    /// Makes several requests one after the other on one connection.
    ///
    /// - Parameter limit: the seconds after which each is given up.
    /// - Returns: the bodies of the answers, each of which is one line; fewer where one did not come.
    func post(_ path: String, _ bodies: [JSON], limit: Seconds) async throws(SystemError) -> [Data] {
        // Behind `next` options have to be named again, but for those that are for all.
        var sections: [String] = []
        for body in bodies {
            let body = String(decoding: try encoded(body), as: UTF8.self)
            let options = [
                ("unix-socket", socket), ("noproxy", "*"), ("user-agent", userAgent), ("max-time", "\(limit)"),
                ("header", "Content-Type: application/json"), ("data-raw", body), ("write-out", "\\n"),
                ("url", Curl.url(path)),
            ]
            sections.append(options.map { "\($0) = \"\($1.starts(with: "\\") ? $1 : Curl.quoted($1))\"\n" }.joined())
        }
        let config = sections.joined(separator: "next\n")
        let result = try await run(["curl", "-q", "--silent", "--config", "-"], input: Array(config.utf8))
        return result.output.split(separator: UInt8(ascii: "\n")).map { Data($0) }
    }

    /// Gets several answers, one after the other on one connection.
    ///
    /// - Parameter limit: the seconds after which each is given up.
    /// - Returns: the bodies of the answers, each of which is one line; fewer where one did not come.
    func get(_ paths: [String], limit: Seconds) async throws(SystemError) -> [Data] {
        let config = paths.map { "url = \"\(Curl.url($0))\"\n" }.joined()
        let options = ["--max-time", "\(limit)", "--write-out", "\\n", "--config", "-"]
        let result = try await run(common + options, input: Array(config.utf8))
        return result.output.split(separator: UInt8(ascii: "\n")).map { Data($0) }
    }

    /// Each tells when it has ended: on standard error, which curl writes at once.
    private func many(
        _ transfers: [(path: String, file: String)], _ options: [String],
        ended: @Sendable ([(index: Int, Transferred)]) -> Void
    ) async throws(SystemError) {
        let config = transfers.map { "url = \"\(Curl.url($0.path))\"\noutput = \"\(Curl.quoted($0.file))\"\n" }.joined()
        let command =
            common + options + [
                // Else all wait for the first one's answer, which may hang.
                "--parallel", "--parallel-immediate", "--no-progress-meter", "--no-show-error",
                "--config", "-", "--write-out", "%{stderr}%{urlnum} %{exitcode} %{http_code} %{errormsg}\\n",
            ]
        let (process, errors) = try Curl.telling(command, input: Array(config.utf8))
        await withTaskCancellationHandler {
            var lines = LineReader()
            for await bytes in bytes(from: errors, label: "transfers", pause: 50_000) {
                let some = lines.take(bytes).compactMap { Curl.transferred(String(decoding: $0, as: UTF8.self)) }
                if !some.isEmpty { ended(some) }
            }
        } onCancel: {
            process.terminate()
        }
        _ = await process.end()
    }

    /// - Returns: its standard error. No end of it is left here that would keep it from ending.
    private static func telling(
        _ command: [String], input: [UInt8]
    ) throws(SystemError) -> (process: Subprocess, errors: Descriptor) {
        let (reading, writing) = try Descriptor.pipe()
        return (try Subprocess(command, input: try Descriptor.memory(input), errors: writing), reading)
    }

    /// Takes a line apart such as `12 0 200 `, `3 28 000 Operation too slow.…`.
    private static func transferred(_ line: String) -> (index: Int, Transferred)? {
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count == 4, let index = Int(words[0]), let exit = Int(words[1]), let code = Int(words[2]) else {
            return nil
        }
        if exit == 0 { return (index, .answer(code)) }
        // curl's own number for it: https://curl.se/libcurl/c/libcurl-errors.html
        return (index, exit == 23 ? .unwritable : .failed(words[3].isEmpty ? "curl's error \(exit)" : String(words[3])))
    }

    static func url(_ path: String) -> String { "http://localhost\(path)" }

    /// What stands between double quotes in curl's configuration. (curl(1), --config)
    private static func quoted(_ text: String) -> String {
        let escapes: [Unicode.Scalar: String] = ["\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\r": "\\r"]
        return text.unicodeScalars.map { escapes[$0] ?? String($0) }.joined()
    }

    /// What curl said, without its own name and number.
    static func said(_ errors: String) -> String {
        let line = errors.split(separator: "\n").last.map(String.init) ?? "curl failed"
        guard line.hasPrefix("curl: ("), let end = line.firstIndex(of: ")") else { return line }
        return String(line[line.index(after: end)...].drop { $0 == " " })
    }
}
