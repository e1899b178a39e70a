// swift-tools-version: 6.2
import PackageDescription

// Release/agents builds them. Without them the plugin takes an image that holds them.
let embedsAgents = Context.environment["EMBED_AGENTS"] == "1"

// Optimized in each build: the tests hash megabytes with Seal, play thousands of runs with RunLogic, and start the
// plugin hundreds of times.
let fast: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
    name: "run-once-daemonset",
    products: [
        .executable(name: "cat-etc-hosts", targets: ["cat-etc-hosts"]),
        .executable(name: "run-once", targets: ["run-once"]),
        .executable(name: "kubectl-run_once", targets: ["kubectl-run_once"]),
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .target(name: "Version"),
        .target(name: "Seal", swiftSettings: fast),
        .target(name: "RunOnce", dependencies: ["CLinux", "Seal", "Version"]),
        .executableTarget(name: "cat-etc-hosts", dependencies: ["RunOnce"]),
        .executableTarget(name: "run-once", dependencies: ["RunOnce"]),
        .target(name: "RunLogic", swiftSettings: fast),
        .target(name: "CGlibc"),
        .target(name: "System", dependencies: ["CGlibc"], swiftSettings: fast),
        .target(
            name: "EmbeddedAgents",
            exclude: embedsAgents ? [] : ["Files"],
            resources: embedsAgents
                ? ["cat-etc-hosts-amd64", "cat-etc-hosts-arm64", "run-once-amd64", "run-once-arm64"].map {
                    .embedInCode("Files/\($0)")
                } : [],
            swiftSettings: embedsAgents ? [.define("EMBEDS_AGENTS")] : []),
        .target(
            name: "Orchestrator", dependencies: ["EmbeddedAgents", "RunLogic", "Seal", "System"],
            resources: [
                .embedInCode("BuiltInManifests/daemonset.json"), .embedInCode("BuiltInManifests/any-command.json"),
                .embedInCode("BuiltInManifests/host-command.json"),
            ], swiftSettings: fast),
        .executableTarget(
            name: "kubectl-run_once",
            dependencies: ["EmbeddedAgents", "Orchestrator", "RunLogic", "System", "Version"],
            exclude: ["kubectl_complete-run_once"]),
        .systemLibrary(name: "CTestSupport", path: "Tests/CTestSupport"),
        .target(name: "TestSupport", dependencies: ["CTestSupport"], path: "Tests/Support"),
        .testTarget(name: "SealTests", dependencies: ["Seal"]),
        .testTarget(name: "RunOnceTests", dependencies: ["RunOnce", "TestSupport"]),
        .testTarget(name: "AgentTests", dependencies: ["Seal", "TestSupport", "Version", "cat-etc-hosts", "run-once"]),
        .testTarget(name: "RunLogicTests", dependencies: ["RunLogic"]),
        .testTarget(
            name: "OrchestratorTests", dependencies: ["Orchestrator", "RunLogic", "Seal", "System", "TestSupport"]),
        .testTarget(
            name: "PluginTests",
            dependencies: ["Orchestrator", "RunLogic", "TestSupport", "Version", "kubectl-run_once"]),
        .testTarget(name: "FakeAPITests", dependencies: ["TestSupport"]),
        .testTarget(name: "ClusterTests", dependencies: ["TestSupport", "kubectl-run_once"]),
        .testTarget(
            name: "ScriptTests", dependencies: ["TestSupport", "cat-etc-hosts"]),
    ]
)
