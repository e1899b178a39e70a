import Glibc
import TestSupport
import Testing

@Suite("Endings") struct Endings {
    private let nodes: [FakeAPI.Node] = [.init("a", .done("result\n")), .init("b", .running)]

    @Test("Where the user turns to another cluster or namespace meanwhile, the run stays with its own, and says which")
    func anotherContext() async throws {
        try await withFakeAPI(nodes: nodes) { api in
            for (context, namespace) in [("another", "default"), ("own", "elsewhere")] {
                try await api.withScript("--kubeconfig", api.write(config(of: api, "own"), to: "config")) { process in
                    try await process.says("waiting: b Running")
                    _ = try api.write(config(of: api, context, namespace), to: "config")
                    process.send(SIGTERM)
                    try await process.outcome().expectStatus(143)
                }
                try await api.expectDeleted()
            }
            _ = try api.write(config(of: api, "own"), to: "config")
            try await api.addDaemonSet("cat-etc-hosts")
            let outcome = try await api.script("--kubeconfig", api.directory + "/config")
            let command = "daemonset cat-etc-hosts -n default --context own --kubeconfig \(api.directory)/config"
            #expect(outcome.said.last?.contains(command) == true)
        }
        func config(of api: FakeAPI, _ current: String, _ namespace: String = "default") -> String {
            """
            apiVersion: v1
            kind: Config
            current-context: \(current)
            clusters:
            - {name: own, cluster: {server: "\(api.server)"}}
            - {name: another, cluster: {server: "http://127.0.0.1:9"}}
            contexts:
            - {name: own, context: {cluster: own, user: me, namespace: \(namespace)}}
            - {name: another, context: {cluster: another, user: me}}
            users: [{name: me, user: {}}]
            """
        }
    }

    @Test(
        "A DaemonSet that exists already is left alone: the cluster's own words, and how to look at it",
        arguments: Kubectl.installed)
    func alreadyExists(kubectl: Kubectl) async throws {
        try await withFakeAPI(nodes: nodes) { api in
            try await api.addDaemonSet("cat-etc-hosts")
            let outcome = try await api.script(kubectl: kubectl)
            outcome.expectStatus(3)
            #expect(outcome.stderr.contains(#"daemonsets.apps "cat-etc-hosts" already exists"#))
            #expect(outcome.said.count == 1 && outcome.said[0].contains("kubectl get daemonset cat-etc-hosts"))
            #expect(try await api.names(of: "daemonsets") == ["cat-etc-hosts"])
        }
    }

    @Test("Where no answer came the DaemonSet may have been created, and is deleted")
    func lostAnswer() async throws {
        try await withFakeAPI(nodes: ["a"]) { api in
            try await api.fail(.dropped(performed: true), verb: "create")
            try await api.script().expectStatus(3)
            #expect(try await api.names(of: "daemonsets") == [])
        }
    }

    @Test(
        "A kubectl that is set to ask before it deletes, or to show the ends of logs, changes nothing",
        .enabled("this kubectl can't ask") { await succeeds("sh", "-c", "kubectl delete -h | grep -q -- --inter") })
    func preferences() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("one\ntwo\n"))]) { api in
            // As https://kubernetes.io/docs/reference/kubectl/kuberc does: options that are given have the last word.
            try api.writeProgram(
                "kubectl",
                """
                #!/bin/sh
                for word; do
                  shift
                  set -- "$@" "$word"
                  case $word in delete) set -- "$@" --interactive ;; logs) set -- "$@" --tail=1 --timestamps ;; esac
                done
                PATH=/none:${PATH#*:} exec kubectl "$@"

                """)
            let outcome = try await api.script()
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\none\ntwo\n")
            try await api.expectDeleted()
        }
    }

    @Test("Where no cluster can be reached the script ends soon, and shows another way")
    func noCluster() async throws {
        try await withFakeAPI { api in
            try await api.outage(true)
            let outcome = try await api.script()
            outcome.expectStatus(3)
            #expect(outcome.stderr.contains("refused"))
            #expect(outcome.said.count == 1 && outcome.said[0].contains("\(script) --local"))
            // Nobody knows: it is looked for by this run's label.
            #expect(outcome.stderr.contains("is it there? kubectl get daemonset -l run-once-daemonset/run="))
        }
    }

    @Test(
        "What can't be deleted, as on a dead node, is named after a while, with what removes it, and is no success",
        .waitsLong,
        arguments: Kubectl.installed)
    func deadNode(kubectl: Kubectl) async throws {
        let settings = FakeAPI.Settings { $0.stopSeconds = -1 }
        try await withFakeAPI(nodes: [.init("dead", .done("result\n"))], settings: settings) { api in
            let outcome = try await api.script("-n", "default", kubectl: kubectl, hurried: true)
            outcome.expectStatus(3)
            #expect(outcome.text == "==> dead <==\nresult\n")
            let pod = try #require(try await api.names(of: "pods").first)
            #expect(outcome.stderr.contains(pod))
            let told = try #require(outcome.stderr.firstMatch(of: /to remove it: (kubectl .*)/))
            try await run(shell(String(told.1)), environment: api.environment(kubectl)).expectStatus(0)
            try await eventually("it is gone") { try await api.names(of: "pods").isEmpty }
        }
    }
}
