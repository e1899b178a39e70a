import RunLogic
import System

extension Request {
    /// Standard output as the user wants it, where what that takes is there.
    func output(of store: ResultStore, _ directory: WorkDirectory) async throws(Refusal) -> Output {
        let baseline = try baseline.map { directory throws(Refusal) in try EarlierRun(in: directory, "--baseline") }
        try baseline?.checkLogs("--baseline")
        if output == .diff, (try? await run(["diff", "/dev/null", "/dev/null"]))?.status != 0 {
            throw .cluster("diff is needed for differences, and can't be started: diffutils has it")
        }
        return Output(output, of: store, color, since: baseline, in: directory)
    }
}

extension Page {
    /// Writes how a file differs from another, as diff(1) says it: unified, with three lines of context.
    func write(
        difference new: (file: String, name: String), from old: (file: String, name: String)
    ) throws(SystemError) {
        let command = ["diff", "-u", "-L", old.name, "-L", new.name, "--", old.file, new.file]
        let output = try Descriptor.memory()
        let diff = try Subprocess(command, environment: ["LC_ALL": "C"], output: output)
        guard diff.waitForEnd() < 2 else { throw .failed("compare", new.file) }
        // No line of it passes for a header.
        try write(textOf: output, marksHeaders: false)
    }
}

extension EarlierRun {
    /// - Parameter option: that names the folder.
    /// - Throws: `Refusal.usage` where what a node wrote is not there, or can't be read.
    func checkLogs(_ option: String) throws(Refusal) {
        for name in nodes.keys.sorted() {
            let file = ResultStore.file(of: name, in: directory)
            guard nodes[name]?["state"] == "done" || exists(file) else { continue }
            do throws(SystemError) {
                _ = try Descriptor.open(file)
            } catch {
                throw .usage("\(option): \(file) is missing, or can't be read: \(error.reason)")
            }
        }
    }

    /// What a node's task wrote, nil where that is nothing or is not known, and how it ended.
    func result(of node: String) throws(SystemError) -> (file: String, hash: String?, end: String) {
        let file = ResultStore.file(of: node, in: directory)
        let hash = nodes[node] != nil && exists(file) ? try Descriptor.open(file).hashOfAll() : nil
        return (file, hash, EarlierRun.end(of: nodes[node] ?? .null))
    }

    /// How a node's task ended, in a word; nothing where that is not known.
    static func end(of node: JSON) -> String {
        guard node["state"] == "failed", case .integer(let code) = node["exitCode"] else {
            return node["state"].string ?? ""
        }
        return "exit code \(code)"
    }
}
