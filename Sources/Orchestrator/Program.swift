import RunLogic
import System

/// What each of this program's stories is told with.
public struct Program: Sendable {
    /// Of this program, which it tells the cluster.
    let version: String
    let signals: Signals
    let terminal: Terminal
    let limits: Limits

    public init(version: String, signals: Signals, terminal: Terminal, limits: Limits = Limits()) {
        self.version = version
        self.signals = signals
        self.terminal = terminal
        self.limits = limits
    }
}
