import TestSupport

/// The executable under test.
let catEtcHosts = Program("cat-etc-hosts")

extension Pod {
    /// The command that runs the agent in this pod.
    func agent(_ operands: String...) -> [String] {
        catEtcHosts.command(["--state-dir", state] + operands)
    }
}
