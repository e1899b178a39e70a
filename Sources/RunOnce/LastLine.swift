import CLinux

/// Ends a terminal's last line, where it has no end.
///
/// A container runtime passes a terminal's text on line by line, and takes it for complete only when the container
/// ends, whoever has the terminal open: a last line without a newline would stay behind. The kernel knows where the
/// cursor is. With these settings, see termios(3), it leaves a carriage return out at the start of a line, and makes a
/// newline of it elsewhere.
///
/// - Parameter output: what is no terminal is left alone.
/// - Throws: `Failure` as write(2) fails.
func endLastLine(of output: borrowing Descriptor) throws(Failure) {
    var settings = termios()
    guard tcgetattr(output.number, &settings) == 0 else { return }
    let flags = settings.c_oflag
    settings.c_oflag |= tcflag_t(OPOST | OCRNL | ONOCR)
    guard tcsetattr(output.number, TCSANOW, &settings) == 0 else { return }
    settings.c_oflag = flags
    defer { tcsetattr(output.number, TCSANOW, &settings) }
    try output.write("\r")
}
