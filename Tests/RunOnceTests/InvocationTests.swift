@testable import RunOnce
import Testing

@Suite("Invocation") struct InvocationTests {
    @Test(
        "The command line is understood as its usage says",
        arguments: [
            ([], .run(in: "/run/run-once", [])),
            (["file"], .run(in: "/run/run-once", ["file"])),
            (["--state-dir", "dir"], .run(in: "dir", [])),
            (["--state-dir", "dir", "file"], .run(in: "dir", ["file"])),
            (["--state-dir=dir", "file"], .run(in: "dir", ["file"])),
            (["--state-dir=", "file"], .run(in: "", ["file"])),
            (["--state-dir=a=b"], .run(in: "a=b", [])),
            (["--state-dir", "--ready"], .run(in: "--ready", [])),
            (["--state-dir", "a", "--state-dir=b"], .run(in: "b", [])),

            (["-"], .run(in: "/run/run-once", ["-"])),
            ([""], .run(in: "/run/run-once", [""])),
            (["--"], .run(in: "/run/run-once", [])),
            (["--", "--ready"], .run(in: "/run/run-once", ["--ready"])),
            (["--", "--", "--"], .run(in: "/run/run-once", ["--", "--"])),
            (["--state-dir", "dir", "--", "-x"], .run(in: "dir", ["-x"])),

            (["sh", "-c", "--ready"], .run(in: "/run/run-once", ["sh", "-c", "--ready"])),
            (["file", "--state-dir", "dir"], .run(in: "/run/run-once", ["file", "--state-dir", "dir"])),
            (["file", "--"], .run(in: "/run/run-once", ["file", "--"])),
            (["-", "--help"], .run(in: "/run/run-once", ["-", "--help"])),

            (["--ready"], .ready(in: "/run/run-once", 0)),
            (["--ready", "--state-dir", "dir"], .ready(in: "dir", 0)),
            (["--state-dir=dir", "--ready"], .ready(in: "dir", 0)),
            (["--ready", "--"], .ready(in: "/run/run-once", 0)),
            (["--ready", "file"], .invalid("file", "one argument too many")),
            (["--ready", "--", "-x"], .invalid("-x", "one argument too many")),

            (["--install", "dir"], .install(in: "dir")),
            (["--install", "--", "--dir"], .install(in: "--dir")),
            (["--install"], .invalid("--install", "needs a directory")),
            (["--install", "--"], .invalid("--install", "needs a directory")),
            (["--install", "a", "b"], .invalid("b", "one argument too many")),
            (["--install", "--bogus"], .invalid("--bogus", "unknown option (see --help)")),
            (["--install", "--help"], .help),
            (["--install", "--version"], .version),
            (["--install", "--ready", "a"], .invalid("--ready", "can't be combined (see --help)")),
            (["--ready", "--install", "a"], .invalid("--install", "can't be combined (see --help)")),
            (["sh", "--install"], .run(in: "/run/run-once", ["sh", "--install"])),

            (["--ready", "--wait", "3000"], .ready(in: "/run/run-once", 3000)),
            (["--wait=5", "--state-dir=dir", "--ready"], .ready(in: "dir", 5)),
            (["--ready", "--wait", "0"], .ready(in: "/run/run-once", 0)),
            (["--ready", "--wait", "soon"], .invalid("--wait", "needs a number")),
            (["--ready", "--wait"], .invalid("--wait", "needs a number")),
            (["--wait", "3"], .invalid("--wait", "needs --ready")),
            (["--result", "--wait", "3"], .invalid("--wait", "needs --ready")),

            (["--result"], .result(in: "/run/run-once", 0)),
            (["--result", "--state-dir=dir", "--from", "12"], .result(in: "dir", 12)),
            (["--result", "--from=-1"], .invalid("--from=-1", "needs a number")),
            (["--result", "--from="], .invalid("--from=", "needs a number")),
            (["--from", "3", "file"], .invalid("--from", "needs --result")),
            (["--result", "file"], .invalid("file", "one argument too many")),
            (["--result", "--ready"], .invalid("--ready", "can't be combined (see --help)")),

            (["--seal", "a-1", "file"], .sealed(in: "/run/run-once", "a-1", 64 << 20, ["file"])),
            (["--seal=a-1", "--max-result", "0", "--", "--seal"], .sealed(in: "/run/run-once", "a-1", 0, ["--seal"])),
            (["--max-result=5", "--seal=a-1"], .sealed(in: "/run/run-once", "a-1", 5, [])),
            (["--seal", "$(POD_UID)", "file"], .invalid("--seal", "needs the UID of the pod")),
            (["--seal"], .invalid("--seal", "needs the UID of the pod")),
            (["--seal", "a-1", "--max-result", "1k"], .invalid("--max-result", "needs a number")),
            (["--max-result", "5", "file"], .invalid("--max-result", "needs --seal")),
            (["--ready", "--seal", "a-1"], .invalid("--seal", "goes with what is to run (see --help)")),
            (["--result", "--max-result", "1"], .invalid("--max-result", "goes with what is to run (see --help)")),

            (["--help"], .help),
            (["--ready", "--help", "--bogus"], .help),
            (["--version"], .version),
            (["--state-dir", "dir", "--version"], .version),

            (["--state-dir"], .invalid("--state-dir", "needs a directory")),
            (["--ready", "--state-dir"], .invalid("--state-dir", "needs a directory")),
            (["--bogus"], .invalid("--bogus", "unknown option (see --help)")),
            (["-h"], .invalid("-h", "unknown option (see --help)")),
            (["--readyness"], .invalid("--readyness", "unknown option (see --help)")),
            (["--ready=yes"], .invalid("--ready=yes", "unknown option (see --help)")),
            (["--state-directory", "dir"], .invalid("--state-directory", "unknown option (see --help)")),
            (["--bogus", "--help"], .invalid("--bogus", "unknown option (see --help)")),
        ] as [([String], Meaning)])
    func meaning(arguments: [String], meaning: Meaning) {
        #expect(Meaning { () throws(WrongUsage) in try Invocation(Arguments(arguments), canInstall: true) } == meaning)
    }

