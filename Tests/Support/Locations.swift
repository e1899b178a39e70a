import Foundation

/// The folder that holds `Package.swift`.
public let repositoryRoot = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// The folder of the test executable that runs now: the package's built products are beside it.
public let productsDirectory = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().path
