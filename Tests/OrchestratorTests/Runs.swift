import FoundationEssentials
@testable import RunLogic
import Testing

@testable import Orchestrator

@Suite("Runs that are there") struct RunsTests {
    private let now = Timestamp("2026-11-25T12:00:00Z")!

    /// A run's DaemonSet as the cluster has it.
    private func daemonSet(
        _ name: String, created: String = "2026-11-25T11:55:00Z", notes: RunNotes? = nil
    ) -> JSON {
        let metadata: JSON = [
            "name": .string(name), "namespace": "team", "uid": "u", "creationTimestamp": .string(created),
            "labels": [RunIdentity.label: "x7k2p"],
        ]
        return notes?.noted(on: ["metadata": metadata]) ?? ["metadata": metadata]
    }

    private func notes(_ runs: String = "uname -r", deadline: String? = nil) -> RunNotes {
        var notes = RunNotes(timeout: 300, container: "task", runs: runs)
        notes.deadline = deadline.flatMap { Timestamp($0) }
        return notes
    }

    @Test("What a run notes on its DaemonSet is what is read from it")
    func roundTrip() throws {
        var all = notes("sh -c 'a\nb' \"é\"", deadline: "2026-11-25T13:05:00Z")
        all.agent = "install-run-once"
        all.isDetached = true
        var paced = notes()
        paced.turns = RunNotes.Turns(pace: Pace(window: .percent(10)), timeout: 60, budget: .number(0))
        paced.turns?.pace.latest = 300
        var named = notes()
        (named.named, named.others, named.withoutAgent) = (["a", "b"], ["mine-arm64"], ["c"])
        for notes in [all, paced, named, notes()] {
            #expect(RunNotes(of: notes.noted(on: ["metadata": ["annotations": ["own": "kept"]]])) == notes)
        }
        var noted = all.noted(on: ["metadata": ["annotations": ["own": "kept"]]])
        #expect(noted["metadata"]["annotations"]["own"] == "kept")
        #expect(noted["metadata"]["annotations"]["run-once-daemonset/deadline"] == "2026-11-25T13:05:00Z")
        // Those of an earlier run do not stay, nor how it ended.
        noted["metadata"]["annotations"][RunNotes.soFar] = "{}"
        let again = notes().noted(on: noted)
        #expect(RunNotes(of: again) == notes() && again["metadata"]["annotations"][RunNotes.soFar] == .null)
    }

    @Test("Of many nodes that were named no note is made, which could become too long: the affinity has their names")
    func manyNamed() throws {
        var many = notes()
        many.named = (1...5000).map { "node-\($0)" }
        var selection = NodeSelection()
        selection.nodes = many.named
        var daemonSet: JSON = ["metadata": [:]]
        selection.narrow(&daemonSet.podSpec)
        let noted = many.noted(on: daemonSet)
        #expect(try JSONEncoder().encode(noted["metadata"]).count < 1000)
        #expect(RunNotes(of: noted) == many)
    }

    @Test("Notes that somebody changed into what makes no sense are none", arguments: ["", "0", "-1", "5m", "1.5"])
    func changedNotes(timeout: String) {
        var noted = notes().noted(on: .null)
        noted["metadata"]["annotations"]["run-once-daemonset/timeout"] = .string(timeout)
        #expect(RunNotes(of: noted) == nil)
    }

    @Test("A run's pace is read with what its pods have to end in, and what the whole run may take")
    func pace() throws {
        var paced = notes()
        paced.turns = RunNotes.Turns(pace: Pace(window: .number(3)), timeout: 60)
        var noted = paced.noted(on: ["spec": ["template": ["spec": ["terminationGracePeriodSeconds": 5]]]])
        let pace = try #require(RunNotes(of: noted)?.turns?.pace)
        #expect(pace.window == .number(3) && pace.grace == 5 && pace.latest == 300)
        noted["metadata"]["annotations"]["run-once-daemonset/parallel"] = "some"
        #expect(RunNotes(of: noted)?.turns == nil && RunNotes(of: noted)?.timeout == 300)
    }

    @Test("Without a container there is nothing to follow, and no notes at all are none")
    func noNotes() {
        var noted = notes().noted(on: .null)
        noted["metadata"]["annotations"]["run-once-daemonset/container"] = .null
        #expect(RunNotes(of: noted) == nil)
        #expect(RunNotes(of: .null) == nil)
    }

