import CLinux

/// The terminal that this program has in the foreground, as `tty: true` gives it to a container.
///
/// A process group that reads from a terminal, or sets it, in the background is stopped by the kernel for ever, see
/// tcsetpgrp(3). So the command's group gets the terminal, and this one takes it back, for whoever comes next and
/// for the keys that stop programs.
struct Terminal {
    private let number: Int32

    /// Nil where no standard stream is such a terminal.
    init?() {
        for number: Int32 in 0...2 where tcgetpgrp(number) == getpgrp() {
            self.number = number
            return
        }
        return nil
    }

    /// Gives the terminal to the calling process's group, which has SIGTTOU blocked.
    ///
    /// A terminal that was closed meanwhile can't be given, and needs not be.
    @inline(never)  // or else it is in the program many times
    func take() {
        _ = tcsetpgrp(number, getpgrp())
    }
}
