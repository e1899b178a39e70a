import CLinux

/// Why a system call failed, in the words of strerror(3), or by its number, such as `error 071`.
///
/// Words have the errors of files, disks and programs that can't be started: those of the C library for all 130 would
/// be a sixteenth of the program.
///
/// - Parameter code: the error number, see errno(3).
/// - Returns: what is valid until it is asked for another number.
public func reason(_ code: Int32) -> CString {
    switch code {
    case EPERM: "Operation not permitted"
    case ENOENT: "No such file or directory"
    case EIO: "I/O error"
    case E2BIG: "Argument list too long"
    case ENOEXEC: "Exec format error"
    case EBADF: "Bad file descriptor"
    case EAGAIN: "Resource temporarily unavailable"
    case ENOMEM: "Out of memory"
    case EACCES: "Permission denied"
    case ENOTDIR: "Not a directory"
    case EISDIR: "Is a directory"
    case EINVAL: "Invalid argument"
    case EMFILE, ENFILE: "Too many open files"
    case ETXTBSY: "Text file busy"
    case ENOSPC: "No space left on device"
    case EROFS: "Read-only file system"
    case EPIPE: "Broken pipe"
    case ENAMETOOLONG: "Filename too long"
    case ELOOP: "Symbolic link loop"
    case EDQUOT: "Quota exceeded"
    default: number(code)
    }
}

private func number(_ code: Int32) -> CString {
    withUnsafeMutableBytes(of: &text) { text in
        var rest = code
        for index in (6...8).reversed() {
            text[index] = UInt8(48 + rest % 10)
            rest /= 10
        }
        return CString(text.baseAddress!.assumingMemoryBound(to: CChar.self))
    }
}

// There is one thread, and one failure that is told.
nonisolated(unsafe) private var text: InlineArray<10, UInt8> = [101, 114, 114, 111, 114, 32, 0, 0, 0, 0]
