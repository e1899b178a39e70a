import FoundationEssentials
import Glibc
import RunLogic
import Synchronization

/// What the user sees on standard error: lines, and on a terminal one line that changes.
public final class Terminal: Sendable {
    private struct State {
        var progress = ""
        var isShown = false
    }

    private let isTerminal: Bool
    private let showsProgress: Bool
    private let isQuiet: Bool
    private let isColored: Bool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - isQuiet: without what only tells that all goes well.
    ///   - color: of failures.
    ///   - showsProgress: false where something else is written on the same terminal meanwhile.
    public init(isQuiet: Bool = false, color: Color = .auto, showsProgress: Bool = true) {
        self.showsProgress = showsProgress && !isQuiet
        isTerminal = isatty(STDERR_FILENO) == 1
        self.isQuiet = isQuiet
        isColored = color.isWanted(isTerminal: isTerminal, ProcessInfo.processInfo.environment)
    }

    /// Says a line of this program's own.
    public func say(_ text: String) {
        sayLine("run-once: \(text)")
    }

    /// Says that all goes well, which not everybody wants to read.
    func mention(_ text: String) {
        if !isQuiet { say(text) }
    }

    /// Says that something failed.
    func sayFailure(_ text: String) {
        sayLine(failure("run-once: \(text)"))
    }

    private func failure(_ line: String) -> String { isColored ? Color.red(line) : line }

    private func sayLine(_ line: String) {
        state.withLock { state in
            hide(&state)
            write("\(line)\n")
        }
    }

    /// Says what ends the program; lines after the first one are indented.
    public func complain(_ text: String) {
        sayLine(failure("error: \(text.split(separator: "\n").joined(separator: "\n    "))"))
    }

    /// Shows how far the run is: in place on a terminal, else as a line.
    func show(_ progress: Progress) {
        guard showsProgress else { return }
        state.withLock { $0.progress = progress.description }
        if !isTerminal { write("\(progress)\n") }
    }

    /// Shows the time that has passed, where that can be done in place.
    func tick(_ seconds: Seconds) {
        guard isTerminal else { return }
        state.withLock { state in
            guard !state.progress.isEmpty else { return }
            write("\r\(state.progress) (\(Int(seconds)) s)\u{1b}[K")
            state.isShown = true
        }
    }

    /// Takes the progress away for good.
    func hideProgress() {
        state.withLock { state in
            hide(&state)
            state.progress = ""
        }
    }

    private func hide(_ state: inout State) {
        if state.isShown { write("\r\u{1b}[K") }
        state.isShown = false
    }

    /// Nobody may be reading any more; that keeps nothing from being cleaned up.
    private func write(_ text: String) {
        try? Descriptor.standardError.write(text.utf8)
    }
}
