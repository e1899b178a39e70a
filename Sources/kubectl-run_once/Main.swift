import CGlibc
import Glibc
import Orchestrator

@main struct KubectlRunOnce {
    static func main() {
        occupyClosedStreams()
        let terminal = Terminal()
        do throws(Refusal) {
            switch try Command(arguments) {
            case .help: print(usage)
            case .version: print("kubectl-run_once \(programVersion)")
            case .run(let request):
                let terminal = Terminal(isQuiet: request.isQuiet, color: request.color)
                start(terminal) { signals throws(Refusal) in
                    try await Orchestrator(request, version: programVersion, signals: signals, terminal: terminal).run()
                }
            case .attach(let name, let request):
                let terminal = Terminal(isQuiet: request.isQuiet, color: request.color)
                start(terminal) { signals throws(Refusal) in
                    try await Attachment(
                        name, request, version: programVersion, signals: signals, terminal: terminal
                    ).follow()
                }
            case .list(let place, let inAllNamespaces):
                start(terminal) { signals throws(Refusal) in
                    try await RunList(
                        place, inAllNamespaces: inAllNamespaces, version: programVersion, signals: signals
                    ).print()
                }
            case .delete(let names, let place):
                start(terminal) { signals throws(Refusal) in
                    try await Deletion(
                        names, place, version: programVersion, signals: signals, terminal: terminal
                    ).delete()
                }
            }
        } catch {
            exit(complain(error, terminal))
        }
    }

    /// The main thread waits for signals; all else happens in others.
    ///
    /// - Parameter story: returns the exit status.
    private static func start(
        _ terminal: Terminal, _ story: @escaping @Sendable (Signals) async throws(Refusal) -> Int32
    ) -> Never {
        let signals = Signals()
        // Detached: in the main actor it would wait for this thread.
        Task.detached {
            do throws(Refusal) {
                exit(try await story(signals))
            } catch {
                exit(complain(error, terminal))
            }
        }
        signals.wait()
    }

    /// - Returns: the exit status.
    private static func complain(_ refusal: Refusal, _ terminal: Terminal) -> Int32 {
        terminal.complain(refusal.message)
        return refusal.exitStatus
    }

    /// Without the program's name.
    private static var arguments: [String] {
        (1..<max(program_argument_count(), 1)).map { String(cString: program_argument($0)) }
    }
}
