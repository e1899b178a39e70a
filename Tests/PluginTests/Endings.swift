import Foundation
import Glibc
import TestSupport
import Testing

extension PluginTests {
    /// Who gets a signal.
    enum Target: Sendable {
        case process
        /// As a terminal does with Ctrl-C, and a shell with a job.
        case group

        func send(_ signal: Int32, to process: Running) {
            kill(self == .group ? -process.pid : process.pid, signal)
        }
    }

    @Test("A signal to the whole group ends the run with what is there; all is deleted, but others' files in DIR stay")
    func signals() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .running)]) { api in
            try await api.withPlugin("--output-dir", "out") { process in
                try await process.says("1 of 2 nodes done")
                try await eventually("the result is there") { exists(api.directory + "/out/a.log") }
                _ = try api.write("mine", to: "out/console.log")
                Target.group.send(SIGHUP, to: process)
                let outcome = try await process.outcome()
                outcome.expectStatus(128 + SIGHUP)
                #expect(outcome.text == "==> a <==\nhi\n")
                #expect(outcome.lines.contains("run-once: not done: b: still running"), "\(outcome.stderr)")
                #expect(
                    outcome.stderr.contains("run-once: 1 of 2 nodes done, 1 not done, in "))
                #expect(outcome.lastCommand == "kubectl run-once hosts --retry out --name cat-etc-hosts")
                let run = try api.summary("out")["run"]
                #expect(run["verdict"].string == "stopped" && run["wanted"].number == 2)
                #expect(try api.summary("out")["nodes"].count == 2)
                try await api.expectDeleted()
                #expect(try api.read("out/console.log") == "mine")
            }
        }
    }

    @Test("A signal while the manifest is read ends the program at once, and whatever it started")
    func whileReading() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            let file = try FIFO(api.directory + "/manifest")
            for command in [[], shell(#"exec "$@" <manifest"#)] {
                let options = command.isEmpty ? file.path : "-"
                try await api.withPlugin("-f", options, by: command) { process in
                    try await process.isWaiting()
                    process.send(SIGTERM)
                    let outcome = try await process.outcome()
                    outcome.expectStatus(143)
                    #expect(outcome.stderr == "")
                }
            }
            #expect(try await api.requests("POST", "").isEmpty)
        }
    }

    @Test("A signal while the cluster is asked whether it would take the DaemonSet ends the program at once")
    func whileRehearsing() async throws {
        // The request ends because its proxy does.
        try await withFakeAPI(nodes: ["a"], proxied: true) { api in
            try await api.fail(.hanging, verb: "create", dryRun: true)
            try await api.withPlugin { process in
                try await eventually("it asks") { try await !api.requests("POST", "/daemonsets").isEmpty }
                process.send(SIGINT)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                #expect(outcome.stderr == "")
            }
            #expect(try await api.created("jobs").isEmpty)
        }
    }

    @Test(
        "A signal while something is created waits until it is known what there is, and deletes it",
        arguments: [("jobs", Target.process), ("daemonsets", .group)])
    func whileCreating(resource: String, target: Target) async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.hanging, verb: "create", resource: resource, dryRun: false)
            try await api.withPlugin { process in
                try await api.isAsked("POST", "/\(resource)")
                let before = try await api.requests.count
                target.send(SIGTERM, to: process)
                // The group's proxy dies: when another one has asked, nothing of the first request is on its way.
                if target == .group {
                    try await eventually("it asks again") { try await api.requests.count > before }
                }
                try await api.recover()
                let outcome = try await process.outcome()
                outcome.expectStatus(143)
                for kind in ["daemonsets", "jobs"] { #expect(try await api.names(of: kind) == []) }
                // A controller that learns late of the end makes pods that the garbage collector deletes.
                try await eventually("no pod is left") { try await api.names(of: "pods").isEmpty }
            }
        }
    }

    @Test(
        "A second signal while something is created ends the program at once, with the command that removes it"
    )
    func secondWhileCreating() async throws {
        try await withFakeAPI(nodes: ["a"], proxied: true) { api in
            try await api.fail(.hanging, verb: "create", resource: "daemonsets", dryRun: false)
            try await api.withPlugin { process in
                try await api.isAsked("POST", "/daemonsets")
                process.send(SIGINT)
                try await eventually("the signal is taken") { try process.status("ShdPnd").allSatisfy { $0 == "0" } }
                process.send(SIGINT)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                let value = try await api.created("jobs")[0].labels[runLabel] ?? ""
                #expect(
                    outcome.lines == [
                        "run-once: stopped; to remove what may be left:\n    "
                            + "kubectl delete jobs,daemonsets,pods -l \(runLabel)=\(value)"
                    ])
            }
            try await api.recover()
        }
    }

    @Test(
        "A signal while results are fetched: what came only in part is neither shown nor left in DIR")
    func whileFetching() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("whole\n")), .init("b", .running)]) { api in
            try await api.fail(.hanging, verb: "log", node: "b")
            try await api.withPlugin("--output-dir", "out") { process in
                try await eventually("a's result is there") { exists(api.directory + "/out/a.log") }
                try await api.play(.done("never\n"), on: "b")
                try await eventually("b's is asked for") {
                    try await api.requests.filter { $0.path.hasSuffix("/log") }.count == 2
                }
                Target.group.send(SIGINT, to: process)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                #expect(outcome.text == "==> a <==\nwhole\n")
                #expect(
                    outcome.lines.contains(
                        "run-once: b: done, but its result can't be fetched: the run ended before it came"))
                #expect(try TestSupport.names(in: api.directory + "/out") == ["a.log", "summary.json"])
                try await api.expectDeleted()
            }
        }
    }

    @Test(
        "A signal while the end is under way changes nothing; a second one ends it, with the command to go on"
    )
    func whileDeleting() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))], settings: .init { $0.stopSeconds = -1 }) { api in
            try await api.withPlugin { process in
                try await api.isAsked("DELETE", "/pods")
                Target.group.send(SIGINT, to: process)
                try await process.says(
                    "run-once: deleting what the run created; once more to leave that to the cluster")
                #expect(process.isRunning)
                try await eventually("the result is written") { process.text == "==> a <==\nhi\n" }
                Target.group.send(SIGINT, to: process)
                let outcome = try await process.outcome()
                outcome.expectStatus(130)
                #expect(
                    outcome.lines.last
                        == "run-once: stopped; to remove what may be left:\n    kubectl run-once delete cat-etc-hosts")
                // What it says works, also where the DaemonSet is gone already.
                #expect(try await api.names(of: "daemonsets") == [])
                try await api.withPlugin("delete", "cat-etc-hosts") { removal in
                    try await eventually("it deletes the pods") {
                        try await api.requests("DELETE", "/pods").count == 2
                    }
                    _ = try await api.kubectl("delete", "pods", "--all", "--force", "--grace-period=0")
                    try await removal.outcome().expectStatus(0)
                }
                try await api.expectDeleted()
            }
        }
    }

    @Test("After a signal that ended the run the next one ends the program at once")
    func secondSignal() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)], settings: .init { $0.stopSeconds = -1 }) { api in
            try await api.withPlugin { process in
                try await process.says("0 of 1 node done")
                process.send(SIGTERM)
                try await api.isAsked("DELETE", "/pods")
                process.send(SIGINT)
                let outcome = try await process.outcome()
                outcome.expectStatus(143)
                #expect(
                    outcome.stderr.contains(
                        "stopped; to remove what may be left:\n    kubectl run-once delete cat-etc-hosts\n"))
            }
        }
    }

    @Test(
        "After SIGKILL no process of it is left, whatever it was doing",
        arguments: ["reading", "creating", "fetching"])
    func killed(phase: String) async throws {
        try await withFakeAPI(nodes: [.init("a", .running)], proxied: true) { api in
            let file = try FIFO(api.directory + "/manifest")
            if phase == "creating" { try await api.fail(.hanging, verb: "create", resource: "jobs") }
            if phase == "fetching" { try await api.fail(.hanging, verb: "log") }
            try await withProcess(
                commandLine(phase == "reading" ? ["-f", file.path] : []), environment: api.environment()
            ) { process in
                switch phase {
                case "reading": try await process.isWaiting()
                case "creating": try await api.isAsked("POST", "/jobs")
                default:
                    try await process.says("0 of 1 node done")
                    try await api.play(.done("hi\n"), on: "a")
                    try await eventually("it fetches") { try await api.requests.contains { $0.path.hasSuffix("/log") } }
                }
                process.send(SIGKILL)
                _ = try await process.end()
                try await eventually("no process is left") {
                    try processes(mentioning: "TMPDIR=" + api.temporary).isEmpty
                }
            }
        }
    }

    @Test("Under nohup SIGHUP stays ignored, and the run goes on")
    func nohup() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try await api.withPlugin(by: ["nohup"]) { process in
                try await process.says("0 of 1 node done")
                Target.group.send(SIGHUP, to: process)
                try await api.play(.done("hi\n"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nhi\n")
            }
        }
    }

    @Test("Results that can't be written are no success, and everything is deleted")
    func unwritten() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.withPlugin(by: shell(#"exec "$@" >&-"#)) { process in
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                let line = "run-once: the results could not be written to standard output: Bad file descriptor"
                #expect(outcome.lines.contains(line), "\(outcome.stderr)")
                try await api.expectDeleted()
            }
        }
    }

    @Test("A reader who goes away, of results or of messages, keeps nothing from being deleted")
    func readersGone() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let output = try OutputPipe()
            try await api.withPlugin(output: output) { process in
                output.close()
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(
                    outcome.lines.contains("run-once: the results could not be written to standard output: Broken pipe")
                )
            }
            let errors = try OutputPipe()
            try await api.withPlugin(errors: errors) { process in
                errors.close()
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nhi\n")
            }
            try await api.withPlugin(by: shell(#"exec "$@" 2>&-"#)) { process in
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nhi\n")
            }
            try await api.expectDeleted()
        }
    }

    @Test("A reader who takes his time keeps nothing from being deleted, and gets everything")
    func slowReader() async throws {
        let log = binary(1_000_000)
        try await withFakeAPI(nodes: [.init("a", .done(log))]) { api in
            let output = try OutputPipe()
            try await api.withPlugin(output: output) { process in
                try await eventually("all is deleted") {
                    let isOver = try await !api.requests.filter { $0.method == "DELETE" && $0.path.contains("/jobs/") }
                        .isEmpty
                    let left = try await api.names(of: "daemonsets") + api.names(of: "pods") + api.names(of: "jobs")
                    return isOver && left.isEmpty
                }
                #expect(process.isRunning)
                #expect(try await output.takeAll().dropFirst(10).prefix(log.count) == log)
                try await process.outcome().expectStatus(0)
            }
        }
    }

    @Test("--keep deletes nothing of a run that a signal ends either, and prints the command that does")
    func keep() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try await api.withPlugin("--keep") { process in
                try await process.says("0 of 1 node done")
                process.send(SIGQUIT)
                let outcome = try await process.outcome()
                outcome.expectStatus(131)
                #expect(try await api.names(of: "daemonsets") == ["cat-etc-hosts"])
                #expect(try await api.names(of: "jobs") == [])
                #expect(try await api.requests.allSatisfy { $0.method != "DELETE" })
                #expect(
                    outcome.lines.contains(
                        "run-once: kept daemonset/cat-etc-hosts; to remove it:\n    "
                            + "kubectl run-once delete cat-etc-hosts"))
            }
        }
    }
}
