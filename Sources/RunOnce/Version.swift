/// The version of everything in this package, see https://semver.org.
public let version: CString = "0.1.0"
