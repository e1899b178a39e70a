import Foundation
import Glibc
import TestSupport
import Testing

extension PluginTests {
    @Test("No cluster: status 3 in one line with kubectl's words, and nothing is left")
    func noCluster() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.outage(true)
            let outcome = try await api.plugin()
            outcome.expectStatus(3)
            #expect(outcome.lines.count == 1, "\(outcome.stderr)")
            #expect(
                outcome.stderr.contains(
                    /^error: no cluster can be reached: dial tcp 127\.0\.0\.1:\d+: connect: connection refused\n/))
        }
    }

    @Test("No cluster, and a pattern that only one could read: that there is none is told")
    func noClusterForPattern() async throws {
        try await withFakeAPI(nodes: ["w1"]) { api in
            try await api.outage(true)
            let outcome = try await api.plugin("--exclude", "w*", "--image", "x", "--", "y")
            outcome.expectStatus(3)
            #expect(outcome.lines.count == 1, "\(outcome.stderr)")
            #expect(outcome.stderr.hasPrefix("error: no cluster can be reached: dial tcp"), "\(outcome.stderr)")
        }
    }

    @Test(
        "A cluster that is lost before the DaemonSet is created: status 3, and nothing is left when it is back",
        .waitsLong)
    func lostBeforeCreation() async throws {
        try await withFakeAPI(nodes: ["a"], proxied: true) { api in
            try await api.fail(.hanging, verb: "create", resource: "jobs")
            try await api.withPlugin { process in
                try await api.isAsked("POST", "/jobs")
                try await api.outage(true)
                try await process.says(
                    "should this machine fail, the cluster will not end the run by itself: ")
                try await api.recover()
                try await api.fail(.dropped(performed: false), verb: "create", resource: "daemonsets")
                try await api.outage(false)
                try await process.outcome().expectStatus(3)
                try await api.expectDeleted()
            }
        }
    }

    @Test("A create whose answer is lost is never repeated: what it did is found by the run's own label")
    func lostAnswer() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            for resource in ["daemonsets", "jobs"] {
                try await api.fail(
                    .dropped(performed: true), verb: "create", resource: resource, dryRun: false, times: 1)
            }
            let outcome = try await api.plugin()
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            #expect(try await api.created("daemonsets").count == 1)
            #expect(try await api.created("jobs").count == 1)
            try await api.expectDeleted()
        }
    }

    @Test("A Job of which nobody can tell whether it is there is not left behind by the run that goes on without it")
    func unseenJob() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.fail(.dropped(performed: true), verb: "create", resource: "jobs", times: 1)
            try await api.fail(.text(503, "no backend"), verb: "get", resource: "jobs")
            let outcome = try await api.plugin()
            outcome.expectStatus(0)
            #expect(outcome.stderr.contains("should this machine fail, the cluster will not end the run by itself: "))
            try await api.expectDeleted()
        }
    }

    @Test("Where kubectl would ask for a name and a password, nobody is asked: it is told in one line")
    func noCredentials() async throws {
        try await withFakeAPI { api in
            let config = try String(contentsOfFile: api.kubeconfig, encoding: .utf8)
            let other = api.directory + "/other"
            let server = config.replacing(api.server, with: "https://127.0.0.1:1")
            try server.write(toFile: other, atomically: true, encoding: .utf8)
            let outcome = try await api.plugin("--kubeconfig", other)
            outcome.expectStatus(3)
            #expect(
                outcome.stderr == "error: no cluster can be reached: kubectl has no credentials for this cluster, "
                    + "and asks for some: see kubectl config view --minify\n")
        }
    }

    @Test("A namespace that is not there is named, in the plainest words")
    func noNamespace() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(
                .refused(404, "NotFound", "namespaces \"x\" not found"), verb: "create", resource: "daemonsets")
            let outcome = try await api.plugin("-n", "x")
            outcome.expectStatus(3)
            #expect(
                outcome.stderr == "error: namespace x not found\n")
            #expect(try await api.created("jobs").isEmpty)
        }
    }

    @Test("Who may not look for what a lost answer made is told that it may be there, and how to remove it")
    func lostAnswerUnseen() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(
                .dropped(performed: true), verb: "create", resource: "daemonsets", dryRun: false, times: 1)
            try await api.fail(.refused(403, "Forbidden", "not you"), verb: "list", resource: "daemonsets")
            let outcome = try await api.plugin()
            outcome.expectStatus(3)
            #expect(
                outcome.lines.count == 1
                    && outcome.stderr.contains(
                        "the cluster did not say whether it created daemonset/cat-etc-hosts: not you; to remove what may be there:\n    kubectl delete "
                    ))
            try await eventually("the cluster's collector takes it along with the Job") {
                for kind in ["daemonsets", "pods", "jobs"] {
                    if try await !api.names(of: kind, namespace: "default").isEmpty { return false }
                }
                return true
            }
        }
    }

    @Test("A create that never arrived ends the run: it might arrive later, so it is not repeated; the Job is deleted")
    func lostRequest() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.dropped(performed: false), verb: "create", resource: "daemonsets", dryRun: false)
            let outcome = try await api.plugin()
            outcome.expectStatus(3)
            #expect(
                outcome.lines.count == 1
                    && outcome.stderr.hasPrefix("error: the cluster did not create daemonset/cat-etc-hosts: "))
            #expect(try await api.created("daemonsets").count == 1)
            try await api.expectDeleted()
        }
    }

    @Test("An outage while the run is followed is told once; everything goes on afterwards")
    func outage() async throws {
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .running)], proxied: true) { api in
            try await api.withPlugin { process in
                try await process.says("0 of 2 nodes done")
                try await api.outage(true)
                try await process.says("run-once: the cluster can't be reached, trying again: ")
                try await api.play(.done("one\n"), on: "a")
                try await api.play(.done("two\n"), on: "b")
                try await api.outage(false)
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\none\n\n==> b <==\ntwo\n")
                #expect(outcome.lines.filter { $0.contains("can't be reached") }.count == 1, "\(outcome.stderr)")
                #expect(outcome.lines.contains("run-once: the cluster answers again"))
                try await api.expectDeleted()
            }
        }
    }

    @Test(
        "A watch that breaks, in the middle of a line, too old, or refused by a gateway, again and again, loses nothing",
        .waitsLong
    )
    func brokenWatch() async throws {
        try await withFakeAPI(nodes: [.init("a", .running), .init("b", .running)]) { api in
            let faults: [FakeAPI.Fault] = [
                .cut(after: 0), .cut(after: 1), .expired, .text(502, "<html>Bad Gateway</html>"),
                .refused(500, "InternalError", "etcd says no"), .refused(429, "TooManyRequests", "slow down"),
                .dropped(performed: false),
            ]
            for fault in faults { try await api.fail(fault, verb: "watch", resource: "pods", times: 1) }
            try await api.withPlugin { process in
                try await process.says("0 of 2 nodes done")
                try await api.play(.done("one\n"), on: "a")
                try await eventually("each watch was asked for, and broke") {
                    try await api.requests.filter { $0.query["watch"] != nil && $0.path.hasSuffix("/pods") }.count
                        > faults.count
                }
                try await api.play(.done("two\n"), on: "b")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\none\n\n==> b <==\ntwo\n")
            }
        }
    }

    @Test("A gateway that answers each watch with an error and not a word has lists tell what happens")
    func wordlessWatches() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try await api.fail(.text(502, ""), verb: "watch")
            try await api.withPlugin("-t", "20s") { process in
                try await process.says("0 of 1 node done")
                try await api.play(.done("one\n"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\none\n")
            }
        }
    }

    @Test("Where every watch is too old at once, lists tell what happens")
    func expiredWatches() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try await api.fail(.expired, verb: "watch")
            try await api.withPlugin { process in
                try await process.says("0 of 1 node done")
                try await api.play(.done("one\n"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\none\n")
            }
        }
    }

    @Test("A proxy that dies is started again, and nothing is lost")
    func proxyDies() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)], proxied: true) { api in
            try await api.withPlugin { process in
                try await process.says("0 of 1 node done")
                let proxies = try processes(mentioning: "TMPDIR=" + api.temporary).filter { pid in
                    let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
                    return line?.contains("kubectl\0proxy") == true && line?.hasPrefix("sh\0") == false
                }
                #expect(!proxies.isEmpty)
                proxies.forEach { kill($0, SIGKILL) }
                try await api.play(.done("hi\n"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nhi\n")
                try await api.expectDeleted()
            }
        }
    }

    @Test(
        "Who may not look at the pods or the DaemonSet is told so at once: status 3, and what was created is deleted",
        arguments: [("list", "pods"), ("watch", "pods"), ("list", "daemonsets")])
    func mayNotLook(verb: String, resource: String) async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try await api.fail(
                .refused(403, "Forbidden", "\(resource) is forbidden: no"), verb: verb, resource: resource)
            let outcome = try await api.plugin()
            outcome.expectStatus(3)
            #expect(
                outcome.lines.contains("run-once: the cluster refused: \(resource) is forbidden: no"),
                "\(outcome.stderr)")
            try await eventually("all is deleted") { try await api.names(of: "pods").isEmpty }
            try await api.expectDeleted()
        }
    }

    @Test("Who may not create Jobs, delete collections, list events or nodes has a run all the same")
    func fewRights() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .running)]) { api in
            for (verb, resource) in [
                ("create", "jobs"), ("deletecollection", "pods"), ("list", "nodes"), ("list", "events"),
            ] {
                try await api.fail(
                    .refused(403, "Forbidden", "\(resource) is forbidden: no"), verb: verb, resource: resource)
            }
            try await api.withPlugin { process in
                try await process.says(
                    "run-once: can't list nodes (no permission): one that is not ready is waited for")
                try await api.play(.done("hi\n"), on: "b")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a, b <==\nhi\n")
                #expect(
                    outcome.lines.first
                        == "run-once: should this machine fail, the cluster will not end the run by itself: "
                        + "jobs is forbidden: no"
                )
                #expect(outcome.lines.filter { $0.contains("forbidden") }.count == 1)
                try await api.expectDeleted()
            }
        }
    }

    @Test("Where the DaemonSet can't be deleted: the reason, the command and status 3; the results are not lost")
    func mayNotDelete() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            try await api.fail(
                .refused(403, "Forbidden", "daemonsets is forbidden: no"), verb: "delete", resource: "daemonsets")
            let outcome = try await api.plugin()
            outcome.expectStatus(3)
            #expect(outcome.text == "==> a <==\nhi\n")
            #expect(
                outcome.stderr.contains(
                    "run-once: can't delete daemonset/cat-etc-hosts: daemonsets is forbidden: no; "
                        + "to remove it:\n    kubectl delete jobs,daemonsets,pods -l "
                ))
            // The Job still takes it along.
            try await eventually("all is deleted") { try await api.names(of: "pods").isEmpty }
            try await api.expectDeleted()
        }
    }

    @Test("A delete that fails for a while is tried again")
    func deletedLater() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let faults = [
                FakeAPI.Fault.refused(500, "InternalError", "etcd says no"), .text(503, "no backend"),
                .dropped(performed: true),
            ]
            for fault in faults {
                for resource in ["daemonsets", "jobs"] {
                    try await api.fail(fault, verb: "delete", resource: resource, times: 1)
                }
            }
            let outcome = try await api.plugin()
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            #expect(!outcome.stderr.contains("can't delete"))
            try await api.expectDeleted()
        }
    }

    @Test("Pods that do not go, since their node is dead, are named with it, and with the command that removes them")
    func stuckPods() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .done("hi\n"))]) { api in
            try await api.fail(.hanging, verb: "delete", resource: "daemonsets")
            try await api.withPlugin { process in
                try await api.isAsked("DELETE", "/daemonsets/cat-etc-hosts")
                try await api.join(.init("b", isReady: false))
                try await api.recover()
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                let pods = try await api.names(of: "pods")
                #expect(pods.count == 1)
                #expect(
                    outcome.stderr.contains(
                        "run-once: deleted, but pods are still there on b; to remove them:\n    "
                            + "kubectl delete jobs,daemonsets,pods -l "
                    ))
                #expect(outcome.stderr.contains(" --force --grace-period=0\n"))
            }
        }
    }
}
