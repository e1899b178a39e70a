import FoundationEssentials
import System

/// Where the DaemonSet comes from.
public enum ManifestSource: Equatable, Sendable {
    case builtIn(BuiltIn)
    case file(String)
    case standardInput

    /// One of this program's own: each run of it has a name of its own.
    var isBuiltIn: Bool { if case .builtIn = self { true } else { false } }

    public var name: String {
        switch self {
        case .builtIn(let manifest): manifest.name
        case .file(let path): path
        case .standardInput: "standard input"
        }
    }

    /// Reads the one DaemonSet that it must hold, or those of one run; kubectl reads the YAML, and asks no cluster.
    ///
    /// - Returns: one, or one for each architecture, first the one that has the run's name.
    /// - Throws: `Refusal.usage` where it holds anything else, or can't be read.
    public func read(_ kubectl: Kubectl) async throws(Refusal) -> [JSON] {
        let input: [UInt8]
        switch self {
        case .builtIn(let manifest): return [manifest.daemonSet]
        case .file(let url) where url.contains("://"): input = try await fetch(url)
        case .file(let file): input = try readAll { () throws(SystemError) in try .open(file) }
        case .standardInput: input = try readAll { .standardInput }
        }
        let result = try await kubectl.convert(input, output: #"jsonpath={@}{"\n"}"#)
        guard result.status == 0 else {
            let said = Kubectl.said(result.errorText)
            if said.hasPrefix("no objects passed") { throw .usage("\(name): holds no object") }
            throw .usage("\(name): not the manifest of a DaemonSet: \(said)")
        }
        let lines = result.output.split(separator: UInt8(ascii: "\n"))
        let objects = lines.map { (try? JSONDecoder().decode(JSON.self, from: Data($0))) ?? .null }
        guard !objects.isEmpty, !objects.contains(.null) else {
            throw .cluster("kubectl 1.20 or later is needed: this one does not write JSON")
        }
        let kinds = objects.map { "\($0["apiVersion"].string ?? "") \($0["kind"].string ?? "")" }
        guard let ofOneRun = JSON.daemonSets(ofOneRun: objects) else {
            let hint = """
                : several are one run only as --dry-run=server prints them, NAME and NAME-ARCH, each for another \
                \(Architectures.label)
                """
            throw .usage(
                """
                \(name): must hold one DaemonSet of apps/v1 and nothing else, but holds \
                \(kinds.joined(separator: ", "))\(kinds.allSatisfy { $0 == "apps/v1 DaemonSet" } ? hint : "")
                """)
        }
        guard objects[0]["metadata"]["name"].string != nil else { throw .usage("\(name): metadata.name is missing") }
        return ofOneRun
    }

    /// Not kubectl fetches it: it would wait for ever for a server that does not answer.
    private func fetch(_ url: String) async throws(Refusal) -> [UInt8] {
        let options = ["--fail", "--location", "--max-time", "60", "--proto", "=http,https"]
        let result: CommandResult
        do throws(SystemError) {
            result = try await run(["curl", "-q", "--silent", "--show-error", "--globoff"] + options + ["--", url])
        } catch {
            throw .cluster("curl is needed, and can't be started: \(error)")
        }
        guard result.status == 0 else { throw .usage("\(name): can't be read: \(Curl.said(result.errorText))") }
        return result.output
    }

    /// Not kubectl reads it: it would go on waiting for a pipe when this program has ended.
    private func readAll(_ open: () throws(SystemError) -> Descriptor) throws(Refusal) -> [UInt8] {
        do throws(SystemError) {
            return try open().rest()
        } catch {
            throw .usage("\(name): can't be read: \(error.reason)")
        }
    }
}

/// A DaemonSet as YAML, or several as a List.
func yaml(_ daemonSets: [JSON], _ kubectl: Kubectl) async throws(Refusal) -> String {
    var texts: [String] = []
    for daemonSet in daemonSets {
        guard let json = try? JSONEncoder().encode(daemonSet) else { throw .usage("the manifest can't be written") }
        let result = try await kubectl.convert(Array(json), output: "yaml")
        guard result.status == 0 else {
            throw .usage("the manifest can't be written: \(Kubectl.said(result.errorText))")
        }
        texts.append(result.text)
    }
    guard texts.count > 1 else { return texts.joined() }
    // kubectl itself takes a List apart. An empty line is part of a text that it is in.
    let items = texts.map { text in
        "- " + text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().joined(separator: "\n  ") + "\n"
    }
    return "apiVersion: v1\nkind: List\nitems:\n" + items.joined()
}
