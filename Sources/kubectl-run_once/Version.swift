/// The version of this program, see https://semver.org.
let programVersion = "0.1.0"
