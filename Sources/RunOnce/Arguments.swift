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
}
