import CGlibc
import Glibc

/// The program's arguments, without its name; nil for one that is no text in UTF-8.
public func programArguments() -> [String?] {
    (1..<max(program_argument_count(), 1)).map { String(validatingCString: program_argument($0)) }
}

/// Has everybody who lists this machine's programs see stars in place of an argument, from a byte of it on.
///
/// - Parameter index: 0 for the first after the program's name.
public func hideProgramArgument(_ index: Int, from start: Int) {
    hide_program_argument(Int32(index + 1), Int32(start))
}

/// Ends this program.
public func endProgram(_ status: Int32) -> Never { exit(status) }
