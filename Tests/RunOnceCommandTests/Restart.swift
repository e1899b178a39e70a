import TestSupport
import Testing
import Foundation

@Suite("Restarted containers") struct Restart {
    @Test("After a success the command is not run again, and the pod stays ready")
    func afterSuccess() async throws {
        try await withPod { pod in
            let command = pod.once(script: "echo ran >>\"$1\"", pod.directory + "/runs")
            for _ in 1...3 {
                try await withProcess(command) { process in
                    try await eventually("the pod is ready") { pod.isReady }
                    try await process.isWaiting()
                    process.send(SIGTERM)
                    #expect(try await process.end() == .status(0))
                    #expect(process.stderr == "")
                }
            }
            #expect(try String(contentsOfFile: pod.directory + "/runs", encoding: .utf8) == "ran\n")
        }
    }

    @Test("After a failure the command is not run again: one line says so, and the pod is not ready")
    func afterFailure() async throws {
        try await withPod { pod in
            #expect(try await run(pod.once("false")).ending == .status(1))
            try await withProcess(pod.once("echo", "never")) { process in
                try await eventually("it says why it does nothing") { process.stderr != "" }
                try await process.isWaiting()
                process.send(SIGTERM)
                #expect(try await process.end() == .status(0))
                #expect(process.text == "")
                #expect(process.stderr == "run-once: \(pod.state): "
                    + "the task was started before and did not end in success; it is not run again\n")
                #expect(!pod.isReady)
            }
        }
    }
}