    @Test(
        "A program's own options come before the operands, and go with nothing else",
        arguments: [
            (["--own", "value", "--state-dir", "dir", "file"], .run(in: "dir", ["file"])),
            (["--state-dir", "dir", "--own", "--own", "--", "--own"], .run(in: "dir", ["--own"])),
            (["file", "--own"], .run(in: "/run/run-once", ["file", "--own"])),
            (["--own"], .invalid("--own", "needs a value")),
            (["--own", "value", "--bogus"], .invalid("--bogus", "unknown option (see --help)")),
            (["--own", "value", "--help"], .help),
            (["--own", "value", "--ready"], .invalid("--own", "goes with what is to run (see --help)")),
            (["--install", "--own", "value", "dir"], .invalid("--own", "goes with what is to run (see --help)")),
        ] as [([String], Meaning)])
    func own(arguments: [String], meaning: Meaning) {
        let found = Meaning { () throws(WrongUsage) in
            try Invocation(Arguments(arguments), canInstall: true) { option, rest in
                guard option == "--own" else { return .unknown }
                guard rest.first != nil else { return .invalid(reason: "needs a value") }
                rest.removeFirst()
                return .taken
            }
        }
        #expect(found == meaning)
    }
}

/// `Invocation` in a form that can be compared and shown.
enum Meaning: Equatable, Sendable {
    case help
    case version
    case ready(in: String, Int)
    case result(in: String, Int)
    case install(in: String)
    case run(in: String, [String])
    case sealed(in: String, String, Int, [String])
    case invalid(String, String)

    init(_ read: () throws(WrongUsage) -> Invocation) {
        let invocation: Invocation
        do throws(WrongUsage) {
            invocation = try read()
        } catch {
            self = .invalid(error.argument.string, error.reason.string)
            return
        }
        switch invocation {
        case .help: self = .help
        case .version: self = .version
        case .ready(let directory, let limit): self = .ready(in: directory.string, limit)
        case .result(let directory, let offset): self = .result(in: directory.string, offset)
        case .install(let directory): self = .install(in: directory.string)
        case .run(let directory, nil, let operands): self = .run(in: directory.string, operands.strings)
        case .run(let directory, let sealing?, let operands):
            self = .sealed(in: directory.string, sealing.pod.string, sealing.maximum, operands.strings)
        }
    }
}
