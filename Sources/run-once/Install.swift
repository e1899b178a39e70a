import CLinux
import RunOnce

/// Copies this program to `directory/run-once`, executable by everyone.
///
/// The copy appears at once and whole: it is written under another name first.
///
/// - Throws: `Failure` where the directory can't be written to, or the program not be read from /proc.
func installProgram(in directory: CString) throws(Failure) {
    let target = try Descriptor.open(directory, O_RDONLY | O_DIRECTORY)
    let source = try Descriptor.open("/proc/self/exe", O_RDONLY)
    let copy = try Descriptor.open(
        ".run-once.new", O_WRONLY | O_CREAT | O_TRUNC, in: target, name: directory)
    try RunOnce.copy(from: source, to: copy)
    try copy.setMode(0o755)
    try copy.close()
    try target.rename(".run-once.new", to: "run-once")
}
