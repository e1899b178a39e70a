import CLinux
import RunOnce

/// Copies this program to `directory/run-once`, executable by everyone.
///
/// The copy appears at once and whole: it is written to a new file first, under a name that nobody else has.
///
/// - Throws: `Failure` where the directory can't be written to, or the program not be read from /proc. Then
///   nothing of the copy is left.
func installProgram(in directory: CString) throws(Failure) {
    let target = try Descriptor.open(directory, O_RDONLY | O_DIRECTORY)
    let source = try Descriptor.open("/proc/self/exe", O_RDONLY)
    var number = getpid()
    while try !Decimal(number, after: ".run-once.").withText({ name throws(Failure) in
        try install(source, in: target, by: name)
    }) { number += 1 }
}

/// - Returns: false where there is a file with the new name already, which is left alone.
private func install(
    _ source: borrowing Descriptor, in target: borrowing Descriptor, by name: CString
) throws(Failure) -> Bool {
    let copy: Descriptor
    do {
        copy = try target.open(name, O_WRONLY | O_CREAT | O_EXCL)
    } catch {
        if error.code == EEXIST { return false }
        throw error
    }
    do {
        try RunOnce.copy(from: source, to: copy)
        try copy.setMode(0o755)
        try copy.close()
        try target.rename(name, to: "run-once")
        return true
    } catch {
        try? target.remove(name)
        throw error
    }
}
