import Foundation
import TestSupport
import Testing

@Suite("What a command finds") struct Surroundings {
    @Test("Standard input, the environment, the working directory and the arguments are as run-once got them")
    func inherited() async throws {
        try await withPod { pod in
            let command = pod.once(
                script: "cat; echo \"$GREETING\"; pwd; printf '<%s>' \"$@\"", "a b", "", "$x\n", "-n", "é")
            let settings = ["GREETING": "good day"]
            try await withProcess(command, environment: settings, input: Data("in\n".utf8), directory: pod.state) {
                process in
                try await eventually("the pod is ready") { pod.isReady }
                #expect(process.text == "in\ngood day\n\(pod.state)\n<a b><><$x\n><-n><é>")
            }
        }
    }

    @Test(
        "Nothing is open but the standard streams, and the command leads a process group of its own",
        .enabled(if: runOnce.isNative, "the wrapper has files open"))
    func descriptorsAndGroup() async throws {
        try await withPod { pod in
            let script = "ls /proc/$$/fd; read -r _ _ _ _ group _ </proc/$$/stat; test \"$group\" = $$ && echo leads"
            let outcome = try await pod.runToTheEnd(pod.once(script: script))
            #expect(outcome.text == "0\n1\n2\nleads\n")
        }
    }

    @Test(
        "Orphans are reaped while the command runs",
        .enabled(if: runOnce.isNative, "the children would be the wrapper's"))
    func orphans() async throws {
        try await withPod { pod in
            let fifo = try pod.fifo()
            try await withProcess(pod.once(script: orphans + "read -r x <\"$2\"", pod.directory, fifo.path)) {
                process in
                try await eventually("all orphans have ended") { try ended(in: pod) == 100 }
                try await eventually("only the command is left") { process.children.count == 1 }
                #expect(!pod.isReady)
            }
        }
    }

    @Test(
        "As process 1 it reaps orphans also after the command has ended",
        .enabled("needs nsenter, unshare, and root") { await getuid() == 0 ? asProcessOne() != nil : false },
        .enabled(if: runOnce.isNative, "the children would be the wrapper's"))
    func orphansAfterwards() async throws {
        try await withPod { pod in
            try await withOrphans(of: pod.once("true"), in: pod) { first in
                try await eventually("no child is left") { children(of: first).isEmpty }
                #expect(pod.isReady)
            }
        }
    }

    @Test(
        "A process 1 that does not reap keeps orphans as zombies, so the tests above can see them",
        .enabled("needs nsenter, unshare, and root") { await getuid() == 0 ? asProcessOne() != nil : false })
    func negativeControl() async throws {
        try await withPod { pod in
            try await withOrphans(of: ["sleep", "1000"], in: pod) { first in
                try await eventually("the orphans are zombies") {
                    children(of: first).count { state($0) == "Z" } >= 100
                }
            }
        }
    }

    /// Runs `command` as process 1 of a PID namespace, gives it 100 orphans, and runs `body` when they have ended.
    private func withOrphans(of command: [String], in pod: Pod, _ body: (pid_t) async throws -> Void) async throws {
        let unshare = try #require(await asProcessOne())
        try await withProcess(unshare + command) { process in
            try await eventually("process 1 is there") { !process.children.isEmpty }
            let first = try #require(process.children.first)
            let visit = ["nsenter", "--target", "\(first)", "--pid"] + shell(orphans + "sleep 1000", [pod.directory])
            try await withProcess(visit) { _ in
                try await eventually("all orphans have ended") { try ended(in: pod) == 100 }
            }
            try await body(first)
        }
    }

    private func ended(in pod: Pod) throws -> Int {
        try names(in: pod.directory).count { $0.hasPrefix("o.") }
    }

    /// Starts 100 processes whose parents end at once; each leaves a file in the directory "$1".
    private let orphans = """
        i=0
        while [ $i -lt 100 ]; do
          i=$((i + 1))
          (sh -c ': >"$1/o.$2"' sh "$1" $i &)
        done

        """
}
