import CGlibc
import Dispatch
import Glibc
import Orchestrator

@main struct KubectlRunOnce {
    static func main() {
        let terminal = Terminal()
        do throws(Refusal) {
            switch try Command(arguments) {
            case .help: print(usage)
            case .version: print("kubectl-run_once \(programVersion)")
            case .run(let request): run(request, terminal)
            }
        } catch {
            end(error, terminal)
        }
    }

    /// The signals are arranged before there is any other thread.
    private static func run(_ request: Request, _ terminal: Terminal) -> Never {
        let signals = Signals()
        Task {
            do throws(Refusal) {
                let orchestrator = Orchestrator(request, version: programVersion, signals: signals, terminal: terminal)
                exit(try await orchestrator.run())
            } catch {
                end(error, terminal)
            }
        }
        dispatchMain()
    }

    private static func end(_ refusal: Refusal, _ terminal: Terminal) -> Never {
        terminal.complain(refusal.message)
        exit(refusal.exitStatus)
    }

    /// Without the program's name.
    private static var arguments: [String] {
        (1..<max(program_argument_count(), 1)).map { String(cString: program_argument($0)) }
    }
}
