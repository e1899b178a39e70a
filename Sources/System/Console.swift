import Glibc

/// What a standard stream may be: a terminal, see isatty(3).
extension Descriptor {
    public var isTerminal: Bool { isatty(number) == 1 }

    /// The width of the terminal in columns, see ioctl_tty(2); nil where nobody knows.
    public var columns: Int? {
        var size = winsize()
        guard ioctl(number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
