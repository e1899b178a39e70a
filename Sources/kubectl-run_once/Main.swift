import Glibc
import Orchestrator

@main struct KubectlRunOnce {
    static func main() {
        occupyClosedStreams()
        let signals = Signals()
        // Detached: in the main actor it would wait for this thread.
        Task.detached { exit(await exitStatus(signals)) }
        signals.wait()
    }

    private static func exitStatus(_ signals: Signals) async -> Int32 {
        let terminal = Terminal()
        do throws(Refusal) {
            switch try Command(Array(CommandLine.arguments.dropFirst())) {
            case .help: print(usage)
            case .version: print("kubectl-run_once \(programVersion)")
            case .run(let request):
                return try await Orchestrator(
                    request, version: programVersion, signals: signals, terminal: terminal).run()
            }
            return 0
        } catch {
            terminal.complain(error.message)
            return error.exitStatus
        }
    }
}
