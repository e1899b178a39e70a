/// The version of everything in this package, see https://semver.org.
public let programVersion: StaticString = "0.1.0"
