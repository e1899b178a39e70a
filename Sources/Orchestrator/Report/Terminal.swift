import FoundationEssentials
import RunLogic
import Synchronization
import System

/// What the user sees on standard error: lines, and on a terminal one line that changes.
///
/// Nobody who says something waits for the reader.
public final class Terminal: Sendable {
    private struct State {
        var progress = ""
        var isShown = false
        /// Results are being written, maybe on the same terminal.
        var isLent = false
        /// Somebody was told what Ctrl-C leaves.
        var offersToLeave = false
    }

    /// A line can change in place.
    private let changesInPlace: Bool
    private let showsProgress: Bool
    private let isQuiet: Bool
    private let isColored: Bool
    private let state = Mutex(State())
    private let writer = Writer(.standardError)
    /// How long the reader is waited for at the end.
    private let patience: Duration

    /// - Parameters:
    ///   - isQuiet: without what only tells that all goes well.
    ///   - color: of failures.
    ///   - showsProgress: false where something else is written on the same terminal meanwhile.
    ///   - patience: the seconds after which a reader who takes nothing is given up at the end.
    public init(
        isQuiet: Bool = false, color: Color = .auto, showsProgress: Bool = true, patience: Seconds = Limits().reader
    ) {
        self.patience = .seconds(patience)
        self.showsProgress = showsProgress && !isQuiet
        let environment = ProcessInfo.processInfo.environment
        let isTerminal = Descriptor.standardError.isTerminal
        // A dumb one knows no escapes.
        changesInPlace = isTerminal && !["", "dumb"].contains(environment["TERM"] ?? "")
        self.isQuiet = isQuiet
        isColored = color.isWanted(isTerminal: isTerminal, environment)
    }

    /// Says a line of this program's own; lines after the first one, such as a command to type, are indented.
    public func say(_ text: String) {
        sayLine("run-once: \(indented(text))", .kept)
    }

    /// Says what can be typed next, as it is to be typed: lines in quotes are not indented.
    func say(_ text: String, toType command: String) {
        sayLine("run-once: \(text)\n    \(command)", .kept)
    }

    /// Says how things are, which nobody needs to know who does not read it in time.
    func remark(_ text: String) {
        sayLine("run-once: \(text)", .ordinary)
    }

    /// Says that all goes well, which not everybody wants to read.
    func mention(_ text: String) {
        if !isQuiet { remark(indented(text)) }
    }

    /// Says that something failed.
    func sayFailure(_ text: String) {
        sayLine("run-once: \(text)", .kept, isFailure: true)
    }

    /// Says what ends the program; lines after the first one are indented.
    public func complain(_ text: String) {
        sayLine("error: \(indented(text))", .kept, isFailure: true)
    }

    /// Says what another program wants the user to know.
    public func pass(on line: String) {
        sayLine(line, .kept)
    }

    private func sayLine(_ line: String, _ weight: Writer.Weight, isFailure: Bool = false) {
        let line = Harmless.text(line)
        state.withLock { state in
            let text = isFailure && isColored ? Color.red(line) : line
            let clear = state.isShown ? Terminal.clear : ""
            if writer.write("\(clear)\(text)\n", weight) { state.isShown = false }
        }
    }

    /// Shows how far the run is: in place on a terminal, else as a line.
    func show(_ progress: String) {
        guard showsProgress else { return }
        state.withLock { $0.progress = progress }
        if !changesInPlace { writer.write("\(progress)\n", .passing) }
    }

    /// Shows the time that has passed, where that can be done in place.
    func tick(_ seconds: Seconds) {
        guard changesInPlace else { return }
        state.withLock { state in
            guard !state.progress.isEmpty else { return }
            showInPlace("\(state.progress) (\(Int(seconds)) s)", &state)
        }
    }

    private func showInPlace(_ text: String, _ state: inout State) {
        // A line that is wider than the terminal could not be taken away again.
        let width = Descriptor.standardError.columns ?? 10_000
        let line = text.prefix(max(width - 1, 1))
        if writer.write("\r\(line)\u{1b}[K", .passing) { state.isShown = true }
    }

    /// Shows what is waited for at the end, since when, and what Ctrl-C does: in place, or once when it takes a while.
    func wait(_ text: String, _ seconds: Seconds, _ offer: String) {
        guard !isQuiet else { return }
        state.withLock { state in
            // A signal that was meant for the run may come just when it has ended.
            let offers = seconds >= 3
            guard !state.isLent, changesInPlace || offers && !state.offersToLeave else { return }
            state.offersToLeave = offers
            let end = offers ? "; \(offer)" : ""
            if changesInPlace { return showInPlace("\(text) (\(Int(seconds)) s)\(end)", &state) }
            writer.write("run-once: \(text)\(end)\n", .passing)
        }
    }

    /// Whether somebody was told what Ctrl-C leaves.
    var offersToLeave: Bool { state.withLock(\.offersToLeave) }

    /// Others write results meanwhile.
    func lend() { state.withLock { $0.isLent = true } }
    func takeBack() { state.withLock { $0.isLent = false } }

    /// Takes the progress away for good.
    func hideProgress() {
        state.withLock { state in
            if state.isShown { writer.write(Terminal.clear, .kept) }
            (state.isShown, state.progress) = (false, "")
        }
    }

    private func indented(_ text: String) -> String { text.split(separator: "\n").joined(separator: "\n    ") }

    private static let clear = "\r\u{1b}[K"

    /// Waits until all that was said is written, or nobody has read for some seconds.
    public func flush(patience: Duration? = nil) {
        writer.flush(patience: min(patience ?? self.patience, self.patience))
    }
}
