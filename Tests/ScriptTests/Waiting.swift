import Foundation
import TestSupport
import Testing

@Suite("Waiting") struct Waiting {
    @Test(
        "Nothing is a success before the controller has seen the DaemonSet, while it wants no pod, or more than there are",
        .waitsLong
    )
    func notObserved() async throws {
        let settings = FakeAPI.Settings { $0.controller = .sleeps }
        try await withFakeAPI(nodes: [.init("a", .done("result\n"))], settings: settings) { api in
            try await api.withScript { process in
                try await api.isLookedAt()
                #expect(process.isRunning)
                try await api.set(.init { ($0.controller, $0.desired) = (.works, 0) })
                try await eventually("the result") { process.text == "==> a <==\nresult\n" }
                try await api.isLookedAt()
                #expect(process.isRunning)
                try await api.set(.init { $0.desired = 2 })
                try await process.says("waiting: 1 of 2 pods are there")
                #expect(process.isRunning)
                try await api.join(.init("b", .done("of b\n")))
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nresult\n==> b <==\nof b\n")
            }
        }
    }

    @Test("A pod that is replaced before its task was done is waited for in its new form, whatever its end looks like")
    func replacedPod() async throws {
        let settings = FakeAPI.Settings { $0.stopSeconds = 1.5 }
        try await withFakeAPI(nodes: [.init("a", .running, then: [.done("new\n")])], settings: settings) { api in
            try await api.withScript { process in
                try await process.says("waiting: a Running")
                try await api.play(.deleted, .done("old"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nnew\n")
            }
        }
    }

    @Test("A node that leaves the cluster before its task was done is named, and no success")
    func nodeGone() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("result\n")), .init("b", .running)]) { api in
            try await api.withScript { process in
                try await process.says("waiting: b Running")
                try await api.remove(node: "b")
                let outcome = try await process.outcome()
                outcome.expectStatus(1)
                #expect(outcome.text == "==> a <==\nresult\n")
                #expect(outcome.said.last == "not done: b")
            }
        }
    }

    @Test(
        """
        When the time is up who is not done is named, and what it waits for, be it an init container, or a log that \
        can't be fetched, of which no part is shown; no result is lost
        """
    )
    func timeout() async throws {
        let nodes: [FakeAPI.Node] = [
            .init("a", .done("result\n")), .init("b", .running),
            .init("c", .waiting("ImagePullBackOff", "Back-off | pulling\nimage")),
            .init("d", .waiting("CrashLoopBackOff", container: "prepare")), .init("e", .done("of e\n")),
            .init("lost", .running),
        ]
        try await withEnoughTime(from: 4) { seconds in
            try await withFakeAPI(nodes: nodes) { api in
                let manifest = try api.write(
                    """
                    \(String(contentsOfFile: api.manifest(probed), encoding: .utf8))
                          initContainers: [{name: prepare, image: busybox}]
                    """, to: "init.yaml")
                try await api.fail(.cut(after: 2), verb: "log", node: "e")
                return try await api.withScript("-f", manifest, "--timeout=\(seconds)") { process in
                    let told = /: b Running, c ImagePullBackOff, d CrashLoopBackOff, e \(done, .*\), lost Running\n/
                    try await eventually("it waits") { process.stderr.contains(told) || !process.isRunning }
                    try await api.join(.init("lost", isReady: false))
                    try await process.says("timed out")
                    try await api.join(.init("lost", isReady: true))
                    let outcome = try await process.outcome()
                    guard outcome.stderr.contains(told), outcome.text == "==> a <==\nresult\n" else { return false }
                    outcome.expectStatus(124)
                    #expect(outcome.stderr.contains("e (done, but its log can't be fetched: "))
                    #expect(outcome.said.last == "timed out after \(seconds) s; not done: b c d e lost")
                    try await api.expectDeleted()
                    return true
                }
            }
        }
    }

    @Test("Where no node has a pod after 15 seconds that is no success, and why the cluster takes none is told")
    func rejectedPods() async throws {
        try await withFakeAPI(nodes: ["a"], settings: .init { $0.controller = .rejected }) { api in
            let outcome = try await api.script(hurried: true)
            outcome.expectStatus(3)
            #expect(outcome.stderr.contains("Error creating: pods \"x\" is forbidden: exceeded quota"))
            #expect(outcome.said.last == "no node has a pod: none matches, or see above")
            try await api.expectDeleted()
        }
    }

    @Test("Who may not list pods is told so, and what was created is deleted")
    func mayNotLook() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.refused(403, "Forbidden", "pods is forbidden: no"), verb: "list", resource: "pods")
            let outcome = try await api.script(hurried: true)
            outcome.expectStatus(3)
            #expect(
                outcome.said.filter { $0 == "waiting: Error from server (Forbidden): pods is forbidden: no" }.count == 1
            )
            try await api.expectDeleted()
        }
    }

    @Test("An outage of the API in the middle is told once, and nothing is lost")
    func outage() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try await api.withScript { process in
                try await process.says("waiting: a Running")
                try await api.outage(true)
                try await process.says("was refused")
                try await api.play(.done("result\n"), on: "a")
                try await api.outage(false)
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.text == "==> a <==\nresult\n")
            }
        }
    }

    @Test("A DaemonSet that somebody else deletes is not waited for")
    func deletedByOthers() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try await api.withScript { process in
                try await process.says("waiting: a Running")
                try await api.request("DELETE", "apis/apps/v1/namespaces/default/daemonsets/cat-etc-hosts")
                let outcome = try await process.outcome()
                outcome.expectStatus(3)
                #expect(outcome.said.last == "somebody else has deleted daemonset cat-etc-hosts")
            }
        }
    }

    @Test("Only what the run created is counted and deleted, whatever else has the same labels")
    func others() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.addDaemonSet("other")
            try await api.eventuallyHasPods(1)
            try await api.play(.failed(1), on: "a")
            try await api.join(.init("a", .done("result\n")))
            let outcome = try await api.script("-f", api.manifest(probed))
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nresult\n")
            #expect(try await api.names(of: "daemonsets") == ["other"])
            #expect(try await api.names(of: "pods").count == 1)
        }
    }
}

extension FakeAPI {
    /// Waits until the script has asked for the DaemonSet twice more, and so has judged what it saw in between.
    fileprivate func isLookedAt() async throws {
        func looks() async throws -> Int { try await requests("GET", "/daemonsets/cat-etc-hosts").count }
        let before = try await looks()
        try await eventually("it looks on") { try await looks() > before + 1 }
    }
}
