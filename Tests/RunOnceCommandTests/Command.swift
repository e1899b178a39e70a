import TestSupport

/// The executable under test.
let runOnce = Program("run-once")

extension Pod {
    /// The command that runs another command once in this pod.
    func once(_ command: String...) -> [String] {
        runOnce.command(["--state-dir", state, "--"] + command)
    }

    /// The command that runs a shell script once in this pod, with arguments as its `"$@"`.
    func once(script: String, _ arguments: String...) -> [String] {
        runOnce.command(["--state-dir", state] + shell(script, arguments))
    }
}
