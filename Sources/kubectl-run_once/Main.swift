import EmbeddedAgents
import FoundationEssentials
import Orchestrator
import RunLogic
import System
import Version

@main struct KubectlRunOnce {
    static func main() {
        occupyClosedStreams()
        raiseFileLimit()
        do throws(Refusal) {
            let command = try Command(arguments())
            let limits = try Limits(ProcessInfo.processInfo.environment)
            let terminal = Presentation.terminal(of: command, limits)
            let signals = Signals()
            // Detached: in the main actor it would wait for this thread.
            Task.detached {
                var status: Int32
                do throws(Refusal) {
                    status = try await perform(command, signals, terminal, limits)
                } catch {
                    status = complain(error, terminal)
                }
                terminal.flush()
                endProgram(status)
            }
            // The main thread waits for signals; all else happens in others.
            signals.wait()
        } catch {
            let terminal = Terminal()
            let status = complain(error, terminal)
            terminal.flush()
            endProgram(status)
        }
    }

    /// - Returns: the exit status.
    private static func perform(
        _ command: Command, _ signals: Signals, _ terminal: Terminal, _ limits: Limits
    ) async throws(Refusal) -> Int32 {
        let program = Program(
            version: programVersion.description, signals: signals, terminal: terminal, limits: limits)
        switch command {
        case .help(let text):
            print(text)
            return 0
        case .nothing:
            terminal.pass(on: overview)
            return 2
        case .version:
            print("kubectl-run_once \(programVersion)\n\(carriage)")
            return 0
        case .run(let request):
            return try await Orchestrator(request, in: program).run()
        case .attach(let name, let request):
            return try await Attachment(name, request, in: program).follow()
        case .list(let place, let isEverywhere, let asJSON):
            return try await program.list(place, inAllNamespaces: isEverywhere, asJSON: asJSON)
        case .delete(let names, let place):
            return try await Deletion(names, place, in: program).delete()
        case .complete(let completion):
            for line in await completion.answer() { print(line) }
            return 0
        }
    }

    private static var carriage: String {
        let architectures = EmbeddedAgents.architectures
        guard !architectures.isEmpty else { return "carries no agents: --agent-image says which image has them" }
        return "carries its agents for nodes of \(architectures.joined(separator: " and "))"
    }

    /// - Returns: the exit status.
    private static func complain(_ refusal: Refusal, _ terminal: Terminal) -> Int32 {
        terminal.complain(refusal.message)
        return refusal.exitStatus
    }

    /// Everybody on this machine can see the arguments of its programs.
    private static func hideSecrets(_ arguments: [String]) {
        for (index, word) in arguments.enumerated() {
            for option in Kubectl.secrets.map({ "--\($0)" }) {
                if word.hasPrefix("\(option)=") { hideProgramArgument(index, from: option.count + 1) }
                if word == option, index + 1 < arguments.count { hideProgramArgument(index + 1, from: 0) }
            }
            if word == "--" { return }
        }
    }

    /// Without the program's name.
    private static func arguments() throws(Refusal) -> [String] {
        var arguments: [String] = []
        for (index, word) in programArguments().enumerated() {
            guard let word else {
                throw .usage("argument \(index + 1) is not text in UTF-8, which is all that a manifest can hold")
            }
            arguments.append(word)
        }
        hideSecrets(arguments)
        return arguments
    }
}
