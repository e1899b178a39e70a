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
            case .run(let request): run(request, terminal)
            case .attach, .list, .delete: throw .usage("not there yet")
            }
        } catch {
            exit(complain(error, terminal))
        }
    }

    /// The main thread waits for signals; all else happens in others.
    private static func run(_ request: Request, _ terminal: Terminal) -> Never {
        let signals = Signals()
        // Detached: in the main actor it would wait for this thread.
        Task.detached {
            do throws(Refusal) {
                let orchestrator = Orchestrator(request, version: programVersion, signals: signals, terminal: terminal)
                exit(try await orchestrator.run())
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
