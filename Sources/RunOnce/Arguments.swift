import CLinux

/// A command line, or the rest of it: pointers to strings, of which the last is followed by a null pointer.
public struct Arguments {
    /// The arguments in the form that execvp(3) takes.
    public private(set) var vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    /// - Parameter vector: `argv` as the C library passes it to the program's entry point.
    public init(_ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        self.vector = vector
    }

    /// The first argument, nil where there is none left.
    public var first: CString? {
        vector.pointee.map { CString($0) }
    }

    /// Goes on to the next argument, where there is one.
    public mutating func removeFirst() {
        if vector.pointee != nil { vector += 1 }
    }

    /// The value of an option that was just taken: what follows its `=`, or else the next argument, which is taken.
    ///
    /// - Returns: nil where there is none.
    @inline(never)  // or else it is in the program many times
    public mutating func value(of option: CString) -> CString? {
        if let value = option.following(61) { return value }
        defer { removeFirst() }
        return first
    }
}

extension CString {
    /// Whether it is this option, such as `--stdin`, or begins with it and `=`.
    @inline(never)  // or else it is in the program many times
    public func isOption(_ name: CString) -> Bool {
        guard let rest = dropping(prefix: name) else { return false }
        return rest.count == 0 || rest.start.pointee == 61
    }
}
