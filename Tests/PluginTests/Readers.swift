import Foundation
import Glibc
import TestSupport
import Testing

/// Who reads what the plugin says may take his time, or not read at all.
extension PluginTests {
    @Test(
        "Standard error that nobody reads holds up neither the timeout nor SIGTERM: the run ends, and is deleted",
        arguments: [0, SIGTERM])
    func errorsUnread(signal: Int32) async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            let errors = try OutputPipe()
            try errors.fill()
            try await api.withPlugin("-t", signal == 0 ? "3s" : "100s", errors: errors) { process in
                try await api.isAsked("POST", "/daemonsets")
                if signal != 0 { process.send(signal) }
                let ending = try await process.end()
                #expect(ending == .status(signal == 0 ? 124 : 128 + signal))
                try await api.expectDeleted()
            }
        }
    }

    @Test("Standard error that is read late holds every failure, and not all of the progress")
    func errorsReadLate() async throws {
        let nodes = (0..<40).map { FakeAPI.Node("n\($0)", .running) }
        try await withFakeAPI(nodes: nodes) { api in
            let errors = try OutputPipe()
            try errors.fill()
            try await api.withPlugin("--name", "x", "--image=busybox", "--", "true", errors: errors) { process in
                try await eventually("all pods are there") { try await api.names(of: "pods").count == nodes.count }
                for number in nodes.indices { try await api.play(.failed(3, "because \(number)"), on: "n\(number)") }
                try await eventually("the pods are deleted") { try await api.names(of: "pods").isEmpty }
                let said = String(decoding: try await errors.takeAll(), as: UTF8.self)
                #expect(process.isRunning || process.ending == .status(1))
                for number in nodes.indices { #expect(said.contains("because \(number)\n"), "\(number)") }
                #expect(said.contains("run-once: 0 of 40 nodes done, 40 failed"))
            }
        }
    }

    @Test("Standard output whose writers never wait, as after a shell's ssh, gets every byte")
    func nonBlockingOutput() async throws {
        let long = Data((0..<40_000).map { "line \($0)\n" }.joined().utf8)
        try await withFakeAPI(nodes: [.init("a", .done(long))]) { api in
            let output = try OutputPipe()
            try output.doNotBlockWriters()
            try await api.withPlugin(output: output) { process in
                try await eventually("the pipe is full") { output.available >= output.capacity - 4096 }
                #expect(try await output.takeAll() == Data("==> a <==\n".utf8) + long)
                try await process.outcome().expectStatus(0)
            }
        }
    }
}
