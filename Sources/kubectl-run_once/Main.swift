import Glibc
import Orchestrator

@main struct KubectlRunOnce {
    static func main() async {
        let signals = Signals()
        let terminal = Terminal()
        do throws(Refusal) {
            switch try Command(Array(CommandLine.arguments.dropFirst())) {
            case .help: print(usage)
            case .version: print("kubectl-run_once \(programVersion)")
            case .run(let request):
                exit(try await Orchestrator(request, version: programVersion, signals: signals, terminal: terminal).run())
            }
        } catch {
            terminal.complain(error.message)
            exit(error.exitStatus)
        }
    }
}
