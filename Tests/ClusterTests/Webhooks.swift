import TestSupport
import Testing

extension ClusterTests {
    @Suite("Admission webhooks that are away for a while") struct Webhooks {
        @Test(
            "It is told, waited for, and the run goes well",
            arguments: [
                ("", "pods", "it tries again"), ("apps", "daemonsets", "can't be created just now"),
                ("batch", "jobs", "can't be created just now"),
            ])
        func away(group: String, resource: String, told: String) async throws {
            try await withSite { site in
                try await site.kubectl("label", "namespace", site.namespace, "webhook=\(site.namespace)")
                let name = "away-\(site.namespace)"
                // Nobody listens there.
                let hook = """
                    apiVersion: admissionregistration.k8s.io/v1
                    kind: ValidatingWebhookConfiguration
                    metadata: {name: \(name)}
                    webhooks:
                      - name: away.example.org
                        failurePolicy: Fail
                        sideEffects: None
                        admissionReviewVersions: [v1]
                        namespaceSelector: {matchLabels: {webhook: \(site.namespace)}}
                        clientConfig: {url: "https://127.0.0.1:1/"}
                        rules:
                          - {apiGroups: ["\(group)"], apiVersions: [v1], operations: [CREATE], resources: [\(resource)]}
                    """
                try await Cluster.kubectl("apply", "-f", site.write(hook, to: "hook.yaml"))
                let manifest = try site.manifest()
                try await site.withRun("-f", manifest) { process in
                    try await eventually("it is told", within: .seconds(180)) { process.stderr.contains(told) }
                    try await Cluster.kubectl("delete", "validatingwebhookconfiguration", name)
                    let outcome = try await process.outcome(within: .seconds(120))
                    outcome.expectStatus(0)
                    #expect(outcome.stderr.contains("failed calling webhook"))
                }
                try await site.expectNothingLeft()
            }
        }
    }
}
