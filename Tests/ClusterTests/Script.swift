import Glibc
import TestSupport
import Testing

extension ClusterTests {
    @Suite("The plain script") struct Script {
        @Test(
            "Each node's own hosts file is printed under its name, by a new and the oldest kubectl; nothing is left",
            arguments: Kubectl.installed)
        func mainJob(kubectl: Kubectl) async throws {
            try await withSite { site in
                let hosts = [
                    "node-1": "127.0.0.1 localhost\n10.0.0.1 node-1\n",
                    "node-2": "127.0.0.1 localhost\n\n# no newline at the end",
                    "node-3": "\t127.0.0.1 löcalhost\n10.0.0.3 node-3\n\n",
                ]
                let outcome = try await Cluster.withHosts(hosts) {
                    try await run(
                        site.script(), environment: site.environment.merging(["PATH": kubectl.path]) { $1 },
                        timeout: .seconds(180))
                }
                outcome.expectStatus(0)
                for (node, text) in hosts {
                    #expect(outcome.text.contains("==> \(node) <==\n\(text)\(text.hasSuffix("\n") ? "" : "\n")"))
                }
                #expect(outcome.text.components(separatedBy: "==> ").count == 4)
                try await site.expectScriptLeftNothing()
            }
        }

        @Test("A hosts file that can't be read: the node is named with what the agent said, the others' results come")
        func unreadable() async throws {
            try await withSite { site in
                try await Cluster.withHosts(["node-2": "10.0.0.2 secret\n"]) {
                    #expect(chmod(Cluster.hostsFile(of: "node-2"), 0o600) == 0)
                    let outcome = try await run(site.script(), environment: site.environment, timeout: .seconds(180))
                    outcome.expectStatus(1)
                    #expect(outcome.text.contains("==> node-1 <==\n") && outcome.text.contains("==> node-3 <==\n"))
                    #expect(!outcome.text.contains("node-2"))
                    #expect(
                        outcome.stderr.contains(
                            """
                            run-once-daemonset: node-2: failed: Error, exit code 1
                            ==> node-2 <==
                            cat-etc-hosts: /node/etc/hosts: Permission denied

                            """))
                    #expect(
                        outcome.lines(with: "not done").map(String.init) == ["run-once-daemonset: not done: node-2"])
                }
                try await site.expectScriptLeftNothing()
            }
        }

        @Test("Ctrl-C to the whole group, and SIGTERM to the script alone: everything is deleted")
        func signals() async throws {
            try await withSite { site in
                let task = "echo result of $NODE; [ $NODE = node-1 ] || \(Site.wait("end"))"
                let first = try site.script("-f", site.manifest("one", task: task))
                let second = try site.script("-f", site.manifest("two", task: task))
                try await withProcess(first, environment: site.environment) { one in
                    try await withProcess(second, environment: site.environment) { two in
                        for script in [one, two] {
                            try await eventually("node-1 is done", within: .seconds(90)) {
                                script.text == "==> node-1 <==\nresult of node-1\n"
                            }
                        }
                        kill(-one.pid, SIGINT)
                        two.send(SIGTERM)
                        for (script, status) in [(one, Int32(130)), (two, 143)] {
                            let outcome = try await script.outcome()
                            outcome.expectStatus(status)
                            #expect(outcome.text == "==> node-1 <==\nresult of node-1\n")
                        }
                    }
                }
                try await site.expectScriptLeftNothing()
            }
        }

        @Test("A quota that takes no pods is named, and so is an image that is nowhere")
        func refused() async throws {
            try await withSite { site in
                let missing = try site.manifest("missing", image: "localhost/none:1")
                try await withProcess(site.script("-f", missing, "-t", "40"), environment: site.environment) { late in
                    try await late.says("node-1 ErrImagePull")
                    try await site.kubectl("create", "quota", "none", "--hard=pods=0")
                    try await eventually("the quota holds") {
                        try await site.kubectl("get", "quota", "none", "-o", "jsonpath={.status.hard.pods}") == "0"
                    }
                    let refused = try site.script("-f", site.manifest("refused"))
                    let outcome = try await run(refused, environment: site.environment, timeout: .seconds(180))
                    outcome.expectStatus(3)
                    #expect(outcome.lines(with: "exceeded quota: none").count == 1, "\(outcome.stderr)")
                    let timedOut = try await late.outcome()
                    timedOut.expectStatus(124)
                    // In the order in which their pods were seen.
                    let told = timedOut.lines(with: "timed out after 40 s; not done: ")
                    let names = told.joined().split(separator: " ").suffix(3).map(String.init)
                    #expect(told.count == 1 && names.sorted() == Cluster.nodes, "\(timedOut.stderr)")
                }
                try await site.expectScriptLeftNothing()
            }
        }
    }
}

extension Site {
    /// Expects that the script has left nothing behind, neither on the cluster nor on this machine.
    fileprivate func expectScriptLeftNothing(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await expectNoObjectLeft(sourceLocation: sourceLocation)
        let files = try names(in: directory).filter { $0.hasPrefix("tmp.") }
        #expect(files == [], sourceLocation: sourceLocation)
    }
}
