import FoundationEssentials
import RunLogic

/// The cluster's API: requests that are answered, refused, or tell nothing.
struct API: Sendable {
    /// Why a request is no success.
    enum Failure: Error {
        /// The API says no.
        case refused(Status)
        /// Nobody knows what the request did.
        case outage(String)

        /// For whom nothing can be done without an answer.
        var refusal: Refusal {
            switch self {
            case .refused(let status): .cluster("the cluster refused: \(status.message ?? "no reason given")")
            case .outage(let why): .unreachable(why)
            }
        }
    }

    let curl: Curl
    let proxy: Proxy
    let limits: Limits
    /// The namespace that kubectl takes where none is named; nil where nobody asked.
    var ownNamespace: String?

    /// What came of a request.
    typealias Reply = Result<Answer, Failure>

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - limit: the seconds after which it is given up; where none is named, `Limits.request`. Before the cluster has
    ///     answered for the first time somebody may have to log in, and there is more.
    func ask(
        _ method: String, _ path: String, body: JSON? = nil, headers: [String] = [], limit: Seconds? = nil
    ) async -> Reply {
        await askWhether(method, path, body: body, headers: headers, limit: limit).reply
    }

    /// The same, and whether the control plane itself said that it can't do it just now, such as while an admission
    /// webhook is away: then nothing was done, and it is worth to ask again.
    func askWhether(
        _ method: String, _ path: String, body: JSON?, headers: [String] = [], limit: Seconds? = nil
    ) async -> (reply: Reply, mayPass: Bool) {
        let limit = limit ?? limits.request
        guard proxy.hasAnswered else {
            let hint = Task {
                try await Task.sleep(for: .seconds(limits.loginTold))
                proxy.tell("run-once: the cluster has not answered yet; kubectl may wait for a login")
            }
            defer { hint.cancel() }
            return await askOnce(method, path, body, headers, limit: max(limit, limits.login))
        }
        for pause in [0.2, 1] {
            let reply = await askOnce(method, path, body, headers, limit: limit)
            // kubectl renews credentials after the first refusal of them, which it passes on. Nothing was done.
            guard case .failure(.refused(let status)) = reply.reply, status.code == 401 else { return reply }
            try? await Task.sleep(for: .seconds(pause))
        }
        return await askOnce(method, path, body, headers, limit: limit)
    }

    private func askOnce(
        _ method: String, _ path: String, _ body: JSON?, _ headers: [String], limit: Seconds
    ) async -> (reply: Reply, mayPass: Bool) {
        let answer: Answer
        do throws(NoAnswer) {
            try await proxy.start(limit: limit)
            answer = try await curl.request(method, path, body: body, headers: headers, limit: limit)
        } catch {
            return (.failure(.outage(error.reason)), false)
        }
        if (200..<300).contains(answer.code) {
            proxy.noteAnswer()
            return (.success(answer), false)
        }
        let failure = API.failure(answer.body, answer.code)
        guard case .outage(let why) = failure else { return (.failure(failure), false) }
        // So says kubectl's proxy where nobody listens.
        return (.failure(failure), Status(answer.body) != nil || why.contains("connection refused"))
    }

    /// What has a list hold the one object of this name.
    static func only(_ name: String) -> String { "?fieldSelector=metadata.name%3D\(escaped(name))" }

    /// What an answer that is no success means.
    static func failure(_ body: [UInt8], _ code: Int) -> Failure {
        guard let status = Status(body) else { return .outage(firstLine(body) ?? "HTTP \(code)") }
        // What a control plane says while it starts, stops or is overloaded is no answer.
        let code = status.code ?? code
        return code >= 500 || code == 429 ? .outage(status.message ?? "HTTP \(code)") : .refused(status)
    }

    /// Gets an object or a list.
    func get<Object: Decodable>(
        _ type: Object.Type, _ path: String, headers: [String] = [], limit: Seconds? = nil
    ) async throws(Failure) -> Object {
        try API.decode(type, await answer(to: path, headers: headers, limit: limit))
    }

    /// Gets what is to be decoded, with what its head says.
    func answer(to path: String, headers: [String] = [], limit: Seconds? = nil) async throws(Failure) -> Answer {
        try await ask("GET", path, headers: headers, limit: limit).get()
    }

    static func decode<Object: Decodable>(_ type: Object.Type, _ answer: Answer) throws(Failure) -> Object {
        guard let object = try? JSONDecoder().decode(type, from: Data(answer.body)) else {
            throw .outage("an answer that is not Kubernetes': \(firstLine(answer.body) ?? "nothing")")
        }
        return object
    }

    /// All pages of a list, and the server's clock.
    func list<Item: Decodable>(
        _ type: Item.Type, _ path: String, limit: Seconds? = nil
    ) async throws(Failure) -> (items: [Item], version: String, date: Timestamp?) {
        var items: [Item] = []
        var next = ""
        while true {
            let answer = try await answer(to: "\(path)&limit=500\(next)", limit: limit ?? limits.page)
            let page = try API.decode(ListPage<Item>.self, answer)
            items += page.items
            guard let more = page.metadata.next else {
                return (items, page.metadata.resourceVersion ?? "", answer.date)
            }
            next = more
        }
    }

    static func daemonSets(in namespace: String) -> String { "/apis/apps/v1/namespaces/\(namespace)/daemonsets" }
    static func jobs(in namespace: String) -> String { "/apis/batch/v1/namespaces/\(namespace)/jobs" }

    /// A text in the query of a URL.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII && (character.isLetter || character.isNumber || "-._~".contains(character)) {
                escaped.append(character)
            } else {
                escaped += byte < 16 ? "%0\(String(byte, radix: 16))" : "%\(String(byte, radix: 16))"
            }
        }
        return escaped
    }

    /// The first line of a text that stands where an object should be.
    static func firstLine(_ body: [UInt8]) -> String? {
        let line = body.prefix(300).split(separator: UInt8(ascii: "\n")).first
        return line.map { String(decoding: $0, as: UTF8.self) }
    }
}
