import Foundation
import TestSupport
import Testing

extension PluginTests {
    @Test("--host runs COMMAND by the agent alone, with all rights on the node, and the options are as for an image")
    func host() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n")), .init("b", .done("no\n"))]) { api in
            let outcome = try await api.plugin(
                [
                    "--host", "--name", "mine", "--nodes", "a", "--agent-image", "registry.example/agent:1", "-i",
                    "--limits=memory=1Gi", "--labels=team=ops", "--", "sh", "-s", "$HOME",
                ],
                input: Data("hostname\n".utf8))
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            let created = try await api.created("daemonsets")[0]
            #expect(created["metadata"]["name"].string == "mine")
            #expect(created.pod["hostPID"].value as? Bool == true)
            #expect(created.pod["hostNetwork"].value as? Bool == true)
            #expect(created.pod["initContainers"].count == 0 && created.pod["containers"].count == 1)
            let task = created.pod["containers"][0]
            #expect(task["image"].string == "registry.example/agent:1")
            let file = "\(task["volumeMounts"][1]["mountPath"].string ?? "")/stdin"
            #expect(task["command"].strings == ["/run-once"] + sealWords + ["--host", "--stdin", file, "--"])
            #expect(task["args"].strings == ["sh", "-s", "$$HOME"])
            #expect(task["securityContext"]["privileged"].value as? Bool == true)
            #expect(task["securityContext"]["runAsUser"].number == 0)
            #expect(task["resources"]["limits"].keys == ["ephemeral-storage", "memory"])
            #expect(task["resources"]["limits"]["memory"].string == "1Gi")
            #expect(created["spec"]["template"].labels["team"] == "ops")
            #expect(created.pod["automountServiceAccountToken"].value as? Bool == false)
            #expect(try await api.created("secrets").count == 1)
        }
    }

    @Test("--dry-run prints the manifest of --host, which runs with -f as it is, and the command arrives")
    func hostManifest() async throws {
        try await withFakeAPI(nodes: [.init("a", .done("hi\n"))]) { api in
            let printed = try await api.plugin("--dry-run", "--host", "--", "echo", "$(NODE)")
            printed.expectStatus(0)
            try await api.plugin("-f", api.write(printed.text, to: "host.yaml")).expectStatus(0)
            let task = try await api.created("daemonsets")[0].pod["containers"][0]
            #expect(task["command"].strings == ["/run-once"] + sealWords + ["--host", "--"])
            #expect(task["args"].strings == ["echo", "$$(NODE)"])
            #expect(task["image"].string == "cat-etc-hosts:latest")
            #expect(task["resources"]["limits"].keys == ["ephemeral-storage"])
            #expect(try await api.created("secrets").isEmpty)
        }
    }

    @Test("What Pod Security forbids is told, with the next step, and nothing is left")
    func hostForbidden() async throws {
        let violation =
            "violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true), privileged "
            + "(container \"task\" must not set securityContext.privileged=true)"
        let settings = FakeAPI.Settings {
            ($0.controller, $0.rejection) = (.rejected, "pods \"x\" is forbidden: \(violation)")
        }
        try await withFakeAPI(nodes: ["a"], settings: settings) { api in
            let warning = FakeAPI.Fault.warning("would violate PodSecurity")
            try await api.fail(warning, verb: "create", resource: "daemonsets", dryRun: true)
            let outcome = try await api.plugin("--host", "--", "uptime")
            outcome.expectStatus(3)
            #expect(outcome.lines.contains("run-once: the cluster warns: would violate PodSecurity"))
            let told = "run-once: run it in a namespace at the Pod Security level privileged, with -n: "
            let rejection = outcome.lines.first { $0.hasPrefix(told + "the cluster rejects pods: ") }
            #expect(rejection?.hasSuffix(violation) == true, "\(outcome.stderr)")
            try await api.expectDeleted()
        }
    }
}
