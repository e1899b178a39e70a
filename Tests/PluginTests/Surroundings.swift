import Foundation
import Glibc
import TestSupport
import Testing

extension PluginTests {
    private static let done: [FakeAPI.Node] = [.init("a", .done("hi\n"))]

    @Test(
        "Whatever is in the user's surroundings, results are whole and messages are the same",
        arguments: [
            ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"].map {
                ($0, "http://127.0.0.1:1")
            } + [("TMPDIR", ""), ("CURL_HOME", "/none"), ("KUBECTL_TRACE", "1"), ("GOMAXPROCS", "2")],
            [
                ("TMPDIR", "/none"), ("XDG_RUNTIME_DIR", "/none"), ("KUBECONFIG", "kubeconfig"), ("NO_PROXY", ""),
                ("LC_ALL", "C"), ("LANG", "de_DE.UTF-8"),
            ],
        ])
    func variables(variables: [(String, String)]) async throws {
        try await withFakeAPI(nodes: PluginTests.done) { api in
            _ = try api.write("include\nproxy = http://127.0.0.1:1\nheader = \"X: y\"\n", to: "home/.curlrc")
            let outcome = try await api.plugin(environment: Dictionary(variables) { $1 })
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            #expect(outcome.lines.count == 3, "\(outcome.stderr)")
        }
    }

    @Test(
        "A folder for temporary files with blanks and quotes in its name will do; nobody else can enter what is in it"
    )
    func temporaryFolder() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            try api.makeFolders()
            let folder = api.temporary + "/a 'b\" $c"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            try await withProcess(commandLine([]), environment: api.environment().merging(["TMPDIR": folder]) { $1 }) {
                process in
                try await process.says("0 of 1 node done")
                let own = try #require(try TestSupport.names(in: folder).first)
                var status = stat()
                #expect(stat("\(folder)/\(own)", &status) == 0 && status.st_mode & 0o777 == 0o700)
                try await api.play(.done("hi\n"), on: "a")
                try await process.outcome().expectStatus(0)
                #expect(try TestSupport.names(in: folder) == [])
            }
        }
    }

    @Test("A server whose URL has a path, as behind a gateway, is reached where --server names it")
    func serverPath() async throws {
        try await withFakeAPI(nodes: PluginTests.done, settings: .init { $0.prefix = "/k8s/clusters/c-1" }) { api in
            let outcome = try await api.plugin("--server", api.server + "/")
            outcome.expectStatus(0)
            #expect(outcome.text == "==> a <==\nhi\n")
            guard Kubectl.installed.contains(.oldest) else { return }
            let old = try await api.plugin(kubectl: .oldest)
            old.expectStatus(3)
            #expect(
                old.stderr
                    == "error: no cluster can be reached: the server's URL has a path, "
                    + "for which kubectl 1.23 or later is needed\n"
            )
        }
    }

    @Test(
        "What is needed and missing, or too old, is told in one line before anything is created",
        arguments: [
            ("curl", "", "curl 7.75 or later is needed, and can't be started: start curl: No such file or directory"),
            (
                "curl", "echo 'curl 7.74.0 (x86_64-pc-linux-gnu) libcurl/7.74.0'",
                "curl 7.75 or later is needed: this one is 7.74.0"
            ),
            ("curl", "echo nonsense", "curl 7.75 or later is needed: this one is unknown"),
            (
                "kubectl", "",
                "kubectl is needed (1.20 or later), and can't be started: start kubectl: No such file or directory"
            ),
            (
                "kubectl", "echo 'map[apiVersion:apps/v1 kind:DaemonSet]'",
                "kubectl 1.20 or later is needed: this one does not write JSON"
            ),
        ])
    func missing(program: String, script: String, message: String) async throws {
        try await withFakeAPI(nodes: PluginTests.done) { api in
            for name in ["sh", "kubectl", "curl"] {
                try api.writeProgram(name, "#!/bin/sh\nPATH=\(Kubectl.current.path) exec \(name) \"$@\"\n")
            }
            try api.writeProgram(program, "#!/bin/sh\n\(script)\n")
            if script.isEmpty { try FileManager.default.removeItem(atPath: "\(api.programs)/\(program)") }
            let outcome = try await api.plugin(
                "-f", repositoryRoot + "/daemonset.yaml", environment: ["PATH": api.programs])
            outcome.expectStatus(3)
            #expect(outcome.stderr == "error: \(message)\n")
            #expect(try await api.requests.allSatisfy { $0.method == "GET" })
        }
    }

    @Test("A kubectl that asks for a login in mid-run is heard at once, but not what it logs")
    func loginInMidRun() async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            let life = try FIFO(api.directory + "/token-is-old")
            try api.writeProgram(
                "kubectl",
                """
                #!/bin/sh
                if [ "$1" = proxy ]; then
                  { read -r _ <'\(life.path)'
                    echo 'E1125 10:15:02.123456 1 proxy.go:1] error while proxying'
                    echo '2026/11/25 10:15:02 http: proxy error: context canceled'
                    echo 'To sign in, open https://login.example and enter the code ABC'; } >&2 &
                fi
                PATH=\(Kubectl.current.path) exec kubectl "$@"
                """)
            try await api.withPlugin { process in
                try await process.says("0 of 1 node done")
                try life.write("\n")
                try await process.says("To sign in, open https://login.example and enter the code ABC\n")
                try await api.play(.done("hi\n"), on: "a")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(!outcome.stderr.contains("proxy"), "\(outcome.stderr)")
            }
        }
    }

    @Test("A kubectl that asks for a login before it serves is heard")
    func login() async throws {
        try await withFakeAPI(nodes: PluginTests.done) { api in
            let life = try FIFO(api.directory + "/signed-in")
            try api.writeProgram(
                "kubectl",
                """
                #!/bin/sh
                if [ "$1" = proxy ]; then
                  echo 'To sign in, open https://login.example and enter the code ABC' >&2
                  read -r _ <'\(life.path)'
                fi
                PATH=\(Kubectl.current.path) exec kubectl "$@"
                """)
            try await api.withPlugin { process in
                try await process.says("To sign in, open https://login.example and enter the code ABC\n")
                #expect(try await api.requests.allSatisfy { $0.method == "GET" })
                try life.write("\n")
                let outcome = try await process.outcome()
                outcome.expectStatus(0)
                #expect(outcome.lines.count == 4, "\(outcome.stderr)")
            }
        }
    }

    @Test(
        "A token reaches the cluster, and nobody sees it among the programs that run",
        arguments: [(["--token", "s3cret"], true), (["--token=s3cret"], false)])
    func token(token: [String], hasContext: Bool) async throws {
        try await withFakeAPI(nodes: [.init("a", .running)]) { api in
            if !hasContext {
                try "kind: Config".write(toFile: api.kubeconfig, atomically: true, encoding: .utf8)
            }
            let token = token + (hasContext ? [] : ["--server=" + api.server])
            try await withProcess(commandLine(token), environment: api.environment()) { process in
                try await process.says("0 of 1 node done")
                let others = try processes(mentioning: "TMPDIR=" + api.temporary)
                #expect(others.count > 3)
                for pid in others {
                    let line = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
                    #expect(!line.contains("s3cret"), "\(line)")
                }
                // kubectl sends no token to a server without TLS, such as this one: what it knows has to do.
                let proxy = try #require(
                    others.first { pid in
                        let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
                        return line?.hasPrefix("kubectl\0") == true
                    })
                let variables = try String(contentsOfFile: "/proc/\(proxy)/environ", encoding: .utf8)
                let config = try #require(variables.split(separator: "\0").first { $0.hasPrefix("KUBECONFIG=") })
                    .dropFirst(11)
                let user = try await run(
                    ["kubectl", "config", "view", "--raw", "-o", "jsonpath={.users[*].user.token}"],
                    environment: ["KUBECONFIG": String(config), "PATH": Kubectl.current.path])
                #expect(user.text == "s3cret")
                try await api.play(.done("hi\n"), on: "a")
                try await process.outcome().expectStatus(0)
                try await api.expectNothingLeft()
            }
        }
    }

    @Test(
        "A kubeconfig that is missing or wrong, or an option that names what is not in it, is told in one line",
        arguments: Kubectl.installed)
    func kubeconfigs(kubectl: Kubectl) async throws {
        try await withFakeAPI(nodes: PluginTests.done) { api in
            _ = try api.write("clusters: [", to: "broken")
            let cases: [(variables: [String: String], options: [String], words: String)] = [
                (["KUBECONFIG": "/none"], [], "no cluster can be reached: "),
                (["KUBECONFIG": "broken"], [], "error loading config file \"broken\": "),
                ([:], ["--context=nope"], "context \"nope\" does not exist"),
                ([:], ["--request-timeout=x"], "nvalid timeout value"),
            ]
            for (variables, options, words) in cases {
                let outcome = try await api.plugin(options, kubectl: kubectl, environment: variables)
                outcome.expectStatus(3)
                #expect(
                    outcome.lines.count == 1 && outcome.stderr.hasPrefix("error: "),
                    "\(variables) \(options): \(outcome.stderr)")
                #expect(outcome.stderr.contains(words), "\(variables) \(options): \(outcome.stderr)")
            }
            #expect(try await api.requests.allSatisfy { $0.method == "GET" })
        }
    }
}
