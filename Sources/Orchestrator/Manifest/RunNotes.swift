import FoundationEssentials
import RunLogic

/// What a run notes of itself on its DaemonSet, for `attach`, `list` and `delete`: no machine but the cluster keeps it.
public struct RunNotes: Equatable, Sendable {
    /// The seconds that the run has: all its nodes at once, or one after the other where they take turns.
    public var timeout: Seconds
    /// How many nodes are started at once, and the seconds that each has from its start; nil where all are at once.
    public var turns: Turns?
    /// The container that holds the task.
    public var container: String
    /// What it runs, in short.
    public var runs: String
    /// The container that needs the agent's image; nil where the manifest is the user's own.
    public var agent: String?
    /// When the cluster ends the run by itself; nil where it does not.
    public var deadline: Timestamp?
    /// The names of its DaemonSets besides the one that has its name: its nodes are of several architectures.
    public var others: [String] = []
    /// Nodes that there is no agent for: they are not met.
    public var withoutAgent: [String] = []
    /// Nodes that the user named.
    public var named: [String] = []
    /// Nobody follows the run unless somebody attaches to it.
    public var isDetached = false

    /// How the nodes of a run take turns.
    public struct Turns: Equatable, Sendable {
        public var pace: Pace
        public var timeout: Seconds
        /// How many nodes may fail; nil where all may.
        public var budget: Share?
    }

    public init(timeout: Seconds, container: String, runs: String) {
        self.timeout = timeout
        self.container = container
        self.runs = runs
    }

    private static func key(_ name: String) -> String { "run-once-daemonset/\(name)" }

    /// Where the one who follows a run notes what he decided, for those who only look at it.
    static let soFar = key("so-far")

    /// - Parameter daemonSet: as the cluster has it.
    /// - Returns: nil where they are not there, or make no sense.
    public init?(of daemonSet: JSON) {
        let annotations = daemonSet["metadata"]["annotations"]
        func note(_ name: String) -> String? { annotations[RunNotes.key(name)].string }
        func seconds(_ name: String) -> Seconds? {
            note(name).flatMap { Int($0) }.flatMap { $0 > 0 ? Seconds($0) : nil }
        }
        guard let timeout = seconds("timeout"), let container = note("container") else { return nil }
        self.init(timeout: timeout, container: container, runs: note("runs") ?? "")
        if let window = note("parallel").flatMap({ Share($0) }), let nodeTimeout = seconds("node-timeout") {
            var pace = Pace(window: window)
            pace.takeGrace(of: daemonSet)
            pace.latest = timeout
            turns = Turns(pace: pace, timeout: nodeTimeout, budget: note("max-failures").flatMap { Share($0) })
        }
        agent = note("agent")
        deadline = note("deadline").flatMap { Timestamp($0) }
        isDetached = note("detached") == "true"
        others = RunNotes.names(note("others"))
        withoutAgent = RunNotes.names(note("without-agent"))
        named = note("named") == RunNotes.many ? daemonSet.nodeNames : RunNotes.names(note("named"))
    }

    /// So many names are noted at most.
    private static let mostNames = 100

    /// What is noted of more nodes that the user named: all that the DaemonSet's affinity names, though a pattern may
    /// have found some of them.
    private static let many = "*"

    private static func names(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map(String.init)
    }

    private static func text(_ names: [String]) -> String? {
        names.isEmpty ? nil : names.prefix(mostNames).joined(separator: ",")
    }

    /// The DaemonSet with these notes, and none of another run.
    public func noted(on daemonSet: JSON) -> JSON {
        let notes = [
            "timeout": "\(Int(timeout))", "parallel": turns?.pace.window.description,
            "max-failures": turns?.budget?.description, "node-timeout": turns.map { "\(Int($0.timeout))" },
            "container": container, "runs": runs, "agent": agent,
            "deadline": deadline?.text, "detached": isDetached ? "true" : nil,
            "others": RunNotes.text(others), "without-agent": RunNotes.text(withoutAgent),
            "named": named.count > RunNotes.mostNames ? RunNotes.many : RunNotes.text(named),
        ]
        var daemonSet = daemonSet
        daemonSet["metadata"]["annotations"][RunNotes.soFar] = .null
        for (name, text) in notes {
            daemonSet["metadata"]["annotations"][RunNotes.key(name)] = text.map { .string($0) } ?? .null
        }
        return daemonSet
    }
}

extension Note {
    /// What the one who follows a run noted. Others may have changed it: nothing of it plays tricks on a terminal, and
    /// what is no node's name is left out.
    ///
    /// - Parameter text: of the annotation `RunNotes.soFar`.
    /// - Returns: nil where it is not there, or makes no sense.
    init?(noted text: String?) {
        guard let text, var note = try? JSONDecoder().decode(Note.self, from: Data(text.utf8)) else { return nil }
        note.verdict = note.verdict.map { oneLine($0, atMost: 20) }
        note.gaveUp = note.gaveUp.filter { name, _ in
            name.unicodeScalars.allSatisfy { $0 == "-" || $0 == "." || "a"..."z" ~= $0 || "0"..."9" ~= $0 }
        }
        self = note
    }
}

extension Request {
    /// What it runs, in short: the command as a shell would take it, or the manifest's name.
    var runs: String {
        guard let command = changes.command else {
            return oneLine(source.name.split(separator: "/").last.map(String.init) ?? source.name, atMost: 60)
        }
        return oneLine(command.map(shellWord).joined(separator: " "), atMost: 60)
    }
}

/// A text in one line, without what could play tricks on a terminal, and cut where it is long.
func oneLine(_ text: String, atMost limit: Int) -> String {
    let line = Reason(nil, text).text.split { $0 == "\n" || $0 == "\t" }.joined(separator: " ")
    return line.count > limit ? "\(line.prefix(limit - 1))…" : line
}