    @Test("A run has a Job where that owns it")
    func job() throws {
        var owned = daemonSet("mine")
        #expect(try #require(RunThere(owned)).parts.hasJob == false)
        owned["metadata"]["ownerReferences"] = [["kind": "Job", "name": "mine-x7k2p"]]
        #expect(try #require(RunThere(owned)).parts.hasJob)
    }

    @Test(
        "What it runs is the command as a shell takes it, or the manifest, in one line that is not too long",
        arguments: [
            (["uname", "-r"], "uname -r"), (["sh", "-c", "df -h /; echo $A"], "sh -c 'df -h /; echo $A'"),
            (["echo", "it's", ""], #"echo 'it'\''s' ''"#), (["a\nb\u{1b}[2J"], "'a b[2J'"),
            ([String(repeating: "x", count: 61)], String(repeating: "x", count: 59) + "…"),
            ([String(repeating: "x", count: 60)], String(repeating: "x", count: 60)), (nil, "daemonset.yaml"),
        ])
    func runs(command: [String]?, text: String) {
        var request = Request()
        request.changes.command = command
        #expect(request.runs == text)
    }

    @Test("What somebody else noted on a run plays no tricks on a terminal")
    func hostileNote() throws {
        var note = Note()
        (note.verdict, note.gaveUp) = ("\u{1b}[2Jdone", ["\u{1b}[2J": "x", "node-1.example": "y"])
        var noted = daemonSet("mine", notes: notes())
        noted["metadata"]["annotations"][RunNotes.soFar] = .string(
            String(decoding: try JSONEncoder().encode(note), as: UTF8.self))
        let table = tableOfRuns([try #require(RunThere(noted))], at: now, inAllNamespaces: false)
        #expect(table.contains("mine   [2Jdone   0/0") && !table.contains("\u{1b}"))
        let read = try JSONDecoder().decode(DaemonSet.self, from: JSONEncoder().encode(noted)).note
        #expect(read?.gaveUp == ["node-1.example": "y"])
    }

    @Test("The table of runs is one as kubectl prints it; what is not known is <none>")
    func table() throws {
        let runs = try [
            daemonSet("run-once-x7k2p", notes: notes(deadline: "2026-11-25T12:52:00Z")),
            daemonSet("old", created: "2026-11-25T10:00:00Z"),
            daemonSet(
                "over", created: "2026-11-22T10:00:00Z", notes: notes("tab\there", deadline: "2026-11-25T11:59:25Z")),
        ].map { try #require(RunThere($0)) }
        #expect(
            tableOfRuns(runs, at: now, inAllNamespaces: false) == """
                NAME             STATUS    DONE   AGE    DEADLINE   RUNS
                run-once-x7k2p   running   0/0    5m     in 52m     uname -r
                old              running   0/0    120m   <none>     <none>
                over             running   0/0    3d2h   35s ago    tab here

                """)
    }

    @Test(
        "Lengths of time are as kubectl writes them",
        arguments: [
            (-5, "0s"), (0, "0s"), (35, "35s"), (119, "119s"), (120, "2m"), (150, "2m30s"), (599, "9m59s"),
            (600, "10m"), (3600, "60m"), (10_799, "179m"), (10_800, "3h"), (11_400, "3h10m"),
            (28_799, "7h59m"), (28_800, "8h"),
            (172_799, "47h"), (172_800, "2d"), (176_400, "2d1h"), (691_199, "7d23h"), (691_200, "8d"),
            (34_560_000, "400d"),
        ])
    func ages(seconds: Seconds, text: String) {
        #expect(age(seconds) == text)
    }

    @Test("An answer tells the server's clock, where it has one")
    func clock() {
        func date(_ line: String) -> Timestamp? { Answer(Array("HTTP/1.1 200 OK\r\n\(line)\r\n\r\n{}".utf8))?.date }
        #expect(date("Date: Wed, 25 Nov 2026 12:00:00 GMT") == now)
        #expect(date("date:Wed, 25 Nov 2026 12:00:00 GMT") == now)
        #expect(date("Date: today") == nil)
        #expect(date("X-Date: Wed, 25 Nov 2026 12:00:00 GMT") == nil)
    }
}
