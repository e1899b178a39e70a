// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "run-once-daemonset",
    products: [
        .executable(name: "cat-etc-hosts", targets: ["cat-etc-hosts"])
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .target(name: "RunOnce", dependencies: ["CLinux"]),
        .executableTarget(name: "cat-etc-hosts", dependencies: ["RunOnce"]),
    ]
)
